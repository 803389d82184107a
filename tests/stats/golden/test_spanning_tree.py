"""The minimum spanning tree and its bottleneck against R's igraph."""

import numpy as np

from why_bird.measure.proximity import bottleneck, spanning_tree

from .reference import each


@each("bottleneck")
def test_bottleneck_of_the_spanning_tree(case):
    distances = np.array(case["distances"])
    # R: igraph::mst, and the longest edge of igraph::shortest_paths in the tree
    assert bottleneck(distances, case["start"], case["end"]) == case["bottleneck"]
    tree = spanning_tree(distances, tuple(map(str, range(len(distances)))))
    assert [weight for _, _, weight in tree] == case["tree_weights"]
