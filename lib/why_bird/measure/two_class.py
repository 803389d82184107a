"""A network of two classes, and what it makes of images of classes that it never saw."""

from __future__ import annotations

import numpy as np

from why_bird.errors import Unavailable
from why_bird.measure.class_manifolds import LEAST
from why_bird.measure.dimension.participation import ParticipationRatio, participation_ratio
from why_bird.measure.dimension.points import Degenerate
from why_bird.measure.measurement import measurement, stored
from why_bird.measure.passes import Answers, answers
from why_bird.measure.stored import Stored
from why_bird.measure.subject import Subject

__all__ = ["TwoClass"]

PER_CLASS = 1_000
"""At most so many test images a class measure its dimensions."""


class TwoClass(Subject):
    """A two-class network with its measurements; see :class:`Subject`.

    Its claims ask for its own test images, for those of the classes that it never saw, and for noise-A and noise-B.
    """

    @measurement()
    def unseen_classes(self) -> tuple[str, ...]:
        """Names of the classes that it never saw."""
        return self.planned.unseen_classes

    @measurement()
    def cat(self) -> int:
        """Index of the class that the post's network called most of what it never saw."""
        return self.class_index("cat")

    @stored(shipped=True)
    def unseen(self) -> Stored[Answers]:
        """Answers on test images of the classes that it never saw, labelled by their place in `unseen_classes`."""
        return answers(self.network, self.planned.unseen)

    @measurement(Subject.test_images)
    def participation(self) -> tuple[ParticipationRatio, ...]:
        """How many dimensions each of its two classes spans, in the penultimate features of test images."""
        self.network.require_head()
        test = self.test_images
        if test.features is None or test.truth is None:
            raise Unavailable("no features were kept of this network")
        found = []
        for c, name in enumerate(self.classes):
            rows = np.flatnonzero(test.truth == c)[:PER_CLASS]
            if len(rows) < LEAST:
                raise Unavailable(f"the class {name} has {len(rows)} test images: its dimensions need {LEAST}")
            try:
                found.append(participation_ratio(test.features[rows], f"the test images of {name}"))
            except Degenerate as error:
                raise Unavailable(f"the dimensions of a class: {error}") from None
        return tuple(found)
