"""Training records of trainings that never were, with files that are really there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import tifffile

from pybridge.core.record import ModelUsed
from pybridge.metrics.detection import THRESHOLDS, Counts, ImageScores, SegmentationScores, pool
from pybridge.training.config import TrainingConfig
from pybridge.training.data import TrainingData, load_data
from pybridge.training.history import History, TrainingRow, ValidationRow
from pybridge.training.profile import training_profile
from pybridge.training.record import TrainingRecord, make_record
from pybridge.training.scores import FoldResult, FoldScores, PartScores, StartModel
from pybridge.zoo.model import DecoderSpec

DECODER = DecoderSpec("offsets", 0.45, 0.3, 16)


def write_squares(folder: Path, *, images: int = 8) -> None:
    """Write images of 50 × 80 pixels with two objects each, their labels, and an index with two images to a field."""
    rows = ["name,field"]
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    for number in range(images):
        labels = np.zeros((50, 80), np.uint16)
        labels[5:15, 10:20] = 1
        labels[30:35, 60:65] = 2
        tifffile.imwrite(folder / "images" / f"cells{number}.tif", labels * 90 + 10 + number)
        tifffile.imwrite(folder / "masks" / f"cells{number}.tif", labels)
        rows.append(f"cells{number},field {number // 2}")
    (folder / "index.csv").write_text("\n".join(rows) + "\n")


def settings_for(folder: Path, **changes: Any) -> TrainingConfig:
    """Give settings with absolute paths into a folder of ``write_squares``."""
    data = {
        "images": [str(folder / "images")],
        "labels": str(folder / "masks"),
        "index": str(folder / "index.csv"),
        "group_column": "field",
        "validation": 0.25,
        "test": 0.25,
    } | changes.pop("data", {})
    return TrainingConfig.model_validate({"name": "squares", "data": data} | changes)


def history_of(
    scores: list[float], *, losses: list[float] | None = None, training: list[float] | None = None, every: int = 100
) -> History:
    """Give a history with one validation for each score, and ten training rows before each."""
    losses = losses or [0.3] * len(scores)
    training = training or [0.5] * len(scores)
    rows = [
        TrainingRow(every * at + every * part // 10, loss, (("foreground", loss),), 1e-3, 60.0 * at + 6 * part)
        for at, loss in enumerate(training)
        for part in range(1, 11)
    ]
    validations = [
        ValidationRow(every * at, loss, min(1.0, score + 0.2), score + 0.1, score, 60.0 * at + 1)
        for at, (score, loss) in enumerate(zip(scores, losses, strict=True), 1)
    ]
    return History(tuple(rows), tuple(validations))


def scores_of(*found: int, objects: int = 20, resamples: int = 200) -> SegmentationScores:
    """Give scores of images with ``objects`` objects each, of which so many were found at every threshold."""
    images = [
        ImageScores(THRESHOLDS, tuple(Counts(tp, 1, objects - tp, 0.8 * tp) for _ in THRESHOLDS), name=f"cells{number}")
        for number, tp in enumerate(found)
    ]
    return pool(images, resamples=resamples)


def start_model() -> StartModel:
    """A model that a fine-tuning may have started from."""
    used = ModelUsed("nuclei-fluo", "0.2.0", "ab12" * 16, "BSD-3-Clause", (), "")
    before = PartScores("validation", chose=False, loss=0.9, scores=scores_of(9, 11))
    return StartModel(used, DecoderSpec("offsets", 0.55, 0.2, 8), (before,))


def fold_scores() -> FoldScores:
    """A cross-validation of two folds."""
    folds = tuple(
        FoldResult(number, (f"field {number}",), 4, 2, 300, 200, 0.7, scores_of(15 + number, 16 + number))
        for number in (1, 2)
    )
    return FoldScores(folds, scores_of(16, 17, 17, 18), DECODER, seed=5)


def record_of(config: TrainingConfig, data: TrainingData | None = None, **changes: Any) -> TrainingRecord:
    """Make the record of a training with these settings; nothing is trained."""
    loaded = data if data is not None else load_data(config, base=Path())
    history = changes.pop("history", history_of([0.5, 0.6, 0.65, 0.62]))
    fit = SimpleNamespace(
        history=history, steps=400, stopped="all steps made", precision="float32", device="cpu", threads=2
    )
    scores = (
        PartScores("validation", chose=True, loss=0.31, scores=scores_of(17, 19)),
        PartScores("test", chose=False, loss=0.33, scores=scores_of(14, 18)),
    )
    given = {"scores": scores, "chosen_step": 300, "decoder": DECODER, "parameters": 1_234_567} | changes
    return make_record(config, loaded, fit, profile=training_profile(loaded.training), **given)  # type: ignore[arg-type]
