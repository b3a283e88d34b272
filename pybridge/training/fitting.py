"""Fitting: a network with fresh or earlier weights, the examples, the trainer. Imports torch inside functions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.training.config import TrainingConfig
from pybridge.training.data import TrainingData
from pybridge.training.examples import make_examples

if TYPE_CHECKING:
    from pybridge.training.loop import Fit


def fit_model(config: TrainingConfig, data: TrainingData, work: Path, *, resume: bool = False) -> Fit:
    """Fit the network of a configuration, and leave its checkpoints in ``work``.

    Parameters
    ----------
    config : TrainingConfig
        Every setting.
    data : TrainingData
        What is learnt from and what chooses.
    work : Path
        Folder of the checkpoints.
    resume : bool
        Go on from the checkpoint that is there.
    """
    import torch

    from pybridge.networks.build import build_network
    from pybridge.training.loop import Trainer

    torch.manual_seed(config.schedule.seed)
    network = build_network(config.network, config.head)
    trainer = Trainer(
        network,
        make_examples(data.training, config.normalisation),
        make_examples(data.validation, config.normalisation),
        config,
        fingerprint=fingerprint_of(config, data),
    )
    return trainer.fit(work, resume=resume)


def fingerprint_of(config: TrainingConfig, data: TrainingData) -> str:
    """Hash what decides the weights: the settings but texts and paths, and the data."""
    settings = config.model_dump(mode="json", exclude={"about", "data", "decoder"}, exclude_defaults=True)
    return hashlib.sha256(json.dumps([settings, data.sha256], sort_keys=True).encode()).hexdigest()
