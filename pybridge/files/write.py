"""Writing outputs: each file appears whole or not at all, and nothing is overwritten unasked.

Imports core; tifffile inside functions.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.advice import MAKE_ROOM, OTHER_FOLDER, REPLACE_OUTPUT
from pybridge.core.errors import ImageError, OutputError, OutputExistsError, PyBridgeError
from pybridge.core.image import Calibration, Image
from pybridge.core.label_colours import display_maximum, label_colours
from pybridge.files.ome_tiff import is_ome_tiff, ome_metadata


def write_whole(path: Path, write: Callable[[Path], object], *, overwrite: bool = False) -> None:
    """Let ``write`` make a file under a temporary name, then give it its own name in one step.

    Parameters
    ----------
    path : Path
        The final name; its folder is made when missing.
    write : callable
        Called with the temporary path, in the same folder.
    overwrite : bool
        Replace an existing file. Otherwise one that is there, or comes into being meanwhile, is an error.

    Raises
    ------
    OutputExistsError
        If the file is there already.
    OutputError
        If it cannot be written: no permission, no space.
    """
    if path.exists() and not overwrite:
        raise existing_output(path)
    make_folder(path.parent)
    try:
        descriptor, name = tempfile.mkstemp(prefix=".pybridge-", suffix=path.suffix, dir=path.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            write(temporary)
            publish(temporary, path, overwrite=overwrite)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
    except PyBridgeError:
        raise
    except OSError as error:
        raise unwritable_output(path, error) from error


def publish(temporary: Path, path: Path, *, overwrite: bool = False) -> None:
    """Give a finished file or folder its own name, on the same file system, in one step.

    Raises
    ------
    OutputExistsError
        If something of that name is there and may not be replaced.
    """
    if temporary.is_dir():
        _publish_folder(temporary, path, overwrite=overwrite)
        return
    # mkstemp makes private files; an output has the permissions that the user's umask gives.
    temporary.chmod(0o666 & ~_umask())
    if overwrite:
        os.replace(temporary, path)
    else:
        _link(temporary, path)


def _publish_folder(temporary: Path, path: Path, *, overwrite: bool) -> None:
    """Rename a folder. No folder can be replaced in one step, so the old one steps aside first."""
    temporary.chmod(0o777 & ~_umask())
    if path.exists() and not overwrite:
        raise existing_output(path)
    if not path.exists():
        os.rename(temporary, path)
        return
    with tempfile.TemporaryDirectory(prefix=".pybridge-", dir=path.parent, ignore_cleanup_errors=True) as aside:
        old = Path(aside) / path.name
        os.rename(path, old)
        try:
            os.rename(temporary, path)
        except OSError:
            os.rename(old, path)
            raise


def write_text(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a UTF-8 text file whole or not at all."""
    write_whole(path, lambda temporary: _write_utf8(temporary, text), overwrite=overwrite)


def write_labels(path: Path, labels: Image, *, overwrite: bool = False) -> None:
    """Write a label image as an ImageJ TIFF: uint16, or float32 above 65,535 objects.

    Raises
    ------
    ImageError
        If there are more labels than float32 can tell apart (2**24).
    """
    array = labels_for_imagej(labels.array)
    display = LabelDisplay(display_maximum(float(array.max(initial=0)), bits=8 * array.itemsize))
    write_imagej_tiff(path, with_pixels(labels, array), overwrite=overwrite, display=display)


def labels_for_imagej(labels: NDArray[Any]) -> NDArray[Any]:
    """Give labels the type that ImageJ can hold: uint16 up to 65,535, else float32 (exact to 2**24).

    Raises
    ------
    ImageError
        If there are more labels than float32 can tell apart.
    """
    highest = int(labels.max(initial=0))
    if highest > 2**24:
        raise ImageError(
            f"keep {highest} labels in one image",
            found="ImageJ's 32-bit images tell labels apart up to 16,777,216 only",
            do="segment the image in parts",
        )
    return labels.astype(np.uint16 if highest <= 65535 else np.float32, copy=False)


