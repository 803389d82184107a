"""The noise that passes through a network: the post's, its other forms, a family of settings, 1/f²."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property

from why_bird.images.box import Setting, SettingsInTurn, corners, draw_settings
from why_bird.images.noise import Noise, Params
from why_bird.images.published_noise import (
    hendrycks_gaussian,
    odin_gaussian,
    odin_uniform,
    post,
    spectral,
)
from why_bird.measure.detection.published_numbers import HENDRYCKS_GAUSSIAN, ODIN_GAUSSIAN, ODIN_UNIFORM
from why_bird.measure.inputs import Inputs
from why_bird.measure.passes import Pass
from why_bird.measure.taps import Tap

CONTRASTS = (0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
"""Of the post's noise, in standard deviations of the training images."""

SETTINGS, PER_SETTING, PER_CORNER = 300, 40, 125
LARGER, PLACEBO, SPECTRUM_A, SPECTRUM_B = 250, 1_000, 500, 2_000
WEAK, PER_CONTRAST, SENSITIVITY, PUBLISHED = 400, 75, 250, 50
"""Of half the contrast, which a claim is about, and of what stands beside claims: each other contrast, each other form
of the post's noise, each noise of other authors."""


@dataclass(frozen=True, eq=False)
class NoisePasses:
    """Draws of noise at the size that a network takes."""

    inputs: Inputs
    """Give the moments of the noise and its seed."""
    size: int
    """Pixels."""

    def post(self, role: str, count: int, taps: tuple[Tap, ...]) -> Pass:
        """Return a draw of the post's noise."""
        return self._drawn(post(*self._moments, self.size, self.inputs.seed, role), count, taps)

    @property
    def _moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        return self.inputs.identity.mean, self.inputs.identity.std

    @cached_property
    def sensitivity(self) -> dict[str, Pass]:
        """The post's noise in other forms, by name."""
        moments, seed = self._moments, self.inputs.seed
        noises = {
            "clipped and rounded to 8 bits": post(*moments, self.size, seed, "B", "round8"),
        }
        if self.size > 32:
            noises["drawn at 32 pixels, then resized"] = post(*moments, 32, seed, "B")
        return {form: self._drawn(noise, SENSITIVITY) for form, noise in noises.items()}

    def published(self, taps: tuple[Tap, ...]) -> dict[str, Pass]:
        """Return draws of noises that others told from CIFAR-10's images, by the names that they have there."""
        given = (self.size, self.inputs.seed, "B", len(self.inputs.identity.mean))
        noises = {
            HENDRYCKS_GAUSSIAN: hendrycks_gaussian(*given),
            ODIN_GAUSSIAN: odin_gaussian(*given),
            ODIN_UNIFORM: odin_uniform(*given),
        }
        return {name: self._drawn(noise, PUBLISHED, taps) for name, noise in noises.items()}

    @cached_property
    def settings(self) -> Pass:
        """The registered family of noises, some images of each setting."""
        drawn = draw_settings(self.inputs.few(SETTINGS), self.inputs.seed)
        return self._in_turn(drawn, PER_SETTING, f"{len(drawn)} settings of noise")

    @cached_property
    def corners(self) -> Pass:
        """The corners of that family's box, some images of each."""
        return self._in_turn(corners(), self.inputs.few(PER_CORNER), "noise at the corners of the box of settings")

    def _in_turn(self, settings: list[Setting], each: int, label: str) -> Pass:
        noises = tuple(setting.noise(*self._moments, self.size, self.inputs.seed) for setting in settings)
        # By their hash: what they are follows from the seed, and an entry with all of them has thousands of lines.
        which = hashlib.sha256(json.dumps([noise.key() for noise in noises], sort_keys=True).encode()).hexdigest()
        source = {"settings": len(noises), "which": which, "each": each}
        return Pass(label, source, len(noises) * each, lambda: SettingsInTurn(noises, each))

    @cached_property
    def placebo(self) -> Pass:
        """Unusual images of another kind: 1/f² noise, whose statistics are not those of white noise."""
        drawn = spectral(2.0, *self._moments, self.size, self.inputs.seed, "U4/placebo")
        return self._drawn(drawn, PLACEBO)

    @cached_property
    def contrasts(self) -> dict[float, Pass]:
        """The post's noise, weaker and stronger: one draw, at each of :data:`CONTRASTS` but 1, which is noise-B."""
        drawn = post(*self._moments, self.size, self.inputs.seed, "contrasts/B")
        counts = {each: WEAK if each == 0.5 else PER_CONTRAST for each in CONTRASTS if each != 1.0}
        return {each: self._drawn(replace(drawn, params=Params(contrast=each)), n) for each, n in counts.items()}

    @cached_property
    def larger(self) -> Pass:
        """The post's noise at twice the side."""
        drawn = post(*self._moments, 2 * self.size, self.inputs.seed, "larger/B")
        return self._drawn(drawn, LARGER, ("logits", "features"))

    @cached_property
    def natural(self) -> tuple[Pass, Pass]:
        """1/f² noise: the draws that choose a class, and those that test."""

        def draw(role: str, count: int) -> Pass:
            return self._drawn(spectral(2.0, *self._moments, self.size, self.inputs.seed, role), count)

        return draw("P8/A", SPECTRUM_A), draw("P8/B", SPECTRUM_B)

    def _drawn(self, noise: Noise, count: int, taps: tuple[Tap, ...] = ("logits",)) -> Pass:
        many = self.inputs.few(count)
        return Pass(noise.describe(), {**noise.key(), "count": many}, many, lambda: noise, taps)
