"""Named training recipes: everything about a training but its images, classes and seed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from why_bird.networks.network import Stem


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training procedure. Networks of one recipe that differ only in their seed are replicates.

    Stochastic gradient descent with Nesterov momentum; the rate rises linearly to its peak and falls
    linearly to zero. Images are flipped, and cropped after reflection padding. Early epochs may run on
    smaller images (progressive resizing, as in fast.ai's DAWNBench entry of 2018), which costs less and
    leaves the network, which pools globally, unchanged.
    """

    name: str
    stem: Stem
    epochs: int
    batch: int
    """Images a step."""
    peak: float
    """Highest learning rate."""
    warmup: float = 0.2
    """Share of the steps before the peak."""
    momentum: float = 0.9
    weight_decay: float = 5e-4
    """Weight decay acts on every parameter, as PyTorch's default does."""
    padding: int = 4
    """Pixels of reflection padding before the random crop."""
    small_epochs: int = 0
    small_size: int = 0
    """The first ``small_epochs`` epochs run at ``small_size`` pixels."""
    middle_epochs: int = 0
    middle_size: int = 0
    """The ``middle_epochs`` epochs after them run at ``middle_size`` pixels."""

    def hash(self) -> str:
        """Return a short content hash: networks with the same one were trained by the same recipe."""
        content = asdict(self)
        if not (self.middle_epochs or self.middle_size):  # a recipe without them keeps the hash that it had before
            del content["middle_epochs"], content["middle_size"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of ``step`` out of ``steps``."""
        rise = max(1, round(self.warmup * steps))
        return self.peak * min((step + 1) / rise, (steps - step) / max(1, steps - rise))

    def size(self, epoch: int, full: int) -> int:
        """Return the image size of an epoch, in pixels."""
        if epoch < self.small_epochs:
            return self.small_size
        return self.middle_size if epoch < self.small_epochs + self.middle_epochs else full


RECIPES = {
    # The post's accuracy with the full-resolution stem.
    "post": Recipe("post", "full", epochs=20, batch=128, peak=0.1, small_epochs=8, small_size=24),
    # Two classes have a fifth of the images: minutes, with the resolution halved early.
    "pair": Recipe("pair", "pool", epochs=20, batch=128, peak=0.1),
    # Replicates, a few minutes each on one core: the stock stem sees 32×32 images at an eighth of the cost
    # of the full-resolution one. Two classes have a fifth of the images, hence the more epochs.
    "cheap": Recipe("cheap", "imagenet", epochs=5, batch=128, peak=0.1),
    "cheap-pair": Recipe("cheap-pair", "imagenet", epochs=12, batch=128, peak=0.1),
    # The post's accuracy in half an hour of one core: half the channels, small images first.
    "accurate": Recipe(
        "accurate", "narrow", 20, 128, 0.1, small_epochs=5, small_size=16, middle_epochs=6, middle_size=24
    ),
    # Fine-tuning of ImageNet weights, as the post did: stock stem, low rate.
    "finetune": Recipe("finetune", "imagenet", epochs=10, batch=128, peak=0.01),
}
