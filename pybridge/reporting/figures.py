"""The pictures of one image: input, result, errors, confidence, worst and best objects.

Contrast is stretched for the eye alone; colours are told apart by colour-blind people. Imports core, metrics and the
nouns of reporting.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import PyBridgeError
from pybridge.core.label_colours import label_colours
from pybridge.core.wording import count_text
from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import Overlaps, overlaps
from pybridge.reporting.error_image import COLOURS, MISSED, RIGHT, draw_errors
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
_CLASSES_LEGEND = "errors: green is the right class, vermilion another one"
_MAPS = {"rse": "Error after a linear fit (RSE)", "ssim": "Structural similarity"}
_OF_MAPS = {
    "rse": "What is left of the difference when the grey values of the result are scaled and shifted to fit the truth.",
    "ssim": "How alike the neighbourhoods of each pixel are: 1 where they are the same.",
}
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
    pictures = _scored(plane) if plane.is_scored else [_input(plane)]
    found = None
    if plane.labels is not None:
        pictures += [] if plane.is_scored else [_result(plane, plane.labels)]
        if plane.truth is not None and plane.has_objects:
            found = overlaps(plane.truth, plane.labels)
            pictures.append(_errors(plane, plane.labels, plane.truth, found))
        elif plane.truth is not None:
            pictures.append(_class_errors(plane, plane.labels, plane.truth))
    certain = _confidence(plane, evidence)
    pictures += [certain] if certain is not None else []
    if plane.labels is not None and plane.has_objects:
        pictures += draw_cases(plane.grey, plane.labels, truth=plane.truth, found=found, columns=evidence.columns)
    maps, further = _maps(evidence)
    return (*pictures, *maps), (*notes, *further)


def draw_strip(evidence: ImageEvidence, *, reason: str) -> tuple[Picture | None, tuple[str, ...]]:
    """Draw one image of many as a strip: input and result, or a scored result and its truth; and the errors.

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
    panels = [(name, fit(pixels, PANEL_PX)[0]) for name, pixels in _views(plane)]
    if plane.labels is not None:
        if not plane.is_scored:
            panels.append(("result", colour_outlines(fit(plane.grey, PANEL_PX)[0], fit(plane.labels, PANEL_PX)[0])))
        if plane.truth is not None:
            objects = find_object_errors(overlaps(plane.truth, plane.labels)) if plane.has_objects else None
            errors = (
                _right_or_not(plane.labels == plane.truth)
                if objects is None
                else draw_errors(plane.truth, plane.labels, objects)
            )
            panels.append(("errors", fit(errors, PANEL_PX)[0]))
    if plane.expected is not None:
        left, low, high, _ = _coloured_map(evidence, "rse")
        if left is not None:
            panels.append((f"{_in_sentence(_MAPS['rse'])}, {low} to {high}", fit(left, PANEL_PX)[0]))
    name, first = panels[0]
    barred, bar = add_scale_bar(
        first, pixel_size=plane.size.x, unit=plane.size.unit, scale=fit(plane.grey, PANEL_PX)[1]
    )
    in_colour = ("result", "errors") if plane.labels is not None else ()
    shown = ", ".join(f"{each} in colour" if each in in_colour else each for each, _ in panels)
    picture = make_picture(
        side_by_side([(name, barred), *panels[1:]]),
        title=f"{plane.name}: {reason}",
        caption=f"{plane.where}scale bar {bar}".capitalize()
        + f"{'' if plane.has_objects else f'; {_CLASSES_LEGEND}'}.",
        alt=f"{plane.name}, {reason}: {shown}.",
    )
    return picture, notes


def _views(plane: ShownPlane) -> list[tuple[str, RGB]]:
    """Show what was analysed: the input; or of an evaluation the result and, where it is there, the truth."""
    if not plane.is_scored:
        return [("input", grey_to_rgb(plane.grey))]
    if plane.labels is not None:
        labelled = [("result", plane.labels), ("ground truth", plane.truth)]
        return [(name, _coloured(labels)) for name, labels in labelled if labels is not None]
    grey = [("result", plane.grey), ("ground truth", plane.expected)]
    return [(name, grey_to_rgb(pixels)) for name, pixels in grey if pixels is not None]


def _coloured(labels: NDArray[np.int64]) -> RGB:
    """Give each label its colour, the background black; ids above 255 take the colours again."""
    table = label_colours()
    return table[np.where(labels > 0, (labels - 1) % (len(table) - 1) + 1, 0)]


def _scored(plane: ShownPlane) -> list[Picture]:
    """Show the result that was scored, and the truth."""
    pictures = []
    for name, pixels in _views(plane):
        of = plane.truth if name == "ground truth" else plane.labels
        caption = "contrast of this image alone, stretched between the 0.5 and 99.7 percentile, gamma 0.7"
        if of is not None:
            ids = count_text(len(np.unique(of[of > 0])), "object")
            caption = (
                f"{ids}, each in a colour of its own" if plane.has_objects else "each class in a colour of its own"
            )
        alt = f"The {name} of {plane.name}, {'in grey' if of is None else 'in colours'}."
        pictures.append(_finished(plane, pixels, title=name.capitalize(), caption=caption, alt=alt))
    return pictures


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


def _class_errors(plane: ShownPlane, labels: NDArray[np.int64], truth: NDArray[np.int64]) -> Picture:
    wrong = int((labels != truth).sum())
    counts = f"{wrong:,} of {labels.size:,} pixels are of another class"
    return _finished(
        plane,
        _right_or_not(labels == truth),
        title="Errors against the ground truth",
        caption=f"{counts}; {_CLASSES_LEGEND}",
        alt=f"Map of the errors in {plane.name}: {counts}.",
    )


def _right_or_not(right: NDArray[np.bool_]) -> RGB:
    return COLOURS[np.where(right, RIGHT, MISSED)]


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
        pixels, low, high, note = _coloured_map(evidence, role)
        notes += [note] if note else []
        if pixels is None:
            continue
        pictures.append(
            make_picture(
                add_colour_bar(fit(pixels, LONGEST_PX)[0], safe_colours(), low=low, high=high),
                title=f"{title} against the ground truth",
                caption=f"{_OF_MAPS[role]} Agreement is not the same everywhere: this map shows where it is good and "
                "where not.",
                alt=f"Map of the {_in_sentence(title)} of {evidence.name}: dark blue is {low}, yellow {high}.",
            )
        )
    return pictures, notes


def _in_sentence(title: str) -> str:
    """Write a title within a sentence; RSE stays as it is."""
    return title[:1].lower() + title[1:]


def _coloured_map(evidence: ImageEvidence, role: str) -> tuple[RGB | None, str, str, str]:
    """Read the middle plane of a map; give its colours, the values of the first and the last one, and a note."""
    try:
        image, note = load_output(evidence, role)
    except PyBridgeError as error:
        image, note = None, str(error)
    if image is None:
        return None, "", "", note
    planes = image.tzcyx()
    plane = np.nan_to_num(np.asarray(planes[planes.shape[0] // 2, planes.shape[1] // 2, 0], np.float64))
    low, high = (0.0, 1.0) if role == "ssim" else (float(plane.min()), float(plane.max()))
    scaled = np.clip((plane - low) / ((high - low) or 1.0), 0, 1)
    return safe_colours()[(255 * scaled).astype(np.uint8)], f"{low:.3g}", f"{high:.3g}", note
