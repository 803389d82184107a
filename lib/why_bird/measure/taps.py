"""What a network says of images besides its logits: the input of its head, and the means of its inner stages."""

from __future__ import annotations

from typing import Literal, get_args

from why_bird.networks.network import Network, Unbuilt

Tap = Literal["logits", "features", "stages"]
TAPS: tuple[Tap, ...] = get_args(Tap)
LOGITS: tuple[Tap, ...] = ("logits",)
STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
"""Names of the pooled stages of a ResNet, from the pixels to the features."""
PENULTIMATE = "penultimate"
"""Name of the space of the features."""


def has_stages(network: Network) -> bool:
    """Return whether the network has the stages of a ResNet, so that they can be tapped."""
    if isinstance(network.source, Unbuilt):
        return network.source.has_stages
    from why_bird.measure.answering import stages_in

    return bool(stages_in(network.source))
