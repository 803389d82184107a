"""Statistics: estimates with their intervals, verdicts, and the error budget."""
