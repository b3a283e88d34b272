"""Folders of runs that never were, with images, labels, tables and records that fit together, for reports."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration, Image
from pybridge.core.record import DeviceUsed, ModelUsed, OutputMade, RunRecord, Timing, input_used
from pybridge.core.results import ObjectTable
from pybridge.files.read import read_image
from pybridge.files.write import write_imagej_tiff, write_labels, write_text
from pybridge.metrics.detection import ImageScores, match, overlaps, pool, scores_to_json
from pybridge.reporting.tables import table_to_csv

CALIBRATED = Calibration(x=0.5, y=0.5, unit="µm")
VERSIONS = {"pybridge": "0.1.0", "python": "3.11.7", "os": "Linux", "onnxruntime": "1.31.1"}
MODEL = ModelUsed(
    "blobs", "1.2", "ab12" * 16, "BSD-3-Clause", ("Ada et al., Blobs. 2020 https://doi.org/10.1234/blobs",), ""
)


def draw_squares(seed: int, *, side: int = 64, count: int = 6) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """Draw an image with bright squares on noise, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((side, side + 16), np.uint16)
    for number in range(1, count + 1):
        y, x = rng.integers(0, side - 10), rng.integers(0, side + 6)
        labels[y : y + 9, x : x + 9] = number
    image = rng.normal(100, 8, labels.shape) + 60 * (labels > 0)
    return image.astype(np.uint16), labels


def write_run(
    folder: Path,
    *,
    images: int = 1,
    truth: bool = True,
    name: str = "cells",
    side: int = 64,
    model: ModelUsed = MODEL,
    calibration: Calibration = CALIBRATED,
    warnings: tuple[str, ...] = (),
) -> Path:
    """Write a run over images as the shell does.

    Returns
    -------
    Path
        The record: of the run, or of the image when there is only one.
    """
    (folder / "in").mkdir(parents=True)
    (folder / "truth").mkdir()
    records: list[RunRecord] = []
    scored: list[ImageScores] = []
    for number in range(images):
        stem = name if images == 1 else f"{name}{number:05}"
        record, scores = _write_image(
            folder, stem, seed=number, truth=truth, side=side, model=model, calibration=calibration, warnings=warnings
        )
        records.append(record)
        scored += [scores] if scores is not None else []
    if images == 1:
        return folder / f"{name}-record.json"
    run = dataclasses.replace(
        records[0],
        id="run",
        inputs=tuple(used for record in records for used in record.inputs),
        outputs=tuple(made for record in records for made in record.outputs),
        scores=scores_to_json(pool(scored, resamples=200)) if scored else None,
    )
    write_text(folder / "run-record.json", run.to_json())
    return folder / "run-record.json"


def _write_image(
    folder: Path,
    stem: str,
    *,
    seed: int,
    truth: bool,
    side: int,
    model: ModelUsed,
    calibration: Calibration,
    warnings: tuple[str, ...],
) -> tuple[RunRecord, ImageScores | None]:
    pixels, labels = draw_squares(seed, side=side)
    source = folder / "in" / f"{stem}.tif"
    write_imagej_tiff(source, Image(pixels, "YX", name=source.name, calibration=calibration))
    inputs = [input_used(read_image(source))]
    result = labels.copy()
    result[labels == 1] = 0  # one object is missed
    scores = None
    if truth:
        expected = folder / "truth" / f"{stem}.tif"
        write_labels(expected, Image(labels, "YX", name=expected.name, calibration=calibration))
        inputs.append(input_used(read_image(expected), role="truth"))
        scores = dataclasses.replace(match(overlaps(labels, result)), name=source.name)
    made = Image(result, "YX", name=f"{stem}-labels.tif", calibration=calibration)
    present = np.unique(result)[1:]
    areas = np.array([float((result == label).sum()) for label in present])
    table = ObjectTable(
        ("Label", "Area", "Confidence"), (present.astype(np.int64), areas, np.linspace(0.5, 0.99, len(areas)))
    )
    record = RunRecord(
        id=f"id-{stem}",
        command="PyBridge Segment",
        parameters={
            "model": model.id,
            "device": "auto",
            "probability": 0.4,
            "truth": str(folder / "truth") if truth else None,
        },
        started="2026-11-22T10:00:00+00:00",
        model=model,
        inputs=tuple(inputs),
        outputs=(
            OutputMade("labels", made.name, made.sha256_pixels()),
            OutputMade("objects", f"{stem}-objects.csv", ""),
        ),
        device=DeviceUsed("auto", "cpu", "CPUExecutionProvider", "a processor", ""),
        versions=VERSIONS,
        timing_s=Timing(total=1.5),
        scores=None if scores is None else scores_to_json(pool([scores])),
        warnings=warnings,
    )
    write_labels(folder / made.name, dataclasses.replace(made, info=record.to_json()))
    write_text(folder / f"{stem}-objects.csv", table_to_csv(table))
    write_text(folder / f"{stem}-record.json", record.to_json())
    return record, scores
