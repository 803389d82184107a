"""Small ResNets whose answers are calculated by hand, and images for them."""

import numpy as np
import torch
from torch import nn
from torchvision.models import ResNet
from torchvision.models.resnet import BasicBlock

from why_bird.errors import Unavailable
from why_bird.measure.taps import STAGES
from why_bird.networks.head import find_head
from why_bird.networks.network import Network
from why_bird.networks.preprocess import Preprocess

SIZE = 12
PREPROCESS = Preprocess(mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.25), size=SIZE)


def network_of(module, preprocess=PREPROCESS):
    """Return what ``open_network`` would, for a module that is on no disk."""
    module.eval().requires_grad_(requires_grad=False)
    try:
        head = find_head(module, torch.rand(2, 3, preprocess.size, preprocess.size))
    except Unavailable:
        head = None
    return Network("tiny", module, "tiny", None, preprocess, ("a", "b", "c"), "00", head, {}, (), "cpu")


def resnet(block=BasicBlock):
    torch.manual_seed(0)
    module = ResNet(block, [1, 1, 1, 1], num_classes=3)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            # As after training: without this, folding it would change nothing.
            nn.init.normal_(part.running_mean, 0.0, 0.3)
            nn.init.uniform_(part.running_var, 0.5, 2.0)
            nn.init.uniform_(part.weight, 0.5, 1.5)
            nn.init.normal_(part.bias, 0.0, 0.2)
    return network_of(module)


class Stack:
    def __init__(self, n, seed=0):
        self.stack = np.random.default_rng(seed).normal(0.5, 0.3, (n, 3, SIZE, SIZE)).astype(np.float32)

    def images(self, start, stop):
        return self.stack[start:stop]


def by_hand(network, images):
    """Walk through a torchvision ResNet step by step."""
    m = network.module
    mean, std = (torch.tensor(v)[:, None, None] for v in (PREPROCESS.mean, PREPROCESS.std))
    found = {}
    with torch.inference_mode():
        x = (torch.from_numpy(images) - mean) / std
        x = m.maxpool(torch.relu(m.bn1(m.conv1(x))))
        found["stem"] = x.flatten(2).mean(2)
        for name in STAGES[1:]:
            x = getattr(m, name)(x)
            found[name] = x.flatten(2).mean(2)
        found["features"] = found["layer4"]
        found["logits"] = found["features"] @ m.fc.weight.T + m.fc.bias
    return {name: value.numpy() for name, value in found.items()}
