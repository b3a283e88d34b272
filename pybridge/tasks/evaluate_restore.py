"""Scoring a restored image, and the raw one, against the truth. Imports metrics and core.

After the published advice on denoising, the raw image is scored too: a result that is not nearer to the truth than
the raw image was has improved nothing.

A channel is scored by itself, over all its frames and slices. Slices are a volume: the SSIM of a stack is that of
11 × 11 × 11 pixels, per frame, and undefined for fewer than 11 slices; the mean over single slices stands beside it, as
``ssim_planes``. A stack that was restored slice by slice is a volume all the same: it is looked at as one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageError
from pybridge.core.image import Image
from pybridge.core.progress import report
from pybridge.core.results import ObjectTable
from pybridge.tasks.evaluate_checks import check_same_pixels
from pybridge.tasks.evaluate_scored import Scored, one_row, or_none

if TYPE_CHECKING:
    from pybridge.metrics.image_quality import RestorationScores

METRICS = ("rmse", "nrmse", "psnr", "ssim", "pearson", "rse")
STACK_METRICS = (*METRICS, "ssim_planes")
_SHOWN = {"rmse": "RMSE", "nrmse": "NRMSE", "psnr": "PSNR", "ssim": "SSIM", "pearson": "Pearson", "rse": "RSE"}
_SHOWN |= {"ssim_planes": "SSIM of slices"}
LOWER_IS_BETTER = ("rmse", "nrmse", "rse")


@dataclass(frozen=True, slots=True)
class RestoreScores:
    """Scores of one restored image: the mean over its channels.

    Parameters
    ----------
    name : str
        Name of the result.
    result : tuple of float
        As in ``metrics``.
    raw : tuple of float or None
        The same of the raw image.
    data_range : tuple of float
        Of each channel, what its NRMSE, PSNR and SSIM refer to: the span of the truth.
    """

    name: str
    result: tuple[float, ...]
    raw: tuple[float, ...] | None
    data_range: tuple[float, ...]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the scores: those of an image of several slices are one more."""
        return STACK_METRICS[: len(self.result)]

    @property
    def is_improved(self) -> tuple[bool | None, ...]:
        """Whether the result is nearer to the truth than the raw image, by each metric; None where unknown."""
        if self.raw is None:
            return (None,) * len(self.metrics)
        return tuple(
            None if np.isnan([after, before]).any() else after < before if name in LOWER_IS_BETTER else after > before
            for name, after, before in zip(self.metrics, self.result, self.raw, strict=True)
        )

    def to_json(self) -> dict[str, Any]:
        """Write the scores as one image of ``scores.json``."""
        scores: dict[str, Any] = {"name": self.name}
        scores |= {name: or_none(value) for name, value in zip(self.metrics, self.result, strict=True)}
        scores["data_range"] = list(self.data_range)
        if self.raw is not None:
            scores["raw"] = {name: or_none(value) for name, value in zip(self.metrics, self.raw, strict=True)}
        return scores


def score_image(result: Image, truth: Image, *, raw: Image | None, table: bool, show_errors: bool) -> Scored:
    """Score a restored image, channel by channel, since each has its own range of values.

    Parameters
    ----------
    result, truth : Image
        Grey values of the same pixels; the data range is the span of the truth's values in a channel.
    raw : Image, optional
        What was restored.
    table : bool
        Also write the row of scores.
    show_errors : bool
        Also give the RSE and SSIM maps.

    Raises
    ------
    ImageError
        If they do not fit together, are RGB, or hold NaN.
    """
    from pybridge.metrics.image_quality import score_restoration

    size, warnings = check_same_pixels(result, truth)
    images = [result, truth]
    if raw is not None:
        warnings = (*warnings, *check_same_pixels(raw, truth, what="raw image")[1])
        images.append(raw)
    for image, role in zip(images, ("result", "truth", "raw image"), strict=False):
        check_grey(image, role=role)
    pixels = [np.asarray(image.tzcyx()) for image in images]
    slices, channels = pixels[0].shape[1:3]
    metrics = STACK_METRICS if slices > 1 else METRICS
    maps = [np.zeros(pixels[0].shape, np.float32) for _ in range(2)] if show_errors else []
    scored = []
    for channel in range(channels):
        report(channel, channels, f"{result.name}: channel {channel + 1} of {channels}")
        given, expected, *before = (each[:, :, channel] for each in pixels)
        scores = score_restoration(given, expected, raw=before[0] if before else None, is_volume=slices > 1)
        scored.append(scores)
        if show_errors:
            maps[0][:, :, channel], maps[1][:, :, channel] = scores.rse_map, scores.ssim_map
    report(channels, channels, result.name)
    both = RestoreScores(
        result.name,
        _means(scored, metrics, of_raw=False),
        _means(scored, metrics, of_raw=True) if raw is not None else None,
        tuple(each.data_range for each in scored),
    )
    warnings = (*warnings, *_undefined(both, truth))
    judge = "ssim_planes" if slices > 1 and np.isnan(both.result[METRICS.index("ssim")]) else "ssim"
    if raw is not None and both.is_improved[metrics.index(judge)] is False:
        told = f"its {_SHOWN[judge]} is not above that of the raw image"
        warnings = (*warnings, f"{result.name} is not nearer to the truth than {raw.name}: {told}")
    return Scored(
        scores=both,
        table=_row(both) if table else ObjectTable((), ()),
        maps=tuple(_map(each, name, result, size=size) for each, name in zip(maps, ("rse", "ssim"), strict=False)),
        warnings=warnings,
    )


