"""The same work side by side with what people write today."""
