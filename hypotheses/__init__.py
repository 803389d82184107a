"""Ask a neural network why, and get evidence: statistical claims about a classifier, one question a module."""
