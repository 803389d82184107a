"""Networks: architectures, safe checkpoint loading, the split into body and head, training."""
