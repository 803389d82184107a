"""How much room a class takes up: its dimensions, its clusters, and the subspace that it spans."""
