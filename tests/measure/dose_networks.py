"""Networks whose answer to a dose is planted, and how they are asked."""

import numpy as np
import torch
from torch import nn

from why_bird.images.image_set import Images, ImageSet
from why_bird.images.interventions import border_ring
from why_bird.images.noise import Noise
from why_bird.images.select import select_classes
from why_bird.measure.dose_effects import measure_effects
from why_bird.measure.dose_response import dose_passes, measure_doses
from why_bird.measure.forward import forward
from why_bird.measure.inputs import Inputs, identify
from why_bird.measure.passes import Answers, Pass
from why_bird.measure.store import Store
from why_bird.networks.network import Network
from why_bird.networks.preprocess import Preprocess

SIZE, CLASSES, TARGET = 16, ("ant", "bird", "cat", "dog", "elk"), 1
RING = torch.from_numpy(border_ring(SIZE, SIZE)[0])
MIDDLE, STEP = SIZE // 2, 50
PASSED = []
NOISE = Noise("gaussian", SIZE, (0.5, 0.5, 0.5), (0.25, 0.2, 0.3), seed=1)


class Linear(nn.Module):
    """Logits that are linear in the pixels."""

    def __init__(self, classes=5):
        super().__init__()
        rng = np.random.default_rng(5)
        self.W = nn.Parameter(torch.from_numpy(rng.normal(size=(classes, 3 * SIZE * SIZE)).astype(np.float32)))

    def forward(self, x):
        PASSED.extend(image.numpy().tobytes() for image in x.contiguous())
        return x.flatten(1) @ self.W.T


class Damaged(Linear):
    """Reads the class of an image off its middle pixel; what is rough at the border damages only that class."""

    def forward(self, x):
        inside = torch.where(RING, 0.0, x)
        logits = super().forward(inside) * 0.05
        own = (x[:, 0, MIDDLE, MIDDLE] * 255 / STEP).round().long()
        return logits + nn.functional.one_hot(own, logits.shape[1]) * (5 - 40 * roughness(x))[:, None]


class Rough(Linear):
    """Roughness at the border speaks for bird, and half as much for cat."""

    def forward(self, x):
        logits = super().forward(torch.where(RING, 0.0, x)) * 0.05
        return logits + roughness(x)[:, None] * torch.tensor([0.0, 20, 10, 0, 0])


class Smooth(Rough):
    """The opposite."""

    def forward(self, x):
        return -super().forward(x)


def roughness(x):
    """Return the mean absolute difference of neighbours along the top and bottom rows."""
    return (x[:, :, [0, 1, -1, -2], 1:] - x[:, :, [0, 1, -1, -2], :-1]).abs().mean((1, 2, 3))


def network(module, classes=CLASSES):
    module = module.eval().requires_grad_(requires_grad=False)
    preprocess = Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), size=SIZE)
    return Network("planted", module, "planted", None, preprocess, classes, type(module).__name__, None, {}, (), "cpu")


def image_set(per_class, seed, even=()):
    """Return images whose middle pixel tells the class; those at the places `even` have a border of one colour."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(CLASSES)), per_class)
    pixels = rng.integers(60, 200, (len(labels), SIZE, SIZE, 3), dtype=np.uint8)
    pixels[:, MIDDLE, MIDDLE] = labels[:, None] * STEP
    for i in even:
        pixels[i, RING.numpy()] = 90
    images = ImageSet.of(pixels, labels, CLASSES)
    return images.take(np.lexsort((images.digests[:, 0], labels)))


IMAGES = Images(image_set(2, 1), image_set(12, 2), "planted", "made up")


def passes_of(inputs, classes=CLASSES, target=TARGET):
    """Return the passes over test images of some classes, all of which pass as they are."""
    images = inputs.images
    chosen = None if images is None else select_classes(images.test, classes)
    source = {"images": inputs.identity.test, "classes": list(classes)}
    test = Pass("test images", source, 0 if chosen is None else len(chosen), chosen and (lambda: chosen))
    return dose_passes(inputs, test, classes, target)


def asking(folder):
    """Return a function that measures a network, and gives answers, effects and the store."""

    def run(module, experiment="border", images=IMAGES, classes=CLASSES, target=TARGET, store=None):
        net = network(module, classes)
        store = store or Store(folder / "cache", None)
        PASSED.clear()
        passes = passes_of(Inputs(identify(images), images, seed=9), classes, target)
        response = measure_doses(net, getattr(passes, experiment), passes.test).get(store)
        test = Answers(forward(net, images.test, taps=("logits",))["logits"], None, np.array(images.test.labels))
        return response, measure_effects(response, target, classes, test), store

    return run
