"""The post's questions, a section each: what it said and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QUESTIONS", "SOURCE", "Question", "question_of"]

SOURCE = "Data Science Stack Exchange, question 65547, December 2019, in short"
"""Where the quotations come from; they are shortened."""


@dataclass(frozen=True, slots=True)
class Question:
    """A section of the page.

    Parameters
    ----------
    module : str
        The claims that belong to it.
    title : str
        The question in our words.
    short : str
        For the navigation.
    quotes : tuple of str
        From the post, shortened.
    done : str
        What was done, in one or two sentences that hold for any outcome.
    """

    module: str
    title: str
    short: str
    quotes: tuple[str, ...] = ()
    done: str = ""


QUESTIONS = (
    Question(
        "test_noise_collapse",
        "Does noise fall into one class, and which?",
        "Collapse",
        (
            "5,000 random noise images, Gaussian with the mean and standard deviation of CIFAR-10. Expected: "
            "spread over "
            "the ten classes. Seen: nearly all are classified as bird.",
        ),
        "Fresh noise of the same kind is passed through the network and its predictions are counted; then the kind of "
        "noise is varied (clipped, shifted, stretched, other spectra), and a search looks for noise that leaves the "
        "class.",
    ),
    Question(
        "test_feature_proximity",
        "Is noise close to its class in feature space?",
        "Closeness",
        (
            "The feature vector after the last convolution, before the fully connected layer: 512 numbers an image. "
            "Distance d(v1, v2) = ½(1 − cos(v1, v2)). A complete graph of 11 nodes weighted with d; its minimum "
            "spanning "
            "tree was shown. The distance between bird and noise is rather small.",
        ),
        "The same distances between the class means and the mean of noise, raw as in the post and centred, since what "
        "all vectors share makes every cosine large; the uncertainty comes from leaving images out.",
    ),
    Question(
        "test_clutter",
        "Does clutter make the class of noise, and what is clutter?",
        "Clutter",
        (
            "Are cat images in the training set more cluttered than dog images? Is bird the most cluttered of the ten?",
            "How can “clutter” be put mathematically? Spanning a larger dimension? A manifold, PCA, K-means (distance "
            "from centroid to boundary)? Over the original images or over feature maps?",
        ),
        "Each image gets scores of clutter, and each class a dimension and a radius, in pixels and in "
        "features. They are "
        "compared between the classes, and with what the network makes of images and of noise.",
    ),
    Question(
        "test_background_noise",
        "Is it the noise at the borders of the birds, or noise at all?",
        "Borders",
        (
            "Do birds in the training images always appear with a noisy background, so that noise contributes "
            "positively to bird?",
        ),
        "The ring of four pixels at the border stands for the background. Its noise is measured in every image; then "
        "noise is added to images in doses, at the border and everywhere, against blur, flat fill and smooth noise as "
        "controls.",
    ),
    Question(
        "test_bias_dominance",
        "Does the prediction on noise come down to the bias terms?",
        "Bias",
        (
            "Some say that random noise has no strong presence of any feature, so that it mostly comes down to "
            "the bias "
            "terms (y = wx + b ≈ b). But bird does not have the highest of the ten biases in the last layer.",
        ),
        "The output bias is taken away, and the lead of the class of noise is split into what the bias and what the "
        "features carry; the features of noise are compared with those of images.",
    ),
    Question(
        "test_neurons",
        "What did the units learn, and do they make the class of noise?",
        "Neurons",
        ("How to pull out what a neuron in the network really learned, to classify the ten categories?",),
        "Units are ablated against matched random ones, what excites them is compared between noise and images, the "
        "patches of images are shuffled, and the statistics of the normalisation layers are estimated anew on noise.",
    ),
    Question(
        "test_cat_vs_dog",
        "What does a network that knows only cats and dogs make of the rest?",
        "Cat or dog",
        (
            "The same with a network trained on only cats and dogs: over 70 % of the other classes (planes, "
            "frogs, …) are "
            "classified as cat, except horses, 72 % of which are dog. Noise: 100 % cat.",
        ),
        "A network of two classes is shown the other eight classes, and noise.",
    ),
    Question(
        "test_ood_detection",
        "Can noise be told from images?",
        "Detection",
        (
            "Perhaps it is called out-of-distribution detection. The aim is not to raise the accuracy but to "
            "understand "
            "why, in an interpretable view.",
        ),
        "Published scores rank noise against test images; AUROC is how often a noise image ranks as more "
        "foreign than a "
        "test image.",
    ),
)


def question_of(module: str) -> Question:
    """Return the section of a module; one without quotation where the post said nothing about it."""
    for question in QUESTIONS:
        if question.module == module:
            return question
    words = module.removeprefix("test_").replace("_", " ").strip() or module
    return Question(module, words[:1].upper() + words[1:], words)
