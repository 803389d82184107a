"""The penultimate units: what excites each, what each carries, and what happens without it.

In all of its modules `features` are (N, D), `weight` is the head's, (K, D), `balanced` is μ₀, (D,), the mean of the
class means, and units are (m,) int arrays of their places.
"""
