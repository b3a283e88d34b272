"""The pictures of one image: input, result, errors, confidence, worst and best objects.

Contrast is stretched for the eye alone; colours are told apart by colour-blind people. Imports core, metrics and the
nouns of reporting.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import PyBridgeError
from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import Overlaps, overlaps
from pybridge.reporting.error_image import draw_errors
from pybridge.reporting.image_evidence import ImageEvidence
from pybridge.reporting.object_cases import draw_cases
from pybridge.reporting.overlay import colour_outlines
from pybridge.reporting.picture import (
    RGB,
    Picture,
    add_colour_bar,
    add_scale_bar,
    fit,
    grey_to_rgb,
    make_picture,
    safe_colours,
    side_by_side,
)
from pybridge.reporting.shown_plane import ShownPlane, load_output, load_plane

LONGEST_PX = 900
PANEL_PX = 300
_OUTLINED_PX = 1400
_MAPS = {"rse": "Root squared error", "ssim": "Structural similarity"}
ERRORS_LEGEND = (
    "green: right; vermilion: missed; blue: found and not there; yellow: split; purple: merged; dark: seams of objects "
    "that are right"
)


def draw_image(evidence: ImageEvidence) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Draw all pictures of one image.

    Returns
    -------
    pictures : tuple of Picture
        Those that can be drawn of what is there.
    notes : tuple of str
        What could not be shown, or is not what the record says.
    """
    plane, notes = load_plane(evidence)
    if plane is None:
        return (), notes
    pictures = [_input(plane)]
    found = None
    if plane.labels is not None:
        pictures.append(_result(plane, plane.labels))
        if plane.truth is not None:
            found = overlaps(plane.truth, plane.labels)
            pictures.append(_errors(plane, plane.labels, plane.truth, found))
    certain = _confidence(plane, evidence)
    pictures += [certain] if certain is not None else []
    if plane.labels is not None:
        pictures += draw_cases(plane.grey, plane.labels, truth=plane.truth, found=found, columns=evidence.columns)
    maps, further = _maps(evidence)
    return (*pictures, *maps), (*notes, *further)


def draw_strip(evidence: ImageEvidence, *, reason: str) -> tuple[Picture | None, tuple[str, ...]]:
    """Draw one image of many as a strip: input, result, and errors where the truth is there.

    Parameters
    ----------
    evidence : ImageEvidence
        The image.
    reason : str
        Why it is shown.
    """
    plane, notes = load_plane(evidence)
    if plane is None:
        return None, notes
    grey, scale = fit(grey_to_rgb(plane.grey), PANEL_PX)
    barred, bar = add_scale_bar(grey, pixel_size=plane.size.x, unit=plane.size.unit, scale=scale)
    panels, shown = [("input", barred)], "input"
    if plane.labels is not None:
        small = colour_outlines(fit(plane.grey, PANEL_PX)[0], fit(plane.labels, PANEL_PX)[0])
        panels.append(("result", small))
        shown += ", result outlined in colour"
        if plane.truth is not None:
            found = overlaps(plane.truth, plane.labels)
            errors = draw_errors(plane.truth, plane.labels, find_object_errors(found))
            panels.append(("errors", fit(errors, PANEL_PX)[0]))
            shown += ", errors in colour"
    picture = make_picture(
        side_by_side(panels),
        title=f"{plane.name}: {reason}",
        caption=f"{plane.where}scale bar {bar}".capitalize() + ".",
        alt=f"{plane.name}, {reason}: {shown}.",
    )
    return picture, notes


def _finished(plane: ShownPlane, pixels: RGB, *, title: str, caption: str, alt: str) -> Picture:
    fitted, scale = fit(pixels, LONGEST_PX)
    barred, bar = add_scale_bar(fitted, pixel_size=plane.size.x, unit=plane.size.unit, scale=scale)
    text = f"{plane.where}{caption}; scale bar {bar}."
    return make_picture(barred, title=title, caption=text[:1].upper() + text[1:], alt=alt)


def _input(plane: ShownPlane) -> Picture:
    return _finished(
        plane,
        grey_to_rgb(plane.grey),
        title="Input",
        caption="contrast stretched between the 0.5 and 99.7 percentile, gamma 0.7",
        alt=f"The input image {plane.name} in grey.",
    )


