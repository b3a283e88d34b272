"""Do a result and its truth belong together, and are they labels? Imports core and decode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pybridge.core.axes import CANONICAL
from pybridge.core.errors import ImageError
from pybridge.core.image import Calibration, Image
from pybridge.decode.label_image import MAX_ID

_MOST_DIFFERENCE = 0.005  # of a pixel size; files round it to some digits
_UNCALIBRATED = ("pixel", "pixels", "")
# One object may have specks around it, and may lie in two pieces. What has one value in more pieces of like size, or in
# two with the value that ImageJ gives a mask, is a mask of several objects.
_MASK_PIECES, _MASK_VALUE = 3, 255
_SPECK = 0.25  # of the largest piece
_MICROMETRES = {"nm": 1e-3, "um": 1.0, "µm": 1.0, "μm": 1.0, "micron": 1.0, "microns": 1.0}
_MICROMETRES |= {"micrometer": 1.0, "micrometre": 1.0, "mm": 1e3, "cm": 1e4, "m": 1e6, "inch": 25400.0}
_LEAST_EQUAL = 0.75  # of neighbours above 0 have one value: in labels nearly all, in images of intensities few


def check_same_pixels(result: Image, truth: Image, *, what: str = "result") -> tuple[Calibration, tuple[str, ...]]:
    """Raise unless two images have the same axes, size and calibration.

    Parameters
    ----------
    result, truth : Image
        Axes of length 1 do not count.
    what : str
        What the first one is, for messages.

    Returns
    -------
    Calibration
        The calibration of both; of the calibrated one when one has none.
    tuple of str
        Warnings.

    Raises
    ------
    ImageError
        If their sizes, the meaning of their axes, or their pixel sizes differ.

    Examples
    --------
    >>> same = Image(np.zeros((5, 7)), "YX")
    >>> check_same_pixels(same, same)[1]
    ()
    """
    asked = f"score {result.name!r} against {truth.name!r}"
    sizes = [{letter: image.size_of(letter) for letter in CANONICAL} for image in (result, truth)]
    if sizes[0] != sizes[1]:
        found = f"the {what} is {extent_of(result)}, the truth {extent_of(truth)}"
        raise ImageError(asked, found=found, do=how_to_fit(*sizes))
    return common_calibration(result, truth, what=what)


def how_to_fit(one: dict[str, int], other: dict[str, int]) -> str:
    """Say what to do about two images whose axes, those of ``one``, have other lengths.

    Examples
    --------
    >>> how_to_fit({"Z": 5, "Y": 7, "X": 11}, {"Z": 1, "Y": 7, "X": 11})
    'give the same slices and frames of both (Image > Duplicate… takes a part of a stack in ImageJ)'
    """
    differ = {letter for letter in one if one[letter] != other[letter]}
    if differ == {"Y", "X"} and (one["Y"], one["X"]) == (other["X"], other["Y"]):
        return "one of them is turned by 90 degrees: turn it back (Image > Transform in ImageJ)"
    if sorted(one.values()) == sorted(other.values()):
        return (
            "give both the same axes: what is slices in one is frames or channels in the other (Image > Properties… "
            "in ImageJ)"
        )
    if differ == {"C"}:
        return "give one channel of the one that has several (Image > Color > Split Channels in ImageJ)"
    if not differ & {"Y", "X"}:
        return "give the same slices and frames of both (Image > Duplicate… takes a part of a stack in ImageJ)"
    return "give two images of the same pixels: a crop or a resized one cannot be scored"


def extent_of(image: Image) -> str:
    """Write axes and size of an image.

    Examples
    --------
    >>> extent_of(Image(np.zeros((5, 7)), "YX"))
    'YX 5×7'
    """
    return f"{image.axes} " + "×".join(map(str, image.array.shape))


def has_same_pixels(one: Image, other: Image) -> bool:
    """Say whether two images have the same values; how these are stored, names and calibration do not count.

    Examples
    --------
    >>> pixels = np.eye(5, 7)
    >>> has_same_pixels(Image(pixels, "YX"), Image(pixels.astype(np.uint8), "YX", "other"))
    True
    """
    here, there = one.tzcyx(), other.tzcyx()
    if here.shape != there.shape:
        return False
    # Plane by plane: images that differ mostly do so in the first one, and a large stack is not read whole.
    return all(
        np.array_equal(np.asarray(here[place]), np.asarray(there[place])) for place in np.ndindex(here.shape[:3])
    )


def common_calibration(result: Image, truth: Image, *, what: str = "result") -> tuple[Calibration, tuple[str, ...]]:
    """Raise unless two images of the same axes have pixels of one size; as part of `check_same_pixels`, or alone.

    Parameters
    ----------
    result, truth : Image
    what : str
        What the first one is, for messages.

    Returns
    -------
    Calibration
        That of both; of the calibrated one when one has none.
    tuple of str
        Warnings.

    Raises
    ------
    ImageError
        If their pixel sizes differ, or are in units that cannot be compared.
    """
    asked = f"score {result.name!r} against {truth.name!r}"
    one, other = result.calibration, truth.calibration
    if is_calibrated(one) != is_calibrated(other):
        known, bare = (result, truth) if is_calibrated(one) else (truth, result)
        warning = f"{bare.name} has no pixel size; that of {known.name} was used"
        return known.calibration, (warning,)
    factor = 1.0
    units = one.unit.lower(), other.unit.lower()
    if is_calibrated(one) and units[0] != units[1]:
        unknown = [shown for shown, unit in zip((one.unit, other.unit), units, strict=True) if unit not in _MICROMETRES]
        if unknown:
            raise ImageError(
                asked,
                found=f"the {what} is measured in {one.unit}, the truth in {other.unit}, and {unknown[0]!r} is no unit "
                "that is known here",
                do="set the pixel sizes of both in one unit, for example µm (Image > Properties… in ImageJ)",
            )
        factor = _MICROMETRES[units[1]] / _MICROMETRES[units[0]]
    for letter in "xyz" if result.size_of("Z") > 1 else "xy":
        here, there = getattr(one, letter), getattr(other, letter)
        if abs(here - there * factor) > _MOST_DIFFERENCE * max(here, there * factor):
            raise ImageError(
                asked,
                found=f"a pixel's {letter} is {here:g} {one.unit} in the {what}, {there:g} {other.unit} in the truth",
                do="check that they belong together, and set the right pixel size (Image > Properties… in ImageJ)",
            )
    return one, ()


def is_calibrated(size: Calibration) -> bool:
    """Say whether a pixel has a size in the world."""
    return size.unit.lower() not in _UNCALIBRATED


def labels_of(image: Image, *, role: str, keep_ids: bool = False) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Take an image as labels (T, Z, Y, X), or say why it is none.

    Parameters
    ----------
    image : Image
    role : str
        ``result`` or ``truth``: for warnings, and because ids that name no objects are refused in a truth alone.
    keep_ids : bool
        Whether ids too large for a table are an error, because something else names objects by them, as the file of
        tracks does. Otherwise the objects are numbered anew.

    Returns
    -------
    ndarray of int32
        Ids as stored, or numbered anew; they need not be consecutive.
    tuple of str
        Warnings: objects were numbered anew; one value in several pieces counts as one object; ids lie in pieces far
        apart; what looks like the background is not 0; a file of ROIs holds none.

    Raises
    ------
    ImageError
        If it is RGB, a JPEG, has channels, is a mask in which objects are not told apart, or, as a truth, holds values
        that were mixed by smoothing or resizing, classes, or ids that repeat.
    """
    from pybridge.decode.label_checks import image_to_label_planes
    from pybridge.decode.label_doubts import check_objects
    from pybridge.decode.label_pieces import piece_sizes
    from pybridge.files.roi_labels import is_roi_file

    file = Path(image.path or image.name)
    image, warnings = (image, tuple[str, ...]()) if keep_ids else _near_ids(image, role=role)
    planes = image_to_label_planes(image, file=file)
    highest = int(planes.max(initial=0))
    if not highest:
        return planes, (*warnings, f"the {role} {image.name} holds no ROI") if is_roi_file(file) else warnings
    if not is_roi_file(file):
        asked, is_truth = f"use {str(file)!r} as labels", role == "truth"
        about = check_objects(planes, name=f"the {role} {image.name}", asked=asked, refuses=is_truth)
        warnings = (*warnings, *about)
    if ((planes != 0) & (planes != highest)).any():
        return planes, warnings
    sizes = [piece_sizes(frame) for frame in planes]
    pieces = max(each.size for each in sizes)
    alike = max(int((each > _SPECK * each.max(initial=0)).sum()) for each in sizes)
    if pieces < 2:
        return planes, warnings
    if alike >= (2 if highest == _MASK_VALUE else _MASK_PIECES):
        raise ImageError(
            f"score objects of the {role} {image.name!r}",
            found=f"a mask: its only value, {highest}, lies in {alike} separate pieces of like size, which no number "
            "tells apart",
            do="give each object a number of its own (in ImageJ: Analyze > Analyze Particles…, Show: Count Masks), or "
            "score the pixels of two masks with evaluate and task=classify",
        )
    warning = f"the {role} {image.name} has a single value, in {pieces} separate pieces: it was scored as one object"
    return planes, (*warnings, warning)


