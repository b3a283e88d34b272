"""Cross-validation: the same settings fitted k times, each time scored on groups that were held out.

It says how well a recipe does on groups like these, with an interval over all training images. The images held out
choose nothing: weights are those after the last step, thresholds the middle ones of the configuration. Imports torch
inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.errors import UsageError
from pybridge.core.progress import report
from pybridge.metrics.detection import ImageScores, pool
from pybridge.training.config import TrainingConfig
from pybridge.training.data import TrainingData
from pybridge.training.scores import FoldResult, FoldScores
from pybridge.training.split import Split, k_folds
from pybridge.zoo.model import DecoderSpec

if TYPE_CHECKING:
    from pybridge.training.load import LabelledImage

RESAMPLES = 2000


def cross_validate(config: TrainingConfig, data: TrainingData, work: Path) -> FoldScores:
    """Fit and score ``config.data.folds`` folds of the training images.

    Each fold has a folder of its own in ``work``; a fold that was stopped goes on, one that is done is only scored.

    Parameters
    ----------
    config : TrainingConfig
        The settings of the model; ``data.folds`` of at least 2.
    data : TrainingData
        Its training images are dealt to folds by group. Validation and test images take no part.
    work : Path
        Folder of the folds' checkpoints.

    Returns
    -------
    FoldScores
        Of each fold, and pooled over all images.

    Raises
    ------
    UsageError
        If there are fewer groups than folds, or a fold would show background only.
    """
    folds = _deal(config, data)
    from pybridge.training.validation import middle_thresholds

    thresholds = middle_thresholds(config.decoder)
    results: list[FoldResult] = []
    scores: list[ImageScores] = []
    for number, fold in enumerate(folds, 1):
        report(number - 1, len(folds), f"cross-validation, fold {number} of {len(folds)}")
        result = _fit_fold(config, fold, work / f"fold-{number}", number=number)
        results.append(result)
        scores += result.scores.per_image
    return FoldScores(
        folds=tuple(results),
        pooled=pool(scores, resamples=RESAMPLES),
        decoder=DecoderSpec(config.head.name, thresholds.probability, thresholds.overlap, thresholds.min_size),
        seed=config.schedule.seed,
    )


def _deal(config: TrainingConfig, data: TrainingData) -> tuple[Split[LabelledImage], ...]:
    """Deal the training images; k is checked before torch is imported."""
    if config.data.folds < 2:
        raise UsageError(
            f"cross-validate {config.name!r}",
            found=f"data.folds is {config.data.folds!r}",
            do="set data.folds to 5, for example",
        )
    return k_folds(data.training, k=config.data.folds, seed=config.schedule.seed)


def _fit_fold(config: TrainingConfig, fold: Split[LabelledImage], work: Path, *, number: int) -> FoldResult:
    from pybridge.networks.build import build_network
    from pybridge.networks.torch_file import load_torch_file
    from pybridge.training.examples import make_examples
    from pybridge.training.fitting import fit_model
    from pybridge.training.loop import LAST
    from pybridge.training.validation import middle_thresholds, validate

    fit = fit_model(config, TrainingData(training=fold.train, validation=fold.validation), work, resume=True)
    network = build_network(config.network, config.head)
    network.load_state_dict(load_torch_file(work / LAST)["average"])
    held_out = validate(
        network,
        make_examples(fold.validation, config.normalisation),
        [middle_thresholds(config.decoder)],
        resamples=RESAMPLES,
    )
    best = fit.history.best
    return FoldResult(
        fold=number,
        groups=_groups(fold.validation),
        training_images=len(fold.train),
        held_out_images=len(fold.validation),
        steps=fit.steps,
        best_step=best.step if best is not None else fit.steps,
        best_mean_ap=best.mean_ap if best is not None else float("nan"),
        scores=held_out.scores,
    )


def _groups(images: Sequence[LabelledImage]) -> tuple[str, ...]:
    return tuple(sorted({image.group for image in images if image.group is not None}))
