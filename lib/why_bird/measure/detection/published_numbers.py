"""Published numbers on noise against CIFAR-10, each with how its protocol differs from ours."""

from __future__ import annotations

from dataclasses import dataclass, fields

from why_bird.measure.detection.quality import Quality

HENDRYCKS_GAUSSIAN = "Hendrycks's Gaussian"
ODIN_GAUSSIAN = "ODIN's Gaussian"
ODIN_UNIFORM = "ODIN's uniform"

_METRICS = tuple(field.name for field in fields(Quality))


@dataclass(frozen=True, slots=True)
class Published:
    """One published number on a network trained on CIFAR-10.

    Raises ValueError if the metric is unknown or the value is no share.
    """

    source: str
    """Who published it, and where it stands."""
    network: str
    noise: str
    """Name of the noise that comes nearest among those measured here."""
    detector: str
    """Name of the score, as in ``DETECTORS``."""
    metric: str
    """Name of the field of :class:`Quality`."""
    value: float
    """From 0 to 1."""
    difference: str
    """How the protocol differs from ours, in one sentence."""

    def __post_init__(self) -> None:
        if self.metric not in _METRICS or not 0.0 <= self.value <= 1.0:
            raise ValueError(f"{self.metric} {self.value!r} is none of {', '.join(_METRICS)} from 0 to 1")


_FIRST = "Hendrycks and Gimpel (ICLR 2017), table 2"
_FIRST_DIFFERENCE = (
    "Only images that are classified rightly are held against the noise, which is N(0, .5²) in place of an image minus "
    "the mean image, unclipped (github.com/hendrycks/error-detection)."
)
_ODIN = "Liang, Li and Srikant (ICLR 2018), table 2, baseline"
_ODIN_DIFFERENCE = (
    "9,000 test images against 9,000 draws, where ours are 10,000 against 50; the noise and the numbers are defined "
    "alike (github.com/facebookresearch/odin)."
)
_EXPOSURE = "Hendrycks, Mazeika and Dietterich (ICLR 2019), baseline"
_EXPOSURE_DIFFERENCE = (
    "The noise is N(0, .5²) clipped to ±1 in place of a normalised image, about a third as strong as ours on the "
    "image scale; 2,000 draws are held against all test images (github.com/hendrycks/outlier-exposure)."
)

PUBLISHED: tuple[Published, ...] = (
    *(
        Published(_FIRST, "WRN-40-4", HENDRYCKS_GAUSSIAN, "MSP", metric, value, _FIRST_DIFFERENCE)
        for metric, value in (("auroc", 0.97), ("aupr_in", 0.98), ("aupr_out", 0.95))
    ),
    *(
        Published(_ODIN, network, noise, "MSP", "auroc", value, _ODIN_DIFFERENCE)
        for network, noise, value in (
            ("Wide-ResNet", ODIN_GAUSSIAN, 0.995),
            ("Wide-ResNet", ODIN_UNIFORM, 0.992),
            ("DenseNet-BC", ODIN_GAUSSIAN, 0.975),
            ("DenseNet-BC", ODIN_UNIFORM, 0.965),
        )
    ),
    *(
        Published(_EXPOSURE, network, HENDRYCKS_GAUSSIAN, "MSP", metric, value, _EXPOSURE_DIFFERENCE)
        for network, numbers in (("WRN-40-2", (0.947, 0.144)), ("AllConv", (0.910, 0.191)))
        for metric, value in zip(("auroc", "fpr95_noise"), numbers, strict=True)
    ),
)
"""What was published for a score and a noise that are measured here. OpenOOD's numbers are of other data."""
