"""Adding models to the user's folder and taking them out again: whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path

from pybridge.core.errors import ModelError, ModelNotFoundError, UsageError, did_you_mean
from pybridge.core.progress import check_cancelled
from pybridge.files.home import user_models_folder
from pybridge.files.write import publish
from pybridge.zoo.catalogue import description_in, list_entries, load
from pybridge.zoo.integrity import inside
from pybridge.zoo.model import Model


def add_model(source: Path, *, id: str | None = None) -> Model:
    """Check a model and copy it into the user's models folder.

    Parameters
    ----------
    source : Path
        A model folder, a .zip package, or a description file (its whole folder is copied).
    id : str, optional
        Name that users type; by default the description's id or the name of the folder or package.

    Returns
    -------
    Model
        The installed copy.

    Raises
    ------
    ModelError
        If the model is damaged, hostile, or of a form that PyBridge does not run.
    UsageError
        If the id is taken or no usable name.
    """
    checked = load(source)
    name = _usable(id or checked.id)
    asked = f"add the model {str(source)!r} as {name!r}"
    taken = {entry.id: entry.origin for entry in list_entries()}
    if name in taken:
        raise UsageError(
            asked, found=f"a {taken[name]} model has that id", do="choose another with id, or remove that one first"
        )
    root = user_models_folder()
    root.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=root, prefix=".", suffix=".tmp"))
    try:
        _copy(checked.folder, temporary, asked=asked)
        if source.is_file() and source.suffix.lower() != ".zip":
            # The folder may hold several descriptions; the one that was named is the one to use.
            _make_main(temporary, source.name)
        load(description_in(temporary, asked=asked), id=name)
        publish(temporary, root / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return load(root / name, id=name)


def remove_model(id: str) -> Path:
    """Delete a model of the user's; gives the folder that was there.

    Raises
    ------
    ModelNotFoundError
        If the user has no model of that id.
    UsageError
        If it is one that came with PyBridge.
    """
    entries = {entry.id: entry for entry in list_entries()}
    if id not in entries:
        raise ModelNotFoundError(f"remove the model {id!r}", found="no model of that id", do=did_you_mean(id, entries))
    entry = entries[id]
    if entry.origin != "user":
        raise UsageError(f"remove the model {id!r}", found="it came with PyBridge", do="leave it where it is")
    doomed = Path(tempfile.mkdtemp(dir=entry.folder.parent, prefix=".", suffix=".removed"))
    # Renamed first, so that an interrupted removal leaves no half model under its name.
    os.rename(entry.folder, doomed / id)
    shutil.rmtree(doomed)
    return entry.folder


def _usable(name: str) -> str:
    cleaned = re.sub(r"[^\w.+-]+", "-", name.strip()).strip("-.")
    if not cleaned:
        raise UsageError(f"add a model as {name!r}", found="no usable name", do="give one of letters and digits as id")
    return cleaned


def _copy(folder: Path, target: Path, *, asked: str) -> None:
    for path in sorted(folder.rglob("*")):
        check_cancelled()
        relative = path.relative_to(folder)
        if path.is_symlink():
            inside(folder, relative.as_posix(), asked=asked)
        if any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
            continue
        if path.is_dir():
            (target / relative).mkdir(parents=True, exist_ok=True)
        elif path.is_file():
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / relative)
        else:
            raise ModelError(asked, found=f"{relative.as_posix()!r} is no plain file", do="take it out of the folder")


def _make_main(folder: Path, name: str) -> None:
    main = folder / "bioimageio.yaml"
    if name != main.name:
        os.replace(folder / name, main)