def check_grey(image: Image, *, role: str) -> None:
    """Raise for an image whose pixels are no finite grey values."""
    asked = f"score against the truth {image.name!r}" if role == "truth" else f"score the {role} {image.name!r}"
    if image.is_rgb:
        raise ImageError(asked, found="an RGB image: colours are no grey values", do="split its channels first")
    pixels = np.asarray(image.array)
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        wrong = int(np.count_nonzero(~np.isfinite(pixels)))
        raise ImageError(asked, found=f"{wrong} of its pixels are NaN or infinite", do="set them to values")


def _undefined(scores: RestoreScores, truth: Image) -> tuple[str, ...]:
    """Say which scores are undefined or infinite, and why."""
    from pybridge.metrics.similarity import WINDOW_PX

    found = dict(zip(scores.metrics, scores.result, strict=True))
    if np.isnan(found["nrmse"]):
        shown = ", ".join(_SHOWN[name] for name in scores.metrics if np.isnan(found[name]))
        return (f"{truth.name} has a single value, so that it has no range: {shown} are undefined",)
    told: list[str] = []
    if min(truth.size_of("Y"), truth.size_of("X")) < WINDOW_PX:
        told.append(f"SSIM is undefined: {truth.name} is smaller than its window of {WINDOW_PX} × {WINDOW_PX} pixels")
    elif np.isnan(found["ssim"]):
        told.append(
            f"SSIM of volumes is undefined: {truth.name} has {truth.size_of('Z')} slices, and its window is "
            f"{WINDOW_PX} deep; the mean over single slices is {_SHOWN['ssim_planes']!r}"
        )
    if np.isinf(found["psnr"]):
        told.append(f"PSNR is infinite: {scores.name} equals its truth; no mean over images counts it")
    if np.isnan(found["pearson"]):
        told.append(f"Pearson is undefined: every channel of {scores.name} has a single value")
    return tuple(told)


def _means(scored: list[RestorationScores], metrics: tuple[str, ...], *, of_raw: bool) -> tuple[float, ...]:
    """Take the mean over channels; those without a score (constant ones have no Pearson) do not count."""
    means = []
    for name in metrics:
        values = np.array([getattr(each.raw if of_raw else each.prediction, name) for each in scored], np.float64)
        defined = values[~np.isnan(values)]
        means.append(float(defined.mean()) if defined.size else float("nan"))
    return tuple(means)


def _row(scores: RestoreScores) -> ObjectTable:
    cells: list[tuple[str, str | int | float]] = [("Image", scores.name)]
    cells += [(_SHOWN[name], value) for name, value in zip(scores.metrics, scores.result, strict=True)]
    if scores.raw is not None:
        cells += [(f"Raw {_SHOWN[name]}", value) for name, value in zip(scores.metrics, scores.raw, strict=True)]
    return one_row(cells)


def _map(values: NDArray[np.float32], name: str, result: Image, *, size: Any) -> Image:
    axes = "".join(letter for letter in "TZC" if result.size_of(letter) > 1) + "YX"
    shape = [result.size_of(letter) for letter in axes]
    made = result.replace(array=values.reshape(shape), axes=axes, name=f"{result.stem}-{name}")
    return dataclasses.replace(made, calibration=size)
