"""Whether an output can be written where it is wanted, asked before the work. Imports core."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from pybridge.core.errors import PyBridgeError
from pybridge.files.write import existing_output, make_folder, unwritable_output

_PROBE_BYTES = 1 << 16
"""A run record has a few thousand bytes; on a disk with less room than this the next file would fail anyway."""


def check_place(path: Path) -> None:
    """Raise when a file could not be written at ``path``; nothing is left there, missing folders neither.

    Permissions are no answer for every user and file system, so that a small file is written and taken away.

    Raises
    ------
    OutputExistsError
        If there is such a file, or a file stands where a folder should be.
    OutputError
        If the folder cannot be made or written into, or the disk is full.

    Examples
    --------
    >>> check_place(Path("no such folder yet") / "record.json")
    >>> Path("no such folder yet").exists()
    False
    """
    missing: list[Path] = []
    try:
        if path.exists():
            raise existing_output(path)
        missing += [folder for folder in path.parents if not folder.exists()]
        make_folder(path.parent)
        with tempfile.NamedTemporaryFile(prefix=".pybridge-", dir=path.parent) as probe:
            probe.write(bytes(_PROBE_BYTES))
            probe.flush()
    except PyBridgeError:
        raise
    except OSError as error:
        raise unwritable_output(path, error) from error
    finally:
        for folder in missing:  # the deepest first
            with contextlib.suppress(OSError):
                folder.rmdir()
