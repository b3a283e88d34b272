"""Fitting: a network with fresh or earlier weights, the examples, the trainer. Imports torch inside functions."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.errors import ModelError, UsageError
from pybridge.training.config import TrainingConfig
from pybridge.training.data import TrainingData
from pybridge.training.examples import make_examples

if TYPE_CHECKING:
    from pybridge.networks.build import Network
    from pybridge.training.loop import Fit
    from pybridge.training.scores import StartModel


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

    Raises
    ------
    UsageError
        If the checkpoint belongs to other settings or data, or the network is not that of the model to start from.
    TrainingError
        If the loss is no number any more.
    """
    import torch

    from pybridge.training.loop import Trainer

    torch.manual_seed(config.schedule.seed)
    network = start_network(config)
    if config.fine_tune is not None and config.fine_tune.freeze_encoder:
        for weight in network.body.encoder_parameters():
            weight.requires_grad_(False)
    trainer = Trainer(
        network,
        make_examples(data.training, config.normalisation),
        make_examples(data.validation, config.normalisation),
        config,
        fingerprint=fingerprint_of(config, data),
    )
    return trainer.fit(work, resume=resume)


def start_network(config: TrainingConfig) -> Network:
    """Build the network with fresh weights, or with those of the model that is fine-tuned.

    Raises
    ------
    UsageError
        If the configuration's network is not that of the model to start from.
    ModelError
        If that model has no torch weights.
    """
    from pybridge.networks.build import build_network

    network = build_network(config.network, config.head)
    if config.fine_tune is None:
        return network
    from pybridge import zoo
    from pybridge.export.state import load_weights

    start = load_weights(zoo.find(config.fine_tune.model))
    if (start.network, start.head, start.channels) != (config.network, config.head, network.channels):
        raise UsageError(
            f"fine-tune {config.fine_tune.model!r} as {config.name!r}",
            found=f"the configuration has another network or head: {config.network!r}, {config.head!r}; the model has "
            f"{start.network!r}, {start.head!r}",
            do="take the sections network and head from the model's train.yaml",
        )
    network.load_state_dict(start.state)
    return network


def score_start(config: TrainingConfig, data: TrainingData) -> StartModel:
    """Score the model that is fine-tuned on the images held back, with its own thresholds.

    Raises
    ------
    ModelError
        If it is no model for segmentation.
    """
    from pybridge import zoo
    from pybridge.training.finish import score_parts
    from pybridge.training.scores import StartModel
    from pybridge.training.validation import Thresholds

    assert config.fine_tune is not None, "there is no model to start from"
    model = zoo.find(config.fine_tune.model)
    decoder = model.decoder
    if decoder is None:
        raise ModelError(
            f"fine-tune {model.id!r}", found="it names no decoder", do="start from a model for segmentation"
        )
    thresholds = Thresholds(decoder.probability, decoder.overlap, decoder.min_size)
    network = start_network(config).eval()
    return StartModel(model.used(), decoder, score_parts(network, config, data, thresholds))


def fingerprint_of(config: TrainingConfig, data: TrainingData) -> str:
    """Hash what decides the weights: the settings but texts and paths, and the data."""
    settings = config.model_dump(mode="json", exclude={"about", "data", "decoder", "fine_tune"}, exclude_defaults=True)
    parts: list[object] = [settings, data.sha256]
    if config.fine_tune is not None:
        from pybridge import zoo

        weights = zoo.find(config.fine_tune.model).torch_weights
        parts += [config.fine_tune.freeze_encoder, None if weights is None else weights.sha256]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
