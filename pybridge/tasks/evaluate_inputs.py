"""Reading what is to be scored: images, ROIs, tables of classes, tracks; and telling which of these it is.

Imports files and core, inside functions but core.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import ImageError, ImageFileError, UsageError
from pybridge.core.image import Image
from pybridge.core.record import InputUsed, input_used
from pybridge.files.class_table import ClassTable, read_class_table
from pybridge.files.track_files import Tracks, is_sequence, open_tracks
from pybridge.tasks.evaluate_checks import has_same_pixels, labels_of, looks_like_labels
from pybridge.tasks.images import ImageLike, to_image

Source = Image | Path
"""What a door gives: an image at hand, or where something lies."""

Subject = Image | ClassTable | Tracks


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A result and its truth, read, and what they are: ``segment``, ``restore``, ``classify`` or ``track``."""

    task: str
    result: Subject
    truth: Subject

    @property
    def inputs(self) -> tuple[InputUsed, ...]:
        """Describe both for the record."""
        return used(self.result, role="result"), used(self.truth, role="truth")


def to_source(given: ImageLike) -> Source:
    """Take what a Python user has at hand; paths are read later, since not all are images."""
    return Path(given) if isinstance(given, (str, os.PathLike)) else to_image(given)


def open_pair(result: Source, truth: Source, *, task: str) -> Pair:
    """Read a result and its truth.

    Parameters
    ----------
    result, truth : Image or Path
        For a result that is no ROI file, the truth may be ImageJ's ROIs; they are painted on its pixels.
    task : str
        What they are, or ``auto``.

    Raises
    ------
    UsageError
        If they are not of one kind, or ``auto`` cannot tell.
    ImageFileError
        If one cannot be read.
    """
    kinds = [_kind(source) for source in (result, truth)]
    if "table" in kinds:
        return _pair_of_tables(result, truth, kinds=kinds, task=task)
    if task == "track" or (task == "auto" and "tracks" in kinds):
        return Pair("track", open_tracks(result), open_tracks(truth))
    if "tracks" in kinds:
        wrong = (result, truth)[kinds.index("tracks")]
        raise UsageError(f"score {_name(wrong)!r} with task={task!r}", found="it is tracks", do="leave task out")
    first, second = _images(result, truth, kinds=kinds)
    if task == "auto":
        task = _task_of_images(first, second)
    return Pair(task, first, second)


def is_same(result: Source, truth: Source) -> bool:
    """Say whether a result and its truth are the same file, or the same image at hand.

    Examples
    --------
    >>> is_same(Path("a.tif"), Path("b.tif"))
    False
    """
    if isinstance(result, Image) or isinstance(truth, Image):
        return result is truth
    return result.exists() and truth.exists() and result.samefile(truth)


def is_own_file(pair: Pair) -> bool:
    """Say whether a result and its truth are the pixels of one file: an open image and the file that it came from."""
    result, truth = pair.result, pair.truth
    if not isinstance(result, Image) or not isinstance(truth, Image) or not result.path or not truth.path:
        return False
    one, other = Path(result.path), Path(truth.path)
    is_one = one == other or (one.exists() and other.exists() and one.samefile(other))
    return is_one and has_same_pixels(result, truth)


def open_image(source: Source) -> Image:
    """Read an image, unless it is at hand."""
    if isinstance(source, Image):
        return source
    from pybridge.files.read import read_image

    return read_image(source)


def used(subject: Subject, *, role: str) -> InputUsed:
    """Describe what was scored for the record."""
    return input_used(subject, role=role) if isinstance(subject, Image) else subject.used(role=role)


def _kind(source: Source) -> str:
    if isinstance(source, Image):
        return "image"
    from pybridge.files.ome_zarr import is_zarr
    from pybridge.files.roi_labels import ROI_SUFFIXES

    suffix = source.suffix.lower()
    if suffix in (".csv", ".tsv"):
        return "table"
    if suffix in ROI_SUFFIXES:
        return "rois"
    if is_sequence(source):
        return "tracks"
    if source.is_dir() and not is_zarr(source):
        raise ImageFileError(
            f"score {str(source)!r}", found="it is a folder", do="name the files, or use `pybridge evaluate` on folders"
        )
    return "image"


