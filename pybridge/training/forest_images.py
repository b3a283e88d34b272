"""Images with marks for a forest: from label images, scribble images, ROI archives, or a painted image. No torch.

Imports baselines, decode, files and core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pybridge.baselines.forest_marks import MarkedPixels, find_marks
from pybridge.baselines.scribbles import CLASSES, labels_to_scribbles
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Calibration, Image
from pybridge.core.progress import report
from pybridge.decode.label_pieces import count_pieces
from pybridge.files.read import read_image
from pybridge.files.roi_labels import ROI_SUFFIXES
from pybridge.training.forest_scribbles import Scribbles, read_scribbles, take_scribbles
from pybridge.training.labelled_set import load_set
from pybridge.training.load import LabelledImage
from pybridge.training.pairs import Pair, find_pairs

# An area painted all over a large image has millions of pixels that say the same.
MOST_MARKS = 200_000


@dataclass(frozen=True, slots=True, eq=False)
class MarkedImage:
    """One image, or one plane of it, with the pixels that were marked.

    Parameters
    ----------
    name : str
        Of the image.
    image, marked_by : str
        Names of the files, or of the open image and its ROIs.
    sha256_image, sha256_marks : str
        Hashes of the files, or of the pixels where there is none.
    role : str
        What marked it: ``truth`` for label images, ``scribbles`` for all else.
    axes : str
    shape : tuple of int
    dtype : str
    calibration : Calibration
        Of the image.
    pixels : MarkedPixels
        What is learnt from.
    counts : tuple of int
        Marked pixels of each class, before any were left out.
    """

    name: str
    image: str
    marked_by: str
    sha256_image: str
    sha256_marks: str
    role: str
    axes: str
    shape: tuple[int, ...]
    dtype: str
    calibration: Calibration
    pixels: MarkedPixels
    counts: tuple[int, ...]


def images_of_files(
    images: str, marks: str, *, are_labels: bool, channel: str | None, seed: int
) -> tuple[tuple[MarkedImage, ...], tuple[str, ...]]:
    """Read the marked pixels of pairs of files.

    Parameters
    ----------
    images : str
        Folder, glob or file.
    marks : str
        Folder, glob or file of the same stems: label images or scribble images, and ROI archives.
    are_labels : bool
        Whether images among the marks have objects, of which a sample is drawn; otherwise they have classes. ROIs have
        classes always.
    channel : str or None
        1-based number or name of the channel to use.
    seed : int
        Of the sample.

    Returns
    -------
    images : tuple of MarkedImage
    warnings : tuple of str

    Raises
    ------
    UsageError
        If files do not pair up.
    ImageError
        If a pair does not fit together, or something is no scribble.
    """
    pairs = find_pairs([images], marks)
    if are_labels:
        drawn = [pair for pair in pairs if pair.labels.suffix.lower() not in ROI_SUFFIXES]
        found, warnings = _sampled(drawn, channel=channel, seed=seed)
    else:
        drawn, found, warnings = [], [], []
    scribbled = [pair for pair in pairs if pair not in drawn]
    for number, pair in enumerate(scribbled):
        report(number, len(scribbled), f"features of {pair.image.name}")
        marked, told = _scribbled(pair, channel=channel, seed=seed)
        found.append(marked)
        warnings += told
    return tuple(found), tuple(warnings)


def image_of_painting(
    image: Image, rois: Sequence[Any], *, name: str, channel: str | None, seed: int
) -> tuple[MarkedImage, tuple[str, ...]]:
    """Take what is scribbled on an open image.

    Parameters
    ----------
    image : Image
        The image.
    rois : sequence of roifile.ImagejRoi
        Its scribbles.
    name : str
        What it is called.
    channel, seed
        As of files.
    """
    return _marked(
        image,
        take_scribbles(rois, image),
        name=name,
        files=(name, f"{len(rois)} ROI(s)"),
        channel=channel,
        seed=seed,
    )


def _sampled(pairs: Sequence[Pair], *, channel: str | None, seed: int) -> tuple[list[MarkedImage], list[str]]:
    """Draw a sparse sample from label images."""
    if not pairs:
        return [], []
    loaded = load_set(pairs, channel=channel)
    _check_objects(loaded.images)
    found = []
    for number, each in enumerate(loaded.images):
        report(number, len(loaded.images), f"features of {each.name}")
        size = each.pixel_size or (1.0, 1.0)
        calibration = Calibration(x=size[1], y=size[0], unit=each.unit)
        image = Image(each.pixels, "YX", name=each.name, calibration=calibration)
        pixels = find_marks(image, labels_to_scribbles(each.labels, seed=seed + number))
        found.append(
            MarkedImage(
                each.name,
                each.pair.image.name,
                each.pair.labels.name,
                each.sha256_image,
                each.sha256_labels,
                "truth",
                "YX",
                each.labels.shape,
                str(each.pixels.dtype),
                calibration,
                pixels,
                pixels.counts,
            )
        )
    return found, list(loaded.warnings)


def _check_objects(images: Sequence[LabelledImage]) -> None:
    """Refuse scribble images in the place of label images: few values, each in many pieces."""
    objects, pieces = sum(image.count for image in images), sum(count_pieces(image.labels) for image in images)
    if all(image.count <= len(CLASSES) for image in images) and pieces > 2 * objects:
        raise ImageError(
            "sample marks from label images",
            found=f"at most {len(CLASSES)} values in each, in {pieces} pieces: these look like scribbles, not objects",
            do="give them as scribbles, or give each object its own value",
        )


def _scribbled(pair: Pair, *, channel: str | None, seed: int) -> tuple[MarkedImage, tuple[str, ...]]:
    image = read_image(pair.image)
    scribbles = read_scribbles(pair.labels, image)
    return _marked(
        image,
        scribbles,
        name=pair.name,
        files=(pair.image.name, pair.labels.name),
        channel=channel,
        seed=seed,
    )


def _marked(
    image: Image,
    scribbles: Scribbles,
    *,
    name: str,
    files: tuple[str, str],
    channel: str | None,
    seed: int,
) -> tuple[MarkedImage, tuple[str, ...]]:
    found = find_marks(image, scribbles.marks, channel=channel)
    warnings = list(found.warnings)
    if scribbles.repainted:
        warnings.append(f"{name}: {scribbles.repainted} pixel(s) lie under marks of two classes; the later ROI counts")
    if not found.classes.size:
        warnings.append(f"{name}: nothing is marked")
    kept = found.thinned(MOST_MARKS, seed=seed)
    marked = MarkedImage(
        name,
        *files,
        image.sha256_file or image.sha256_pixels(),
        scribbles.sha256,
        "scribbles",
        image.axes,
        image.array.shape,
        str(image.array.dtype),
        image.calibration,
        kept,
        found.counts,
    )
    return marked, tuple(warnings)


def check_sources(images: str | None, labels: str | None, scribbles: str | None) -> tuple[str, str]:
    """Give the images and what marks them.

    Raises
    ------
    UsageError
        Unless there are images and either labels or scribbles.
    """
    given = {"labels": labels, "scribbles": scribbles}
    named = [key for key, value in given.items() if value]
    if images and len(named) == 1:
        return images, str(given[named[0]])
    found = ["no images"] if not images else []
    if len(named) != 1:
        found.append("labels and scribbles" if named else "neither labels nor scribbles")
    raise UsageError(
        "train a forest",
        found=", ".join(found),
        do="give images, with labels (label images, or ROIs in groups 1 to 3) or with scribbles (images of 0, 1, 2, 3, "
        "or such ROIs)",
    )
