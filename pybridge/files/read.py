"""Reading an image file into an ``Image``: TIFF (plain, ImageJ, OME), PNG, JPEG, GIF, BMP, PGM, OME-Zarr.

Pixel values are taken as stored: palettes and look-up tables are not applied, an inverting one is noted. Calibration
follows ImageJ's own reading of the same file, so that shell and macro agree. Imports core; tifffile and Pillow inside
functions.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import ImageFileError, PyBridgeError
from pybridge.core.image import Image
from pybridge.core.progress import check_cancelled
from pybridge.files.tiff_metadata import calibration_of, channel_names_of, imagej_info_of

TIFF_SUFFIXES = (".tif", ".tiff")
OTHER_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".pgm")
IMAGE_SUFFIXES = TIFF_SUFFIXES + OTHER_SUFFIXES
_HASHED_AT_ONCE_BYTES = 1 << 22


def read_image(path: str | os.PathLike[str]) -> Image:
    """Read one image file.

    Parameters
    ----------
    path : path-like
        A TIFF, PNG, JPEG, GIF, BMP or PGM file, or an OME-Zarr folder. Only the first series of a TIFF is read.

    Returns
    -------
    Image
        Pixels as stored, with the calibration that ImageJ would show.

    Raises
    ------
    ImageFileError
        If the file is missing, truncated, or no image that we can read.

    Examples
    --------
    >>> import tempfile, numpy as np, tifffile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tifffile.imwrite(f"{folder}/a.tif", np.zeros((5, 7), np.uint16))
    ...     read_image(f"{folder}/a.tif").axes
    'YX'
    """
    file = Path(path)
    from pybridge.files.ome_zarr import is_zarr, open_ome_zarr

    if is_zarr(file):
        stored = open_ome_zarr(file)
        return dataclasses.replace(stored, array=np.asarray(stored.array))
    _check_is_file(file)
    with as_file_error(file):
        image = _read_tiff(file) if is_tiff(file) else _read_other(file)
        return dataclasses.replace(image, sha256_file=sha256_of_file(file))


def check_whole_file(path: str | os.PathLike[str]) -> None:
    """Raise when a file is missing, empty, or an image that is cut short; of a TIFF only the headers are read.

    Files of kinds that we do not read (DICOM, microscope makers' formats) are left to the program that does.

    Raises
    ------
    ImageFileError
        If the file is missing, empty or truncated.
    """
    file = Path(path)
    _check_is_file(file)
    with as_file_error(file):
        if is_tiff(file):
            import tifffile

            with tifffile.TiffFile(file) as tiff:
                check_whole_tiff(file, tiff)
        elif file.suffix.lower() in OTHER_SUFFIXES:
            _read_other(file)


def _check_is_file(file: Path) -> None:
    if not file.is_file():
        found = "it is a folder" if file.is_dir() else "no such file"
        raise ImageFileError(f"open {str(file)!r}", found=found, do="check the path")
    if file.stat().st_size == 0:
        raise ImageFileError(f"open {str(file)!r}", found="the file is empty", do="copy or export it again")


def is_tiff(file: Path) -> bool:
    """Tell by its first bytes whether a file is a TIFF, whatever its name."""
    with file.open("rb") as stream:
        return stream.read(4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@contextlib.contextmanager
def as_file_error(file: Path) -> Iterator[None]:
    """Raise ``ImageFileError`` for the errors of many kinds that the readers raise on damaged files."""
    try:
        yield
    except (PyBridgeError, MemoryError):
        raise
    except PermissionError as error:
        raise ImageFileError(
            f"open {str(file)!r}", found=error.strerror or "no permission", do="check that you may read the file"
        ) from error
    except Exception as error:
        raise ImageFileError(
            f"open {str(file)!r}",
            found=f"it cannot be read as an image ({type(error).__name__}: {str(error)[:200]})",
            do="open it in ImageJ and save it as TIFF, or export it again",
        ) from error


def sha256_of_file(path: Path) -> str:
    """Hash the bytes of a file; models and images of gigabytes take seconds, and may be stopped."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_HASHED_AT_ONCE_BYTES):
            check_cancelled()
            digest.update(chunk)
    return digest.hexdigest()


def _read_tiff(file: Path) -> Image:
    import tifffile

    with tifffile.TiffFile(file) as tiff:
        check_whole_tiff(file, tiff)
        array = tiff.series[0].asarray()
        if array.dtype == np.bool_:  # as ImageJ, and as the other 1-bit formats
            array = array.astype(np.uint8) * np.uint8(255)
        return tiff_to_image(file, tiff, array)


def tiff_to_image(file: Path, tiff: Any, array: NDArray[Any]) -> Image:
    """Make an image of the first series of an open TIFF.

    Parameters
    ----------
    file : Path
        Its path.
    tiff : tifffile.TiffFile
        The open file.
    array : ndarray or LazyArray
        The pixels of the series.
    """
    import tifffile

    array, axes = _known_axes(array, tiff.series[0].axes, file=file)
    return Image(
        array=array,
        axes=axes,
        name=file.name,
        calibration=calibration_of(tiff),
        channel_names=channel_names_of(tiff, axes, array.shape),
        path=str(file),
        inverting_lut=tiff.pages.first.photometric == tifffile.PHOTOMETRIC.MINISWHITE,
        info=imagej_info_of(tiff),
    )


def check_whole_tiff(file: Path, tiff: Any) -> None:
    """Raise when the pixel data of the first series should go on behind the end of the file.

    Raises
    ------
    ImageFileError
        If it should.
    """
    size, series, first = file.stat().st_size, tiff.series[0], tiff.pages.first
    short = any(
        offset + count > size
        for page in series.pages
        if page is not None
        for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False)
    )
    if first.compression == 1 and not short:
        # Large stacks have one page for all planes; ImageJ's description says how many there are.
        planes = int((tiff.imagej_metadata or {}).get("images", 1)) if tiff.is_imagej else 1
        alone = 0
        if len(tiff.pages) == 1 and not tiff.is_imagej and first.bitspersample >= 8:  # smaller samples are packed
            alone = series.size * series.dtype.itemsize
        short = first.dataoffsets[0] + planes * sum(first.databytecounts) > size or alone > size
    if short:
        raise ImageFileError(
            f"open {str(file)!r}",
            found=f"the file is truncated ({size} bytes, pixel data should go on)",
            do="copy or export it again",
        )