def _near_ids(image: Image, *, role: str) -> tuple[Image, tuple[str, ...]]:
    """Number objects anew from 1, in the order of their ids, where ids are too large for tables; and say so."""
    pixels = np.asarray(image.array)
    if pixels.dtype.kind not in "ui" or not pixels.size or (highest := int(pixels.max())) <= MAX_ID or pixels.min() < 0:
        return image, ()
    ids, number = np.unique(pixels, return_inverse=True)
    near = (number.reshape(pixels.shape) + (ids[0] != 0)).astype(np.int32)
    warning = f"ids of the {role} {image.name} go up to {highest}: its objects were numbered from 1, in that order"
    return image.replace(array=near, axes=image.axes, name=image.name), (warning,)


def looks_like_labels(image: Image) -> bool:
    """Guess whether an image holds labels: whole numbers, and neighbours above 0 are mostly equal.

    Examples
    --------
    >>> noise = np.random.default_rng(0).integers(0, 200, (50, 70))
    >>> looks_like_labels(Image(noise, "YX")), looks_like_labels(Image((noise > 100).astype(np.uint8), "YX"))
    (False, True)
    """
    pixels = np.asarray(image.tzcyx())
    if image.is_rgb:
        pixels = pixels[..., 0]
    if not pixels.size or (pixels.dtype.kind == "f" and not (pixels == np.rint(pixels)).all()):
        return False
    if pixels.min() < 0:
        return False
    if pixels.max() == 0 or len(np.unique(pixels[pixels > 0])) == 1:
        return True
    one, other = pixels[..., 1:], pixels[..., :-1]
    pairs = (one > 0) & (other > 0)
    return bool(np.count_nonzero(pairs & (one == other)) >= _LEAST_EQUAL * np.count_nonzero(pairs))
