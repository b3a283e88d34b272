"""Distributions and score curves of a report, drawn by matplotlib without a window.

Imports the nouns of reporting; matplotlib inside functions. Colours are Okabe and Ito's.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.reporting.evidence import Evidence
from pybridge.reporting.image_evidence import ImageEvidence
from pybridge.reporting.picture import Picture
from pybridge.reporting.score_summary import image_score, number_at

_BLUE, _ORANGE = "#0072B2", "#D55E00"
_DPI = 100


def draw_plots(evidence: Evidence) -> tuple[Picture, ...]:
    """Draw what the evidence has numbers for: distributions of objects, of images, and AP over the threshold."""
    made = []
    areas, sure = _columns(evidence.images, "area"), _columns(evidence.images, "confidence")
    units = {image.source.unit for image in evidence.images}
    unit = f"{next(iter(units))}²" if len(units) == 1 else "several units"
    panels: list[tuple[str, str, NDArray[np.float64]]] = []
    if len(areas) > 1:
        panels.append((f"area of the objects ({unit})", "objects", areas))
    if len(sure) > 1:
        panels.append(("confidence of the objects", "objects", sure))
    if panels:
        made.append(_histograms(panels, title="Distributions of the objects"))
    if evidence.is_batch:
        panels = []
        counts = np.array([image.objects for image in evidence.images if image.objects is not None], np.float64)
        scores = np.array([score for image in evidence.images if (score := image_score(image.scores)) is not None])
        if len(counts) > 1:
            panels.append(("objects in an image", "images", counts))
        if len(scores) > 1:
            panels.append((f"score of an image ({evidence.score_name})", "images", scores))
        if panels:
            made.append(_histograms(panels, title="Distributions over the images"))
    curve = _score_curve(evidence)
    return (*made, *([curve] if curve is not None else []))


def _columns(images: Sequence[ImageEvidence], name: str) -> NDArray[np.float64]:
    parts = [getattr(image.columns, name) for image in images if image.columns is not None]
    values = np.concatenate(parts) if parts else np.zeros(0)
    return values[np.isfinite(values)]


def _histograms(panels: Sequence[tuple[str, str, NDArray[np.float64]]], *, title: str) -> Picture:
    figure, axes = _figure(len(panels))
    said = []
    for each, (label, counted, values) in zip(axes, panels, strict=True):
        middle, low, high = np.median(values), *np.percentile(values, (5, 95))
        each.hist(
            values, bins=min(40, max(8, int(np.sqrt(len(values))))), color=_BLUE, edgecolor="white", linewidth=0.4
        )
        each.axvline(middle, color=_ORANGE, linestyle="--", linewidth=1.5, label=f"median {middle:.4g}")
        each.set(xlabel=label, ylabel=f"number of {counted}")
        each.legend(fontsize=8, frameon=False)
        said.append(f"{label}: median {middle:.4g}, 5 to 95 % from {low:.4g} to {high:.4g}, {len(values):,} {counted}")
    text = "; ".join(said)
    return _picture(figure, title=title, caption=text[:1].upper() + text[1:] + ".", alt=f"Histograms. {text}.")


def _score_curve(evidence: Evidence) -> Picture | None:
    """Draw AP over the IoU threshold with its interval; None without such scores."""
    pooled = evidence.scores.get("pooled") if evidence.scores is not None else None
    keys = sorted(key for key in pooled if number_at(pooled, key, "ap") is not None) if isinstance(pooled, dict) else []
    if len(keys) < 3 or not all(key.replace(".", "").isdigit() for key in keys):
        return None
    at = [float(key) for key in keys]
    values = [number_at(pooled, key, "ap") for key in keys]
    figure, (axes,) = _figure(1)
    bounds = [((evidence.scores or {}).get("ci95") or {}).get(key) for key in keys]
    pairs = [each.get("ap") if isinstance(each, dict) else None for each in bounds]
    if all(isinstance(pair, list) and len(pair) == 2 and None not in pair for pair in pairs):
        lows, highs = zip(*((float(pair[0]), float(pair[1])) for pair in pairs if pair), strict=True)
        axes.fill_between(at, lows, highs, color=_BLUE, alpha=0.2, linewidth=0, label="95 % interval")
    axes.plot(at, values, color=_BLUE, marker="o", markersize=4, label="AP, all images together")
    axes.set(xlabel="IoU threshold", ylabel="AP = TP / (TP + FP + FN)", ylim=(0, 1))
    axes.legend(fontsize=8, frameon=False)
    said = ", ".join(f"{value:.3f} at {key}" for key, value in zip(keys, values, strict=True) if value is not None)
    return _picture(
        figure,
        title="AP over the IoU threshold",
        caption=f"AP {said}.",
        alt=f"Curve that falls from left to right: AP {said}.",
    )


def _figure(panels: int) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width = 4.6 * panels
    figure = Figure(figsize=(width, 3.2), dpi=_DPI)
    FigureCanvasAgg(figure)
    # Fixed margins in inches: matplotlib's own layout draws each figure twice.
    margins = {"left": 0.75 / width, "right": 1 - 0.15 / width, "bottom": 0.16, "top": 0.96, "wspace": 0.28}
    axes = figure.subplots(1, panels, squeeze=False, gridspec_kw=margins)[0]
    for each in axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(color="#dddddd", linewidth=0.6)
        each.set_axisbelow(True)
    return figure, axes


def _picture(figure: Any, *, title: str, caption: str, alt: str) -> Picture:
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    width, height = figure.canvas.get_width_height()
    return Picture(title, caption, alt, stream.getvalue(), int(width), int(height))
