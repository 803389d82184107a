"""Measurements: the forward pass, the store, and what is computed from the arrays."""
