"""A pixel forest from marks to model folder: what ``PyBridge Train`` does with ``from=baseline:pixel-forest``.

It needs no torch. Imports baselines, zoo, files and core.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pybridge.baselines.device import cpu_used
from pybridge.baselines.forest_folder import Evidence, check_forest_folder, write_forest_folder
from pybridge.baselines.forest_marks import join_marks
from pybridge.baselines.forest_readme import ForestText
from pybridge.baselines.forest_training import ForestSettings, check_marks, fit_forest, judge_forest
from pybridge.core.advice import REPLACE_MODEL
from pybridge.core.errors import OutputExistsError, UsageError
from pybridge.core.record import Stopwatch, now
from pybridge.training.forest_images import (
    MOST_MARKS,
    MarkedImage,
    check_sources,
    image_of_painting,
    images_of_files,
)
from pybridge.training.forest_record import ForestRecord, TrainedForest

if TYPE_CHECKING:
    from pybridge.core.image import Image
    from pybridge.training.request import TrainingRequest

log = logging.getLogger("pybridge.training")

NAME = "my-pixel-forest"
RECORD, RUN_RECORD = "training-record.json", "run-record.json"
_LIMITS = (
    "Grown from the marks of one user, for images like theirs. How well it finds objects is not known before it is "
    "scored: `pybridge segment IMAGES --model MODEL --truth LABELS`, or `pybridge compare`."
)


def train_forest_on_files(request: TrainingRequest, *, overwrite: bool = False) -> TrainedForest:
    """Grow a forest on images with labels or scribbles, and write its model folder.

    Parameters
    ----------
    request : TrainingRequest
        With ``images``, and ``labels`` or ``scribbles``.
    overwrite : bool
        Replace a model folder of that name.

    Raises
    ------
    UsageError, ImageError
        If a parameter has no meaning for a forest, files do not fit together, or there are too few marks.
    OutputExistsError
        If there is such a model.
    """
    watch, started = Stopwatch(), now()
    folder = _check(request, overwrite=overwrite)
    images, marks = check_sources(request.images, request.labels, request.scribbles)
    with watch.part("prepare"):
        found, warnings = images_of_files(
            images, marks, are_labels=bool(request.labels), channel=request.channel, seed=request.seed or 0
        )
    return _grow(request, folder, found, warnings, watch, started=started, overwrite=overwrite)


def train_forest_on_painting(
    request: TrainingRequest, image: Image, rois: Sequence[Any], *, name: str
) -> TrainedForest:
    """Grow a forest on what is scribbled on an open image, and write its model folder.

    Parameters
    ----------
    request : TrainingRequest
        Without files.
    image : Image
        The image.
    rois : sequence of roifile.ImagejRoi
        Lines, points and areas whose group or name says the class.
    name : str
        What the image is called.
    """
    watch, started = Stopwatch(), now()
    folder = _check(request, overwrite=False)
    with watch.part("prepare"):
        found, warnings = image_of_painting(image, rois, name=name, channel=request.channel, seed=request.seed or 0)
    return _grow(request, folder, (found,), warnings, watch, started=started, overwrite=False)


def _check(request: TrainingRequest, *, overwrite: bool) -> Path:
    """Refuse what has no meaning for a forest, before any work; gives the model's folder."""
    from pybridge.files.home import shipped_folder, user_models_folder

    given = {
        "config": request.config is not None,
        "index": request.index is not None,
        "group_column": request.group_column is not None,
        "split_column": request.split_column is not None,
        "steps": request.steps is not None,
        "freeze_encoder": request.freeze_encoder,
        "resume": request.resume,
    }
    refused = [key for key, is_given in given.items() if is_given]
    asked = f"train from {request.start!r}"
    if refused:
        raise UsageError(
            asked,
            found=f"{', '.join(refused)}: for networks; a forest grows in one go from all marks",
            do=f"leave {'it' if len(refused) == 1 else 'them'} out: a forest takes images, labels or scribbles, "
            "channel, name and seed",
        )
    cpu_used(request.device, asked=asked)
    name = request.name or NAME
    if request.output is None and (shipped_folder("models") / name).is_dir():
        raise OutputExistsError(
            f"train {name!r}",
            found="a model of that name comes with PyBridge and would be found in its place",
            do="choose another name",
        )
    folder = (request.output if request.output is not None else user_models_folder()) / name
    if folder.exists() and not overwrite:
        raise OutputExistsError(
            f"train {name!r}",
            found=f"there is a model folder {os.fspath(folder)!r}",
            do=REPLACE_MODEL,
        )
    check_forest_folder(folder, ForestText(), overwrite=overwrite)
    return folder


def _grow(
    request: TrainingRequest,
    folder: Path,
    images: tuple[MarkedImage, ...],
    warnings: tuple[str, ...],
    watch: Stopwatch,
    *,
    started: str,
    overwrite: bool,
) -> TrainedForest:
    from pybridge.files.write import write_text

    for warning in warnings:
        log.warning("%s", warning)
    settings = ForestSettings(seed=request.seed or 0)
    counts = tuple(sum(count) for count in zip(*(image.counts for image in images), strict=True))
    check_marks(counts)
    marks = join_marks([image.pixels for image in images]).thinned(MOST_MARKS, seed=settings.seed)
    with watch.part("network"):
        forest = fit_forest(marks, settings)
        judged = judge_forest(forest, marks)
    record = ForestRecord(
        name=folder.name,
        created=started,
        request=request,
        settings=settings,
        images=images,
        marks=counts,
        used=marks.counts,
        out_of_bag=judged,
        nodes=sum(tree.tree_.node_count for tree in forest.estimators_),
        timing=watch.timing(),
        warnings=warnings,
    )
    with watch.part("write"):
        model = write_forest_folder(
            forest,
            folder,
            settings=settings,
            text=ForestText(limits=_LIMITS),
            channel=request.channel,
            marks=counts,
            images=record.marked_images,
            evidence=Evidence(
                training={"record": RECORD, "created": started, "out_of_bag": record.judged},
                told=record.told(),
                files={RECORD: record.to_json().encode()},
            ),
            overwrite=overwrite,
        )
    device = dataclasses.replace(
        cpu_used(request.device, asked=f"train {folder.name!r}"), provider="scikit-learn, float32"
    )
    run = dataclasses.replace(record, timing=watch.timing()).run(model.used(), device=device)
    write_text(folder / RUN_RECORD, run.to_json(), overwrite=True)
    return TrainedForest(folder, record, warnings, run)
