"""The plane of an image that a report shows, with its labels, truth and probability. Imports core and reporting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Calibration, Image
from pybridge.reporting.image_evidence import ImageEvidence
from pybridge.reporting.overlay import stretch_contrast
from pybridge.reporting.run_files import CHANGED, find_input, load_image

_SCORED = "result"
"""The role of what an evaluation scored."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownPlane:
    """One plane of an image with its labels, truth and foreground probability, where they are there.

    Parameters
    ----------
    name, where : str
        Of the image; and which slice, frame and channel it is, where there are several.
    size : Calibration
        Of its pixels.
    grey : ndarray of uint8, shape (Y, X)
        The image; of scored labels, which have no image beside them, black.
    labels, truth : ndarray of int64 or None
        Objects found and expected; of scored images of classes, the classes.
    expected : ndarray of uint8 or None
        The image as it should look, when a restored one was scored.
    probability : ndarray or None
        Of the foreground.
    is_scored : bool
        Whether the image is itself the result, of an evaluation.
    has_objects : bool
        Whether labels are objects, and not classes.
    """

    name: str
    where: str
    size: Calibration
    grey: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    truth: NDArray[np.int64] | None
    expected: NDArray[np.uint8] | None
    probability: NDArray[Any] | None
    is_scored: bool
    has_objects: bool


def load_plane(evidence: ImageEvidence) -> tuple[ShownPlane | None, tuple[str, ...]]:
    """Read the image and what was made of it, and choose the plane with most of its objects."""
    file = find_input(evidence.source, folder=evidence.record.path.parent, check=True)
    if file.path is None:
        return None, (file.note,) if file.note else ()
    image, note = load_image(file.path, evidence.source.sha256_pixels)
    notes = [note]
    if image is None:
        return None, tuple(notes)
    labels, note = _labels(evidence, image)
    notes.append(note)
    truth, note = _truth(evidence)
    notes.append(note)
    probability, note = load_output(evidence, "probability")
    notes.append(note)
    stacks = [_stack(each, image) for each in (labels, truth, probability)]
    if labels is not None and stacks[0] is None:
        notes.append(f"the labels of {evidence.name!r} have another size than the image and are not shown")
    t, z = _best_plane(image, stacks[0])
    shown, channel = _grey_plane(image, t, z, evidence.record.parameters.get("channel"))
    where = [
        f"slice {z + 1} of {image.size_of('Z')}" if image.size_of("Z") > 1 else "",
        f"frame {t + 1} of {image.size_of('T')}" if image.size_of("T") > 1 else "",
        channel,
    ]
    listed = ", ".join(part for part in where if part)
    planes = [None if stack is None else stack[t, z] for stack in stacks]
    is_scored = evidence.source.role == _SCORED
    without_image = is_scored and planes[0] is not None
    is_restored = is_scored and planes[0] is None
    plane = ShownPlane(
        name=evidence.name,
        where=f"{listed}; " if listed else "",
        size=image.calibration,
        grey=np.zeros(shown.shape, np.uint8) if without_image else stretch_contrast(shown),
        labels=None if planes[0] is None else planes[0].astype(np.int64),
        truth=None if planes[1] is None or is_restored else planes[1].astype(np.int64),
        expected=stretch_contrast(planes[1]) if planes[1] is not None and is_restored else None,
        probability=planes[2],
        is_scored=is_scored,
        has_objects=evidence.record.parameters.get("task") != "classify",
    )
    return plane, tuple(dict.fromkeys(each for each in notes if each))


def _labels(evidence: ImageEvidence, image: Image) -> tuple[Image | None, str]:
    if evidence.source.role == _SCORED:
        # Records of the first days say "auto": there the type of the pixels tells, and the maps of restored images.
        task = evidence.record.parameters.get("task")
        is_labels = image.array.dtype.kind in "iu" and evidence.output("rse") is None
        if task in ("segment", "track", "classify"):
            is_labels = True
        return (image if is_labels and task != "restore" and not image.is_rgb else None), ""
    return (evidence.labels, "") if evidence.labels is not None else load_output(evidence, "labels")


def _truth(evidence: ImageEvidence) -> tuple[Image | None, str]:
    if evidence.truth is None:
        return None, ""
    file = find_input(evidence.truth, folder=evidence.record.path.parent, check=False)
    if file.path is None:
        return None, f"no error map: {file.note}"
    if file.path == evidence.file.path or file.state == CHANGED:
        return None, "no error map: the ground truth is not where it was"
    image, note = load_image(file.path, evidence.truth.sha256_pixels)
    # Labels that are not those of the record would show errors that nobody made.
    return (None, f"no error map: {note}") if note else (image, "")


def load_output(evidence: ImageEvidence, role: str) -> tuple[Image | None, str]:
    """Read an output by its role; None when there is none. The note says when it is not that of the record."""
    found = evidence.output(role)
    if found is None:
        return None, ""
    path, made = found
    return load_image(path, made.sha256_pixels)


def _stack(image: Image | None, source: Image) -> NDArray[Any] | None:
    """View an output as (T, Z, Y, X); None when it is not there or of another size."""
    if image is None:
        return None
    planes = image.tzcyx()[:, :, 0]
    expected = (source.size_of("T"), source.size_of("Z"), source.size_of("Y"), source.size_of("X"))
    return planes if planes.shape == expected else None


def _best_plane(image: Image, labels: NDArray[Any] | None) -> tuple[int, int]:
    """Choose the plane with most pixels in objects, else the middle one."""
    if labels is None:
        return image.size_of("T") // 2, image.size_of("Z") // 2
    filled = (labels > 0).sum(axis=(2, 3))
    t, z = np.unravel_index(int(filled.argmax()), filled.shape)
    return int(t), int(z)


def _grey_plane(image: Image, t: int, z: int, channel: object) -> tuple[NDArray[Any], str]:
    planes = image.tzcyx()[t, z]
    if image.is_rgb:
        return np.asarray(planes[0]).mean(axis=-1), "shown in grey"
    count = planes.shape[0]
    number = 1
    if isinstance(channel, str) and channel in image.channel_names:
        number = image.channel_names.index(channel) + 1
    elif isinstance(channel, (str, int)) and str(channel).isdigit():
        number = min(max(int(channel), 1), count)
    return np.asarray(planes[number - 1]), f"channel {number} of {count}" if count > 1 else ""
