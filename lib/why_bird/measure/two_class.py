"""A network of two classes, and what it makes of images of classes that it never saw."""

from __future__ import annotations

from why_bird.measure.measurement import measurement, stored
from why_bird.measure.passes import Answers, answers
from why_bird.measure.stored import Stored
from why_bird.measure.subject import Subject


class TwoClass(Subject):
    """A two-class network with its measurements; see :class:`Subject`.

    Its claims ask for its own test images, for those of the classes that it never saw, and for noise-A and noise-B.
    """

    @measurement()
    def unseen_classes(self) -> tuple[str, ...]:
        """Names of the classes that the two-class network never saw."""
        return self.planned.unseen_classes

    @measurement()
    def cat(self) -> int:
        """Index of cat, the class that the post's two-class network called most of the unseen images."""
        return self.class_index("cat")

    @stored(shipped=True)
    def unseen(self) -> Stored[Answers]:
        """Answers on test images of the classes that the two-class network never saw, labelled by `unseen_classes`."""
        return answers(self.network, self.planned.unseen)
