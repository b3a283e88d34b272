"""What a user asked of a training, the same from every door, and who does it. Imports the wing inside functions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.baseline_names import FOREST, PREFIX, baseline_ids, is_baseline
from pybridge.core.errors import ModelNotFoundError, UsageError, did_you_mean
from pybridge.core.model_names import check_model_id

if TYPE_CHECKING:
    from pybridge.training.finish import TrainedModel
    from pybridge.training.forest_record import TrainedForest


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """The parameters of ``PyBridge Train`` as they were given; ``commands.train`` says what each means.

    Raises
    ------
    UsageError
        If the name is none that a model can have.
    """

    config: str | None = None
    start: str | None = None
    images: str | None = None
    labels: str | None = None
    scribbles: str | None = None
    index: str | None = None
    group_column: str | None = None
    split_column: str | None = None
    channel: str | None = None
    name: str | None = None
    steps: int | None = None
    freeze_encoder: bool = False
    seed: int | None = None
    device: str = "auto"
    output: Path | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        if self.name is not None:
            check_model_id(self.name)

    @property
    def is_forest(self) -> bool:
        """Whether a random forest is to be grown, not a network trained.

        Examples
        --------
        >>> TrainingRequest(start="baseline:pixel-forest").is_forest
        True
        """
        return self.start == PREFIX + FOREST


def train_as_asked(request: TrainingRequest, *, overwrite: bool = False) -> TrainedModel | TrainedForest:
    """Train a network or grow a forest on files.

    Parameters
    ----------
    request : TrainingRequest
        What to train, on what.
    overwrite : bool
        Replace a model folder of that name.

    Raises
    ------
    UsageError, ImageError
        If settings or data are wrong; before any work.
    """
    if request.is_forest:
        from pybridge.training.forest import train_forest_on_files

        return train_forest_on_files(request, overwrite=overwrite)
    _check_learning(request.start)
    if request.scribbles is not None:
        raise UsageError(
            "train a network",
            found=f"scribbles={request.scribbles!r}: a network learns from whole objects",
            do=f"give labels instead, or from={PREFIX}{FOREST}",
        )
    from pybridge.training.session import train_model
    from pybridge.training.settings import configure

    config, base = configure(
        config=request.config,
        start=request.start,
        images=request.images,
        labels=request.labels,
        index=request.index,
        group_column=request.group_column,
        split_column=request.split_column,
        channel=request.channel,
        name=request.name,
        steps=request.steps,
        freeze_encoder=request.freeze_encoder,
        seed=request.seed,
        device=request.device,
    )
    return train_model(config, base=base, output=request.output, resume=request.resume, overwrite=overwrite)


def check_start(request: TrainingRequest) -> None:
    """Look up what a training on an open image starts from.

    Raises
    ------
    UsageError
        If it is a classical method, or not given.
    ModelNotFoundError
        If there is no such model.

    Examples
    --------
    >>> check_start(TrainingRequest(start="baseline:pixel-forest"))
    """
    if request.is_forest:
        return
    if request.start is None:
        raise UsageError(
            "train on the active image",
            found="nothing was given to start from",
            do=f"add from=, a model that PyBridge trained, for example nuclei-fluo, or from={PREFIX}{FOREST}",
        )
    _check_learning(request.start)
    from pybridge import zoo

    zoo.find(request.start)


def _check_learning(start: str | None) -> None:
    """Raise when a text names a classical method that learns nothing, or one that there is not."""
    if start is None or not is_baseline(start) or start == PREFIX + FOREST:
        return
    asked = f"train from {start!r}"
    if start not in baseline_ids():
        do = did_you_mean(start, [PREFIX + FOREST])
        raise ModelNotFoundError(asked, found="there is no such classical method", do=do)
    raise UsageError(
        asked,
        found="a classical method with nothing in it that is learnt",
        do=f"use from={PREFIX}{FOREST}, or a model that PyBridge trained, for example nuclei-fluo",
    )
