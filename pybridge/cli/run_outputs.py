"""The files of a whole run: their names, the checks before the work, and writing them after it.

Imports files and core; itself imported when a command runs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.errors import OutputError
from pybridge.files.outputs import OutputPlan, Role, free_name
from pybridge.files.places import check_name, place_of
from pybridge.files.write import write_text, write_whole

if TYPE_CHECKING:
    from pybridge.tasks.images import ImageLike


def folder_of_run(plans: Sequence[OutputPlan]) -> Path:
    """Find the folder that holds all outputs."""
    folders = {os.path.abspath(plan.folder) for plan in plans}
    # Folders on two Windows drives have nothing in common: then the first one serves.
    together = len({os.path.splitdrive(folder)[0] for folder in folders}) == 1
    return Path(os.path.commonpath(folders)) if len(folders) > 1 and together else plans[0].folder


def taken_by(plans: Sequence[OutputPlan], roles: Sequence[Role], *further: Path) -> tuple[Path, ...]:
    """List the names that no file of the whole run may have: the inputs, their outputs, and further inputs."""
    return (*(plan.source for plan in plans), *(plan.path_of(*role) for plan in plans for role in roles), *further)


def paths_among(sources: Sequence[ImageLike]) -> tuple[Path, ...]:
    """List those of some images that are files."""
    return tuple(Path(each) for each in sources if isinstance(each, (str, os.PathLike)))


def run_file(asked: str | None, default: Path, *, overwrite: bool, taken: Sequence[Path] = ()) -> Path:
    """Choose the path of a file for the whole run: one asked for must be free, the default one steps aside.

    Raises
    ------
    OutputExistsError
        If there is a file of the name asked for.
    UsageError
        If an input or another output of the run has that name.
    """
    if not asked:
        # The record of the image run.tif has that name too.
        return free_name(default, overwrite=overwrite, taken={place_of(each) for each in taken})
    check_name(Path(asked), overwrite=overwrite, taken=taken)
    return Path(asked)


class RunWriter:
    """Writes the files of a whole run; one that cannot be written takes neither the others nor the result away.

    Parameters
    ----------
    overwrite : bool
        Whether existing files may be replaced.
    """

    def __init__(self, *, overwrite: bool) -> None:
        self._overwrite = overwrite
        self._written: set[Path] = set()
        self._unwritten: dict[Path, OutputError] = {}

    @property
    def unwritten(self) -> tuple[OutputError, ...]:
        """Why files could not be written."""
        return tuple(self._unwritten.values())

    def warnings_in(self, record: Path) -> tuple[str, ...]:
        """The same for the record, which says nothing of itself: who reads it has it."""
        return tuple(f"not written: {error}" for path, error in self._unwritten.items() if path != record)

    def has_written(self, path: Path) -> bool:
        """Say whether that file is there and of this run; one of an earlier run may lie there all the same."""
        return path in self._written

    def write(self, path: Path, content: str | bytes) -> bool:
        """Write one file, whole or not at all; False when it could not be. A second time replaces the first."""
        overwrite = self._overwrite or path in self._written
        try:
            if isinstance(content, str):
                write_text(path, content, overwrite=overwrite)
            else:
                write_whole(path, lambda temporary: temporary.write_bytes(content), overwrite=overwrite)
        except OutputError as error:
            self._unwritten[path] = error
            return False
        self._written.add(path)
        self._unwritten.pop(path, None)
        return True