def _result(plane: ShownPlane, labels: NDArray[np.int64]) -> Picture:
    count = len(np.unique(labels)) - int((labels == 0).any())
    # Outlines are drawn after the picture was fitted, and larger than the others, so that they are thin and whole.
    grey, scale = fit(plane.grey, _OUTLINED_PX)
    pixels = colour_outlines(grey, fit(labels, _OUTLINED_PX)[0])
    barred, bar = add_scale_bar(pixels, pixel_size=plane.size.x, unit=plane.size.unit, scale=scale)
    text = f"{plane.where}outlines of {count:,} objects; scale bar {bar}."
    return make_picture(
        barred,
        title="Result",
        caption=text[:1].upper() + text[1:],
        alt=f"The input image {plane.name} with the outlines of {count} found objects in colour.",
    )


def _errors(plane: ShownPlane, labels: NDArray[np.int64], truth: NDArray[np.int64], found: Overlaps) -> Picture:
    errors = find_object_errors(found)
    counts = (
        f"{len(errors.matched_truth)} right, {len(errors.missed)} missed, {len(errors.spurious)} found and not there, "
        f"{len(errors.split)} split, {len(errors.merged)} merged"
    )
    return _finished(
        plane,
        draw_errors(truth, labels, errors),
        title="Errors against the ground truth",
        caption=f"{counts}, at IoU 0.50 (parts of a split or merged object are counted with it alone); {ERRORS_LEGEND}",
        alt=f"Map of the errors in {plane.name}: {counts}.",
    )


def _confidence(plane: ShownPlane, evidence: ImageEvidence) -> Picture | None:
    """Colour the foreground probability, else each object by its confidence; None when neither is there."""
    columns = evidence.columns
    if plane.probability is not None:
        values, title = np.clip(plane.probability, 0, 1), "Foreground probability"
        caption = "where it is neither near 0 nor near 1 the result may be invented"
    elif plane.labels is not None and columns is not None and len(columns.confidence):
        highest = int(max(plane.labels.max(initial=0), columns.label.max(initial=0)))
        if highest > 1 << 24:
            return None
        table = np.zeros(highest + 1)
        table[columns.label] = columns.confidence
        values, title = table[plane.labels], "Confidence of each object"
        caption = "objects of low confidence are the first to look at; the background is dark"
    else:
        return None
    colours = safe_colours()
    fitted, _ = fit(colours[np.nan_to_num(255 * np.clip(values, 0, 1)).astype(np.uint8)], LONGEST_PX)
    text = f"{plane.where}{caption}."
    return make_picture(
        add_colour_bar(fitted, colours, low="0", high="1"),
        title=title,
        caption=text[:1].upper() + text[1:],
        alt=f"{title} in {plane.name}, from dark blue for 0 to yellow for 1.",
    )


def _maps(evidence: ImageEvidence) -> tuple[list[Picture], list[str]]:
    """Show the error maps that an evaluation of restored images wrote."""
    pictures, notes = [], []
    for role, title in _MAPS.items():
        try:
            image, note = load_output(evidence, role)
        except PyBridgeError as error:
            image, note = None, str(error)
        notes += [note] if note else []
        if image is None:
            continue
        planes = image.tzcyx()
        plane = np.nan_to_num(np.asarray(planes[planes.shape[0] // 2, planes.shape[1] // 2, 0], np.float64))
        low, high = (0.0, 1.0) if role == "ssim" else (float(plane.min()), float(plane.max()))
        colours = safe_colours()
        scaled = np.clip((plane - low) / ((high - low) or 1.0), 0, 1)
        fitted, _ = fit(colours[(255 * scaled).astype(np.uint8)], LONGEST_PX)
        pictures.append(
            make_picture(
                add_colour_bar(fitted, colours, low=f"{low:.3g}", high=f"{high:.3g}"),
                title=f"{title} against the ground truth",
                caption="Agreement is not the same everywhere: this map shows where it is good and where not.",
                alt=f"Map of the {title.lower()} of {evidence.name}: dark blue is {low:.3g}, yellow {high:.3g}.",
            )
        )
    return pictures, notes
