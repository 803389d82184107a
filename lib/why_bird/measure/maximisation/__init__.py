"""Images that excite a unit of the penultimate layer as much as possible, made for it."""