def _known_axes(array: NDArray[Any], axes: str, *, file: Path) -> tuple[NDArray[Any], str]:
    """Name tifffile's other axes as ImageJ would: pages without a meaning are slices; drop alpha."""
    known = [letter in "TZCYXS" or array.shape[index] > 1 for index, letter in enumerate(axes)]
    array = np.squeeze(array, axis=tuple(index for index, keep in enumerate(known) if not keep))
    axes = "".join(letter for letter, keep in zip(axes, known, strict=True) if keep)
    for letter in axes:
        if letter not in "TZCYXS":
            free = next((name for name in "ZTC" if name not in axes), None)
            if free is None:
                raise ImageFileError(
                    f"open {str(file)!r}",
                    found=f"{array.ndim} dimensions, shape {array.shape}: more than frames, slices and channels",
                    do="save each part of it as a file of its own",
                )
            axes = axes.replace(letter, free, 1)
    if "S" in axes:
        array = np.moveaxis(array, axes.index("S"), -1)
        axes = axes.replace("S", "") + "S"
        array = array[..., :3] if array.shape[-1] == 4 else array
        if array.shape[-1] in (1, 2):  # grey, or grey with alpha
            array, axes = array[..., 0], axes[:-1]
        elif array.dtype != np.uint8 and "C" not in axes:  # as in ImageJ: only 8-bit samples are RGB
            axes = axes[:-1] + "C"
    return array, axes


def _read_other(file: Path) -> Image:
    from PIL import Image as Pillow
    from PIL import UnidentifiedImageError

    try:
        picture = Pillow.open(file)
    except UnidentifiedImageError:
        raise ImageFileError(
            f"open {str(file)!r}",
            found="it is no image of a kind we read (TIFF, PNG, JPEG, GIF, BMP, PGM)",
            do="open it in ImageJ or Fiji and save it as TIFF",
        ) from None
    with picture:
        frames = [_frame(picture, index) for index in range(getattr(picture, "n_frames", 1))]
        palette = np.array(picture.getpalette() or [], dtype=np.int64).reshape(-1, 3)
        inverting = picture.mode == "P" and _is_inverting(palette)
    array = frames[0] if len(frames) == 1 else np.stack(frames)
    axes = ("Z" if len(frames) > 1 else "") + ("YXS" if frames[0].ndim == 3 else "YX")
    return Image(array=array, axes=axes, name=file.name, path=str(file), inverting_lut=inverting)


def _frame(picture: Any, index: int) -> NDArray[Any]:
    picture.seek(index)
    mode = picture.mode
    if mode == "1":
        return np.asarray(picture).astype(np.uint8) * np.uint8(255)
    if mode == "LA":
        return np.asarray(picture)[..., 0]
    if mode in ("L", "P", "I;16", "F", "RGB"):
        return np.asarray(picture)
    if mode in ("I", "I;16B"):  # Pillow widens 16-bit PNG and PGM to 32 bits
        wide = np.asarray(picture)
        return wide.astype(np.uint16) if wide.min() >= 0 and wide.max() <= 65535 else wide
    return np.asarray(picture.convert("RGB"))


def _is_inverting(palette: NDArray[np.int64]) -> bool:
    """Whether a palette is grey and falls from bright to dark."""
    grey = bool(len(palette)) and bool((palette == palette[:, :1]).all())
    return grey and palette[0, 0] > palette[-1, 0] and bool((np.diff(palette[:, 0]) <= 0).all())