def _pair_of_tables(result: Source, truth: Source, *, kinds: list[str], task: str) -> Pair:
    if kinds != ["table", "table"] or isinstance(result, Image) or isinstance(truth, Image):
        other = (result, truth)[1 - kinds.index("table")]
        raise UsageError(
            f"score {_name(result)!r} against {_name(truth)!r}",
            found=f"one is a table, {_name(other)!r} is none",
            do="give two tables of classes, or two images",
        )
    if task not in ("auto", "classify"):
        raise UsageError(f"score two tables with task={task!r}", found="tables hold classes", do="use task=classify")
    return Pair("classify", read_class_table(result), read_class_table(truth))


def _images(result: Source, truth: Source, *, kinds: list[str]) -> tuple[Image, Image]:
    if kinds == ["rois", "rois"]:
        raise UsageError(
            f"score {_name(result)!r} against {_name(truth)!r}",
            found="both are ROIs, and neither says how large the image is",
            do="give a label image for one of them",
        )
    if kinds[1] == "rois":
        assert isinstance(truth, Path)
        image = open_image(result)
        return image, paint_rois(truth, like=image)
    if kinds[0] == "rois":
        assert isinstance(result, Path)
        image = open_image(truth)
        return paint_rois(result, like=image), image
    return open_image(result), open_image(truth)


def paint_rois(rois: Path, *, like: Image) -> Image:
    """Paint ROIs as labels on the pixels of another image.

    Raises
    ------
    ImageError
        If they overlap, have no area, or do not fit the image.
    """
    from pybridge.files.read import sha256_of_file
    from pybridge.files.roi_labels import rois_to_labels

    axes = "".join(letter for letter in "TZ" if letter in like.axes) + "YX"
    shape = tuple(like.size_of(letter) for letter in axes)
    labels = rois_to_labels(rois, shape=shape, axes=axes, channels=like.size_of("C"))
    painted = like.replace(array=labels, axes=axes, name=rois.name)
    return dataclasses.replace(painted, path=str(rois), sha256_file=sha256_of_file(rois))


def _task_of_images(result: Image, truth: Image) -> str:
    looks = [looks_like_labels(image) for image in (result, truth)]
    if all(looks):
        return "segment"
    if not any(looks):
        # Colours are no pixel values to compare, but a mask that was saved in colour is a usual mistake.
        return "segment" if truth.is_rgb and not result.is_rgb else "restore"
    labels, other = (result, truth) if looks[0] else (truth, result)
    if (Path(other.path or other.name).suffix.lower() in (".jpg", ".jpeg")) or other.is_rgb:
        return "segment"  # whose check of labels says what is wrong with it
    roles = ("result", "truth") if looks[0] else ("truth", "result")
    found = (
        f"the {roles[0]} {labels.name!r} looks like labels, the {roles[1]} {other.name!r} like an image of intensities"
    )
    do = "give two label images or two images; or say task=segment, restore or classify"
    try:
        labels_of(other, role="truth")
    except ImageError as error:
        found, do = f"{found} ({error.found})", f"{error.do}; or, if both are images, say task=restore"
    raise UsageError(f"score {result.name!r} against {truth.name!r}", found=found, do=do)


def _name(source: Source) -> str:
    return source.name if isinstance(source, Image) else str(source)


def raw_like(source: Source, truth: Image) -> Image:
    """Read the raw image of a restored one.

    Raises
    ------
    ImageError
        If it is RGB.
    """
    raw = open_image(source)
    if raw.is_rgb:
        raise ImageError(
            f"score {raw.name!r} against {truth.name!r}", found="an RGB image", do="give one of grey values"
        )
    return raw
