"""Training images without something that may make noise fall into its class, or with it moved to another class.

Pixels are (N, H, W, 3) uint8 arrays in all of them.
"""
