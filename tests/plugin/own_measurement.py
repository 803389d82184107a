"""A pytest plugin as a repository of one's own would hold it: a measurement with images of its own, in one file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from why_bird.fixtures.measurements import fixture_of
from why_bird.images.image_set import ImageSet
from why_bird.measure.classifier import Classifier
from why_bird.measure.forward import reader
from why_bird.measure.measurement import stored
from why_bird.measure.passes import Answers, Pass, answers
from why_bird.measure.stored import Stored


@dataclass(frozen=True)
class Inverted:
    """The negatives of images."""

    source: ImageSet

    def images(self, start: int, stop: int) -> NDArray[np.float32]:
        return 1 - reader(self.source)(start, stop)


@stored()
def negatives(subject: Classifier) -> Stored[Answers]:
    """Answers on the negatives of the test images."""
    test, read = subject.planned.test, subject.planned.test.read
    source = {**test.source, "inverted": True}
    return answers(
        subject.network, Pass("negatives", source, test.count, None if read is None else lambda: Inverted(read()))
    )


given = fixture_of(negatives)
