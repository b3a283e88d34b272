"""Stores that keep the outputs of a task in files while they are made; they get their own names when all are done.

Imports core and files; tifffile and zarr inside functions.
"""

from __future__ import annotations

import logging
import math
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.core.lazy import LazyArray
from pybridge.core.store import ImageForm
from pybridge.files.lazy import MappedArray
from pybridge.files.ome_tiff import is_ome_tiff, ome_metadata, put_info
from pybridge.files.ome_zarr import SUFFIX, OmeZarrWriter
from pybridge.files.write import imagej_metadata, make_folder, publish, unwritable_output

_MOST_TIFF_BYTES = 2**32 - 2**20
_LATER = "-"  # only a tag that is there can be given a longer value


class FileStore:
    """Keeps images in OME-Zarr folders and ImageJ TIFFs, written region by region. A context: what is not published
    when it ends is removed.

    Parameters
    ----------
    paths : mapping of str to Path
        The final path for each role; ``.zarr`` makes an OME-Zarr, anything else a TIFF.
    overwrite : bool
        Whether existing outputs may be replaced.

    Examples
    --------
    >>> import tempfile
    >>> from pybridge.core.image import Calibration
    >>> with tempfile.TemporaryDirectory() as folder, FileStore({"y": Path(folder, "y.tif")}) as store:
    ...     target = store.make(ImageForm("y", "y", "YX", (5, 7), Calibration()))
    ...     target[:, 2:4] = np.ones((5, 2), np.float32)
    ...     store.publish("{}")
    ...     float(np.asarray(target.stored()).sum()), Path(folder, "y.tif").is_file()
    (10.0, True)
    """

    def __init__(self, paths: Mapping[str, Path], *, overwrite: bool = False) -> None:
        self._paths = dict(paths)
        self._overwrite = overwrite
        self._made: list[tuple[Path, Path, TiffWriter | OmeZarrWriter]] = []
        self._folders: list[Path] = []

    def __enter__(self) -> FileStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for folder in self._folders:
            _remove(folder)

    def make(self, form: ImageForm) -> TiffWriter | OmeZarrWriter:
        """Begin an image, under a temporary name in the folder where it will lie.

        Raises
        ------
        OutputError
            If nothing can be written there.
        """
        path = self._paths[form.role]
        make_folder(path.parent)
        folder = path.parent / f".pybridge-{uuid.uuid4().hex}"
        # Noted before it is made: an interrupt between the two must not leave it behind.
        self._folders.append(folder)
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise unwritable_output(path, error) from error
        temporary = folder / path.name
        is_zarr = path.suffix.lower() == SUFFIX
        writer = OmeZarrWriter(temporary, form) if is_zarr else TiffWriter(temporary, form)
        self._made.append((temporary, path, writer))
        return writer

    def publish(self, info: str) -> None:
        """Finish all images and give them their names; ``info`` (the run record) goes into those that can hold it.

        Raises
        ------
        OutputExistsError
            If one is there already.
        """
        for _, _, writer in self._made:
            writer.finish(info)
        for temporary, path, writer in self._made:
            publish(temporary, path, overwrite=self._overwrite)
            writer.moved(path)
        self._made.clear()


def _remove(folder: Path) -> None:
    """Remove a temporary folder. A thread of zarr that was in the middle of a file may put one more into it."""
    for pause_s in (0.0, 0.05, 0.2, 1.0):
        time.sleep(pause_s)
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
    logging.getLogger("pybridge.files").warning("could not remove the temporary folder %s", folder)


class TiffWriter:
    """A new ImageJ TIFF of float32 that takes regions; or an OME-TIFF, when its name ends in ``.ome.tif``.

    Parameters
    ----------
    path : Path
        The file.
    form : ImageForm
        Axes, shape and calibration.

    Raises
    ------
    UsageError
        If it would be larger than a TIFF of ImageJ can be.
    """

    def __init__(self, path: Path, form: ImageForm) -> None:
        import tifffile

        self._is_ome = is_ome_tiff(path)
        count = math.prod(form.shape) * 4
        if count > _MOST_TIFF_BYTES and not self._is_ome:
            raise UsageError(
                f"write {path.name!r}",
                found=f"{count} bytes of pixels, but an ImageJ TIFF holds at most 4 GiB",
                do="write an OME-Zarr: -o with a name that ends in .ome.zarr",
            )
        lengths = dict(zip(form.axes, form.shape, strict=True))
        size = form.calibration
        about = (
            ome_metadata(size, name=form.name, axes="TZCYX", channel_names=form.channel_names)
            if self._is_ome
            else imagej_metadata(size) | {"Info": _LATER}
        )
        mapped: Any = tifffile.memmap(
            path,
            shape=tuple(lengths.get(letter, 1) for letter in "TZCYX"),
            dtype=np.float32,
            imagej=not self._is_ome,
            ome=self._is_ome,
            photometric="minisblack",
            resolution=(1 / size.x, 1 / size.y),
            metadata=about,
        )
        self._shape, self._offset, self._dtype = form.shape, mapped.offset, mapped.dtype
        self.moved(path)

    def __setitem__(self, where: Any, pixels: NDArray[np.float32]) -> None:
        self._array[where] = pixels

    def stored(self) -> LazyArray:
        """View what was written."""
        return self._array.lazy()

    def finish(self, info: str) -> None:
        """Put the record behind the pixels; the place that was kept for it before them points there."""
        import tifffile

        if self._is_ome:
            put_info(self._path, info)
            return
        with tifffile.TiffFile(self._path, mode="r+") as tiff:
            for code, kind, _, value, _ in tifffile.imagej_metadata_tag({"Info": info}, tiff.byteorder):
                tiff.pages.first.tags[code].overwrite(value, dtype=kind)

    def moved(self, path: Path) -> None:
        """Say where the file is now."""
        self._path = path
        self._array = MappedArray(path, offset=self._offset, shape=self._shape, dtype=self._dtype)
