"""The manifold of a class: its dimensions, its clusters, and the subspace that it spans.

Points are (n, p) arrays of float in all of its modules; ``name`` says what they are, for messages. Too few of them, or
numbers that are not finite, are a ValueError; where they have too little spread for a measure to exist, it is
:class:`~why_bird.measure.dimension.points.Degenerate`.
"""
