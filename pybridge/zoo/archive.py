"""Model packages as zip files: looked through with suspicion, unpacked once into a private folder of the user's."""

from __future__ import annotations

import lzma
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath

from pybridge.core.errors import ModelError, PyBridgeError
from pybridge.core.progress import check_cancelled
from pybridge.files.home import home_folder
from pybridge.zoo.integrity import sha256_of

MAX_FILES = 10_000
MAX_BYTES = 16 << 30
# What zipfile and its decompressors raise on damaged content; two of them have bases of their own.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, ValueError)


def unpack(path: Path) -> Path:
    """Unpack a model package and give its folder; a package that was unpacked before is not unpacked again.

    Raises
    ------
    ModelError
        If it is no zip, is damaged or encrypted, or holds names with ``..``, absolute names, symbolic links, or more
        than a model needs.
    """
    asked = f"open the model package {path.name!r}"
    target = home_folder() / "cache" / "packages" / sha256_of(path)
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent, suffix=".tmp"))
    try:
        unpack_into(path, temporary, asked=asked)
        try:
            os.rename(temporary, target)
        except OSError:
            # Another process was faster; its folder comes from the same bytes.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def unpack_into(path: Path, folder: Path, *, asked: str) -> None:
    """Unpack a package into an empty folder, after every name in it was checked.

    Raises
    ------
    ModelError
        As ``unpack``.
    """
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            _check_entries(entries, asked=asked)
            written = 0
            for entry in entries:
                check_cancelled()
                place = folder.joinpath(*PurePosixPath(entry.filename).parts)
                if entry.is_dir():
                    place.mkdir(parents=True, exist_ok=True)
                    continue
                place.parent.mkdir(parents=True, exist_ok=True)
                with package.open(entry) as source, place.open("xb") as file:
                    # The sizes in the directory of a zip may lie, so the bytes are counted as they come.
                    while chunk := source.read(1 << 20):
                        written += len(chunk)
                        if written > MAX_BYTES:
                            raise _refused(asked, f"more than {MAX_BYTES >> 30} GiB of content")
                        file.write(chunk)
    except PyBridgeError:
        raise
    except (*_DAMAGED, FileExistsError, NotADirectoryError) as error:
        raise ModelError(asked, found=f"no whole zip file: {error}", do="get the package again") from None
    except OSError as error:
        # bzip2 says "Invalid data stream" without a number; with one it is the disk or a name that it cannot hold.
        found = f"no whole zip file: {error}" if error.errno is None else f"{error.strerror}: {error.filename!r}"
        raise ModelError(asked, found=found, do="get the package again, or make room for it") from None


def _check_entries(entries: list[zipfile.ZipInfo], *, asked: str) -> None:
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise _refused(asked, f"{len(entries)} files, {sum(e.file_size for e in entries) >> 20} MiB of content")
    for entry in entries:
        name = entry.filename
        parts = PurePosixPath(name).parts
        # Windows reads back slashes and drive letters as paths too.
        if not parts or ".." in parts or PurePosixPath(name).is_absolute() or "\\" in name:
            raise _refused(asked, f"the file name {name!r}")
        if PureWindowsPath(name).drive or ":" in name:
            raise _refused(asked, f"the file name {name!r}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refused(asked, f"the symbolic link {name!r}")
        if entry.flag_bits & 0x1:
            raise _refused(asked, f"the encrypted file {name!r}")


def _refused(asked: str, found: str) -> ModelError:
    return ModelError(asked, found=f"{found} in it", do="get the package from a source that you trust")
