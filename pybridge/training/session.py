"""A training from settings to model folder: what every door calls. Imports torch inside functions.

The order is the order of what can go wrong: settings, output, data; then torch and the long work; then the folder.
"""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.advice import GO_ON_OR_ANEW, REPLACE_MODEL
from pybridge.core.errors import OutputExistsError
from pybridge.core.record import now
from pybridge.networks.packages import require_packages
from pybridge.training.config import TrainingConfig
from pybridge.training.data import load_data
from pybridge.training.request import TrainingRequest, train_as_asked

if TYPE_CHECKING:
    from pybridge.training.finish import TrainedModel
    from pybridge.training.forest_record import TrainedForest

log = logging.getLogger("pybridge.training")


def train_model(
    config: TrainingConfig,
    *,
    base: Path | None = None,
    output: Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> TrainedModel:
    """Train a model and write its folder.

    Parameters
    ----------
    config : TrainingConfig
        Every setting.
    base : Path, optional
        Folder that relative paths of the configuration start from; default the current one.
    output : Path, optional
        Folder for the model's folder; default the user's models, which `pybridge models list` shows.
    resume : bool
        Go on from the last checkpoint of a training that was stopped; the result is that of an unbroken one.
    overwrite : bool
        Replace a model folder of that name, and throw away an unfinished training.

    Returns
    -------
    TrainedModel
        The folder, its scores and warnings.

    Raises
    ------
    OutputExistsError
        If there is such a model, or an unfinished training of it.
    UsageError, ImageError
        If settings or data are wrong; before any work.
    TrainingError
        If the loss is no number any more.
    """
    from pybridge import zoo
    from pybridge.export.description import check_text
    from pybridge.files.home import user_models_folder
    from pybridge.files.write import make_folder, write_text
    from pybridge.training import run_record

    require_packages("torch", "monai", "onnx", "onnxscript", "matplotlib", asked=f"train {config.name!r}")
    started = now()
    place = output if output is not None else user_models_folder()
    folder, work = place / config.name, place / f"{config.name}.training"
    _check_outputs(folder, work, resume=resume, overwrite=overwrite)
    check_text(config.name, config.about)
    data = load_data(config, base=base or Path())
    for warning in data.warnings:
        log.warning("%s", warning)
    make_folder(work)
    from pybridge.training.crossval import cross_validate
    from pybridge.training.finish import finish
    from pybridge.training.fitting import fit_model, score_start

    folds = cross_validate(config, data, work) if config.data.folds > 1 else None
    before = score_start(config, data) if config.fine_tune is not None else None
    fit = fit_model(config, data, work, resume=True)
    trained = finish(config, data, fit, work, place, before=before, folds=folds, overwrite=overwrite)
    run = run_record.run_of_training(trained.record, zoo.find(trained.folder).used(), started=started)
    write_text(trained.folder / run_record.FILE, run.to_json(), overwrite=True)
    shutil.rmtree(work, ignore_errors=True)
    return dataclasses.replace(trained, run=run)


def _check_outputs(folder: Path, work: Path, *, resume: bool, overwrite: bool) -> None:
    if folder.exists() and not overwrite:
        raise OutputExistsError(
            f"train {folder.name!r}",
            found=f"there is a model folder {os.fspath(folder)!r}",
            do=REPLACE_MODEL,
        )
    unfinished = work.is_dir() and any(work.iterdir())
    if unfinished and not resume:
        if not overwrite:
            raise OutputExistsError(
                f"train {folder.name!r}",
                found=f"an unfinished training lies in {os.fspath(work)!r}",
                do=GO_ON_OR_ANEW,
            )
        shutil.rmtree(work)


def train(
    config: str | os.PathLike[str] | TrainingConfig | None = None,
    /,
    *,
    from_: str | os.PathLike[str] | None = None,
    images: str | os.PathLike[str] | None = None,
    labels: str | os.PathLike[str] | None = None,
    scribbles: str | os.PathLike[str] | None = None,
    index: str | os.PathLike[str] | None = None,
    group_column: str | None = None,
    split_column: str | None = None,
    channel: str | None = None,
    name: str | None = None,
    steps: int | None = None,
    freeze_encoder: bool = False,
    seed: int | None = None,
    device: str = "auto",
    output: str | os.PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> TrainedModel | TrainedForest:
    """Train a new model from a configuration, fine-tune one on images with labels, or grow a pixel forest.

    Parameters
    ----------
    config : path or TrainingConfig, optional
        A YAML file (``models/nuclei-fluo/train.yaml`` is an example) or the settings themselves.
    from_ : str or path, optional
        Instead of a configuration: the model to fine-tune, with ``images`` and ``labels``; or
        ``"baseline:pixel-forest"`` for a new random forest, which needs no torch.
    images, labels : path, optional
        Folder or glob of images; folder of label images or ImageJ ROI archives with the same stems.
    scribbles : path, optional
        For a forest, instead of ``labels``: folder of scribble images (0 nothing, 1 background, 2 inside, 3 border) or
        of ImageJ ROI archives whose groups or names say the classes.
    index : path, optional
        CSV table with a row for each image.
    group_column : str, optional
        Its column with the field, plate or animal of an image, so that neighbours stay on one side of the split.
    split_column : str, optional
        Its column that says ``train``, ``validation`` or ``test``.
    channel : str, optional
        Which channel of multi-channel images: 1-based number or name.
    name : str, optional
        Id of the new model; default from the configuration, ``<from_>-tuned``, or ``my-pixel-forest``.
    steps : int, optional
        Training steps; default from the configuration, or 400.
    freeze_encoder : bool
        Fine-tune the decoder alone.
    seed : int, optional
        The same seed gives the same run on one machine.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.
    output : path, optional
        Folder for the model's folder; default the user's models.
    resume : bool
        Go on from the last checkpoint of a training that was stopped.
    overwrite : bool
        Replace a model folder of that name.

    Returns
    -------
    TrainedModel or TrainedForest
        Folder, record with scores, warnings.

    Raises
    ------
    UsageError, ImageError
        If settings or data are wrong; before any work.
    TrainingError
        If the loss is no number any more.
    PackageMissingError
        If torch is not installed.
    """
    place = None if output is None else Path(output)
    if isinstance(config, TrainingConfig):
        return train_model(config, output=place, resume=resume, overwrite=overwrite)
    request = TrainingRequest(
        config=_text(config),
        start=_text(from_),
        images=_text(images),
        labels=_text(labels),
        scribbles=_text(scribbles),
        index=_text(index),
        group_column=group_column,
        split_column=split_column,
        channel=channel,
        name=name,
        steps=steps,
        freeze_encoder=freeze_encoder,
        seed=seed,
        device=device,
        output=place,
        resume=resume,
    )
    return train_as_asked(request, overwrite=overwrite)


def _text(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)
