"""Checkpoints that Lightning wrote: the network inside a module, beside its losses and what its training knew."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_networks import linear
from torch import Tensor, nn

from why_bird.errors import BadInput
from why_bird.networks.opening import open_network

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    lightning = pytest.importorskip("lightning", reason="Lightning is not installed: pip install 'why-bird[lightning]'")


class Classifier(lightning.LightningModule):  # type: ignore[misc,name-defined]
    """Keeps its network under a name of its own, a loss with a weight for each class, and a path."""

    def __init__(self, attribute: str, folder: Path, extra: Any = None) -> None:  # noqa: ARG002 - Lightning keeps them
        super().__init__()
        self.save_hyperparameters()
        self.attribute = attribute
        setattr(self, attribute, linear(3))
        self.loss = nn.CrossEntropyLoss(weight=torch.ones(3))

    def training_step(self, batch: list[Tensor], _index: int) -> Any:
        return self.loss(getattr(self, self.attribute)(batch[0]), batch[1])

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), 0.1)


def trained(tmp_path: Path, attribute: str, extra: Any = None) -> tuple[Path, nn.Module]:
    images = torch.utils.data.TensorDataset(torch.rand(8, 3, 8, 8), torch.arange(8) % 3)
    module = Classifier(attribute, tmp_path, extra)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = lightning.Trainer(
            max_steps=2,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            default_root_dir=tmp_path,
        )
        trainer.fit(module, torch.utils.data.DataLoader(images, batch_size=4))
        trainer.save_checkpoint(tmp_path / "last.ckpt")
    return tmp_path / "last.ckpt", getattr(module, attribute).eval()


@pytest.mark.parametrize("attribute", ["model", "net", "backbone"])
def test_the_network_is_found_under_its_modules_name_for_it(tmp_path: Path, attribute: str) -> None:
    path, module = trained(tmp_path, attribute)
    network = open_network(path, factory="tiny_networks:linear", size=8)
    x = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(network.module(x), module(x))


def test_what_would_run_code_among_its_hyperparameters_is_refused(tmp_path: Path) -> None:
    path, _ = trained(tmp_path, "net", extra=linear)
    with pytest.raises(BadInput, match=r"tiny_networks\.linear beside or instead of weights, which would run code"):
        open_network(path, factory="tiny_networks:linear", size=8)