def with_pixels(image: Image, array: NDArray[Any]) -> Image:
    """Return the image with other pixels of the same shape."""
    return image.replace(
        array=array, axes=image.axes, name=image.name, channel_names=image.channel_names, info=image.info
    )


@dataclass(frozen=True, slots=True)
class LabelDisplay:
    """Show the values as labels: our colours, from 0 to ``maximum``."""

    maximum: float


def write_imagej_tiff(
    path: Path, image: Image, *, overwrite: bool = False, display: LabelDisplay | None = None
) -> None:
    """Write an ImageJ TIFF with axes, calibration, display range, "Info", and the colours of labels when asked.

    A name that ends in ``.ome.tif`` makes an OME-TIFF, which has no place for display and origin.
    """
    import tifffile

    size = image.calibration
    array = image.tzcyx()
    if is_ome_tiff(path):
        axes = "TZCYX" + ("S" if image.is_rgb else "")
        colours = "rgb" if image.is_rgb else "minisblack"
        about = ome_metadata(size, name=image.name, axes=axes, channel_names=image.channel_names, info=image.info)
        write_whole(
            path,
            # Without photometric, tifffile takes three channels for colours.
            lambda temporary: tifffile.imwrite(temporary, array, ome=True, metadata=about, photometric=colours),
            overwrite=overwrite,
        )
        return
    highest = display.maximum if display is not None else float(array.max(initial=0)) or 1.0
    metadata = imagej_metadata(size)
    if image.is_rgb:
        metadata["axes"] += "S"
    else:
        metadata |= {"min": 0.0, "max": highest}
    if display is not None:
        metadata["LUTs"] = [np.ascontiguousarray(label_colours().T)]
    if image.info:
        metadata["Info"] = image.info
    write_whole(
        path,
        lambda temporary: tifffile.imwrite(
            temporary,
            array,
            imagej=True,
            resolution=(1 / size.x, 1 / size.y),
            metadata=metadata,
        ),
        overwrite=overwrite,
    )


def imagej_metadata(size: Calibration) -> dict[str, Any]:
    """Give what tifffile writes into ImageJ's description for a calibration; the keys are ImageJ's."""
    metadata: dict[str, Any] = {
        "axes": "TZCYX",
        "unit": size.unit.replace("µ", "\\u00B5"),
        "spacing": size.z,
        "loop": False,
    }
    if size.frame_interval:
        metadata |= {"finterval": size.frame_interval, "tunit": size.time_unit}
    for key, origin in (("xorigin", size.origin_x), ("yorigin", size.origin_y), ("zorigin", size.origin_z)):
        if origin:
            metadata[key] = origin
    return metadata


def existing_output(path: Path) -> OutputExistsError:
    """Say that an output is there already."""
    return OutputExistsError(
        f"write {str(path)!r}",
        found="the file exists",
        do=REPLACE_OUTPUT,
    )


def unwritable_output(path: Path, error: OSError) -> OutputError:
    """Say why an output cannot be written."""
    return OutputError(
        f"write {str(path)!r}",
        found=error.strerror or str(error),
        do=MAKE_ROOM,
    )


def _write_utf8(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def make_folder(folder: Path) -> None:
    """Make the folder of an output when it is missing.

    Raises
    ------
    OutputExistsError
        If a file stands in its place.
    OutputError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise OutputExistsError(
            f"write into the folder {str(folder)!r}",
            found="a file stands where the folder should be",
            do=OTHER_FOLDER,
        ) from None
    except OSError as error:
        raise unwritable_output(folder, error) from error


def _link(temporary: Path, path: Path) -> None:
    """Give the file its name unless that name is taken: ``os.replace`` would overwrite without a word."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise existing_output(path) from None
    except OSError:  # a file system without hard links: claim the name first, then replace our own claim
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except FileExistsError:
            raise existing_output(path) from None
        os.replace(temporary, path)


def _umask() -> int:
    # It can only be read by setting it; a file that another thread makes meanwhile is too private, not open to all.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
