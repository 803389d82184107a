"""The manifold of a class: its dimensions, its clusters, and the subspace that it spans."""
