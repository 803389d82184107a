"""What each verdict says, in words of the post's guesses: one clause a claim for each way it can be decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["CLAUSES", "Clauses", "clause"]


@dataclass(frozen=True, slots=True)
class Clauses:
    """What is so where a claim is confirmed, and where it is rejected.

    A rejection says that the threshold is not reached, never that the opposite holds: where a clause names no number it
    says *clearly*. ``{target}`` stands for the class of noise. An open claim asks whether what would confirm it is so.
    """

    holds: str
    fails: str


CLAUSES = {
    "P1": Clauses(
        "the network is about as accurate as the post's", "the network is not about as accurate as the post's"
    ),
    "P2": Clauses(
        "more than nine tenths of the noise falls into one class, {target}",
        "no more than nine tenths of the noise falls into {target}",
    ),
    "P3": Clauses(
        "more than nine tenths of the noise is called bird", "no more than nine tenths of the noise is called bird"
    ),
    "P4": Clauses(
        "the predictions on noise are not spread over the classes",
        "the predictions on noise are spread over the classes, with at least nine tenths of the largest entropy",
    ),
    "P5": Clauses(
        "most networks of this recipe put noise into bird",
        "at most half of the networks of this recipe put noise into bird",
    ),
    "P6": Clauses(
        "in more than nine tenths of a family of noise settings at least half of the noise falls into {target}",
        "in no more than nine tenths of a family of noise settings does at least half of the noise fall into {target}",
    ),
    "P7": Clauses(
        "no noise of that family leaves {target}",
        "a search found noise of that family of which no more than half falls into {target}",
    ),
    "P8": Clauses(
        "white noise collapses into one class by more than half of the images more than noise with a natural spectrum",
        "white noise does not collapse by more than half of the images more than noise with a natural spectrum",
    ),
    "X1": Clauses(
        "{target} is the class nearest to noise in centred cosine distance",
        "{target} is not clearly the class nearest to noise in centred cosine distance",
    ),
    "X2": Clauses(
        "noise is closer to {target} than half the mean distance between two classes",
        "noise is no closer to {target} than half the mean distance between two classes",
    ),
    "X3": Clauses(
        "the minimum spanning tree joins noise to {target}",
        "the minimum spanning tree does not clearly join noise to {target}",
    ),
    "X4": Clauses(
        "bird is the class nearest to noise in raw cosine distance, as the post measured it",
        "bird is not clearly the class nearest to noise in raw cosine distance, as the post measured it",
    ),
    "C1": Clauses(
        "cat images are more cluttered than dog images", "cat images are not clearly more cluttered than dog images"
    ),
    "C2": Clauses(
        "bird images are more cluttered than those of every other class",
        "bird images are not clearly more cluttered than those of every other class",
    ),
    "C3": Clauses("clutter pulls an image towards {target}", "clutter does not clearly pull an image towards {target}"),
    "C4": Clauses(
        "the clutter of a class predicts its logit on noise",
        "the clutter of a class does not clearly predict its logit on noise",
    ),
    "C5": Clauses(
        "the definitions of clutter agree on the order of the classes",
        "the definitions of clutter do not clearly agree on the order of the classes",
    ),
    "D1": Clauses(
        "{target} spans more feature dimensions than every other class",
        "{target} does not span clearly more feature dimensions than every other class",
    ),
    "D2": Clauses(
        "noise lies closer to the feature subspace of {target} than to that of every other class",
        "noise does not lie clearly closer to the feature subspace of {target} than to that of every other class",
    ),
    "D3": Clauses(
        "more than half of the noise lies inside the feature cluster of {target} and outside that of each other class",
        "noise does not clearly lie inside the feature cluster of {target} and of no other class",
    ),
    "D4": Clauses(
        "bird images span more pixel dimensions than those of every other class",
        "bird images do not span clearly more pixel dimensions than those of every other class",
    ),
    "D5": Clauses(
        "bird images reach further from their centroids in pixels than those of every other class",
        "bird images do not reach clearly further from their centroids in pixels than those of every other class",
    ),
    "B0": Clauses(
        "more than nine tenths of the bird images have borders noisier than the median image",
        "no more than nine tenths of the bird images have borders noisier than the median image",
    ),
    "B1": Clauses(
        "the borders of bird images are noisier than those of every other class",
        "the borders of bird images are not clearly noisier than those of every other class",
    ),
    "B2": Clauses(
        "noise at the border pushes an image towards {target} more than blur and flat fill do",
        "noise at the border does not push an image towards {target} clearly more than both blur and flat fill do",
    ),
    "B3": Clauses(
        "noise at the border pushes an image towards {target} more than towards every other class",
        "noise at the border does not push an image towards {target} clearly more than towards every other class",
    ),
    "B4": Clauses(
        "the borders of the birds in training make bird the class of noise",
        "the borders of the birds in training do not clearly make bird the class of noise",
    ),
    "B5": Clauses(
        "white noise over a whole image pushes it towards {target} more than smooth noise does, and more than towards "
        "every other class",
        "white noise over a whole image does not push it towards {target} clearly more than smooth noise "
        "does, and more "
        "than towards every other class",
    ),
    "B6": Clauses(
        "the fine detail of a class's training images makes it the class of noise",
        "the fine detail of a class's training images does not clearly make it the class of noise",
    ),
    "Z1": Clauses(
        "bird does not have the highest output bias", "bird has the highest output bias, or is level with it"
    ),
    "Z2": Clauses(
        "more than a tenth of the noise leaves {target} without the output bias",
        "no more than a tenth of the noise leaves {target} without the output bias",
    ),
    "Z3": Clauses(
        "noise is closer to one single point of feature space than the images of any class are",
        "noise is not clearly closer to one single point of feature space than the images of every class are",
    ),
    "Z4": Clauses(
        "an image's feature vector is mostly longer than that of noise",
        "an image's feature vector is not clearly longer than that of noise",
    ),
    "Z5": Clauses(
        "the network reverts to the best constant answer on noise",
        "the network does not revert to the best constant answer on noise",
    ),
    "Z6": Clauses(
        "the output bias carries more than half of the lead that {target} has on noise",
        "the output bias carries no more than half of the lead that {target} has on noise",
    ),
    "U1": Clauses(
        "noise leaves {target} more without its strongest units than without matched random units",
        "noise does not leave {target} clearly more without its strongest units than without matched random units",
    ),
    "U2": Clauses(
        "noise excites the units of {target} more than those of every other class",
        "noise does not excite the units of {target} clearly more than those of every other class",
    ),
    "U3": Clauses(
        "shuffled images of {target} stay in it more than those of other classes stay in theirs",
        "shuffled images of {target} do not stay in it clearly more than those of every other class stay in theirs",
    ),
    "U4": Clauses(
        "the largest class holds less noise than {target} did, by more than half of it all, with normalisation "
        "statistics of noise",
        "the largest class does not hold less noise than {target} did by more than half of it all, with normalisation "
        "statistics of noise",
    ),
    "K1": Clauses(
        "each class that it never saw, but the horse, is called cat more than seven times in ten",
        "a class that it never saw, beside the horse, is called cat no more than seven times in ten",
    ),
    "K2": Clauses(
        "horses are called dog more than six times in ten", "horses are called dog no more than six times in ten"
    ),
    "K3": Clauses("noise is called cat", "noise is not called cat as often as was asked"),
    "K4": Clauses(
        "clutter pulls unseen classes towards cat", "clutter does not clearly pull unseen classes towards cat"
    ),
    "K5": Clauses(
        "cat images span more feature dimensions than dog images",
        "cat images do not span clearly more feature dimensions than dog images",
    ),
    "O1": Clauses(
        "the energy score tells noise from images", "the energy score does not clearly tell noise from images"
    ),
    "O2": Clauses(
        "the maximum softmax probability tells noise from images",
        "the maximum softmax probability does not clearly tell noise from images",
    ),
    "O3": Clauses(
        "a score of the features tells noise from images better than the maximum softmax probability",
        "a score of the features does not tell noise from images clearly better than the maximum softmax probability",
    ),
}


def clause(claim: dict[str, Any]) -> str:
    """Return what the verdict of a claim says.

    Parameters
    ----------
    claim : dict
        A claim of the document.

    Returns
    -------
    str
        Without capital and full stop. Of a claim without words here, its registered sentence: as what holds, what is
        not shown or what is asked.
    """
    words = CLAUSES.get(claim["id"]) or _registered(claim["statement"])
    text = words.fails if claim["verdict"] == "rejected" else words.holds
    # Not str.format: a class may be called anything.
    text = text.replace("{target}", claim["target"] or "the class of noise")
    return f"whether {text}" if claim["verdict"] == "inconclusive" else text


def _registered(statement: str) -> Clauses:
    bare = statement.rstrip().rstrip(".")
    return Clauses(f"it is so that “{bare}”", f"it is not so, by what was asked, that “{bare}”")
