"""Figures of the evidence, one a file, drawn from stored measurements."""
