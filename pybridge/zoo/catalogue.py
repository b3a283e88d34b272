"""Which models there are, and from what a user typed to a checked ``Model``.

A reference is an id (a folder name under the shipped or the user's models), a folder, a .zip package, or the path of
a description.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.baseline_names import baseline_ids
from pybridge.core.errors import ModelError, ModelNotFoundError, did_you_mean
from pybridge.files.home import shipped_folder, user_models_folder
from pybridge.zoo.archive import unpack
from pybridge.zoo.description import Described, read_description
from pybridge.zoo.fit import check_fit
from pybridge.zoo.integrity import check_weights
from pybridge.zoo.model import Model
from pybridge.zoo.stored import load_described, store_described

DESCRIPTIONS = ("bioimageio.yaml", "rdf.yaml", "model.yaml", "bioimageio.yml", "rdf.yml", "model.yml")
_YAML = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model folder that was found.

    ``origin`` is ``shipped`` or ``user``; ``problem`` says why there is no model.
    """

    id: str
    folder: Path
    origin: str
    model: Model | None
    problem: str = ""


def find(reference: str | os.PathLike[str], /) -> Model:
    """Find a model and check it.

    Parameters
    ----------
    reference : str or path
        Id, folder, .zip or path of a description. An id wins over a folder of the same name in the current folder;
        write ``./name`` for the latter.

    Returns
    -------
    Model
        Description, and files whose hashes were compared with it.

    Raises
    ------
    ModelNotFoundError
        If nothing answers to that reference; the message names the nearest ids.
    ModelError
        If the model is damaged or of a form that PyBridge does not run.
    """
    text = os.fspath(reference)
    if not os.path.dirname(text):
        folder = _folder_of_id(text)
        if folder is not None:
            return load(folder, id=text)
    path = Path(text).expanduser()
    if text and path.exists():
        return load(path)
    known = [name for name, _, _ in _folders()]
    raise ModelNotFoundError(
        f"find the model {text!r}", found="no model of that id and no such file or folder", do=_advice(text, known)
    )


def list_entries() -> tuple[CatalogueEntry, ...]:
    """List the shipped and the user's models, the broken ones with their reason."""
    entries = []
    for name, folder, origin in _folders():
        try:
            entries.append(CatalogueEntry(name, folder, origin, load(folder, id=name)))
        except ModelError as error:
            entries.append(CatalogueEntry(name, folder, origin, None, str(error)))
    return tuple(entries)


def list_models() -> tuple[Model, ...]:
    """List the shipped and the user's models that are whole, by id."""
    return tuple(entry.model for entry in list_entries() if entry.model is not None)


def load(path: Path, *, id: str | None = None) -> Model:
    """Read and check the model of a folder, a .zip package or a description file.

    Parameters
    ----------
    path : Path
        The folder, package or description.
    id : str, optional
        The id under which it was found; otherwise the description's own, or the folder's name.

    Raises
    ------
    ModelError
        If it is damaged or of a form that PyBridge does not run.
    ModelNotFoundError
        If nothing is there.
    """
    asked = f"open the model {str(path)!r}"
    if not path.exists():
        raise ModelNotFoundError(asked, found="no such file or folder", do="check the path")
    name = path.resolve().name
    if path.is_file() and path.suffix.lower() == ".zip":
        name, path = path.stem, unpack(path)
    elif path.is_file() and path.suffix.lower() not in _YAML:
        raise ModelError(
            asked,
            found=f"a {path.suffix or 'nameless'} file, no model",
            do="give a model folder, a .zip package or its bioimageio.yaml",
        )
    elif path.is_file():
        name = path.resolve().parent.name
    file = path if path.is_file() else description_in(path, asked=asked)
    folder = file.parent
    described = _described(file)
    weights = check_weights(described, folder=folder, asked=asked)
    check_fit(described.inputs, described.outputs, weights.graph, asked=asked)
    return Model(
        id=id or described.id or name,
        name=described.name,
        version=described.version,
        description=described.description,
        license=described.license,
        cite=described.cite,
        authors=described.authors,
        source=described.source,
        format_version=described.format_version,
        folder=folder,
        weights=weights.path,
        sha256=weights.sha256,
        weights_bytes=weights.size_bytes,
        inputs=described.inputs,
        outputs=described.outputs,
        opset=weights.graph.opset or described.opset,
        config=described.config,
        tags=described.tags,
        timestamp=described.timestamp,
        torch_weights=described.torch_weights,
    )


def description_in(folder: Path, *, asked: str) -> Path:
    """Find the description of a model folder; packages may hold it one folder deeper.

    Raises
    ------
    ModelError
        If there is none.
    """
    for place in (folder, *_only_subfolder(folder)):
        for name in DESCRIPTIONS:
            if (place / name).is_file():
                return place / name
        named = sorted(place.glob("*.bioimageio.yaml"))
        if len(named) == 1:
            return named[0]
    raise ModelError(
        asked,
        found=f"none of {', '.join(DESCRIPTIONS[:2])} in {str(folder)!r}",
        do="give the path of the description itself",
    )


def _described(file: Path) -> Described:
    asked = f"read the model description {file.name!r}"
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ModelError(asked, found="no UTF-8 text", do="get the model again") from None
    except OSError as error:
        raise ModelError(asked, found=str(error.strerror or error), do="check that you may read the file") from None
    stored = load_described(text)
    if stored is None:
        stored = read_description(text, folder=file.parent, file_name=file.name)
        store_described(text, stored)
    return stored


def _only_subfolder(folder: Path) -> list[Path]:
    inside = [each for each in folder.iterdir() if not each.name.startswith((".", "__"))]
    return inside if len(inside) == 1 and inside[0].is_dir() else []


def _folders() -> list[tuple[str, Path, str]]:
    """List (id, folder, origin); a shipped model hides a user's of the same id."""
    found: dict[str, tuple[str, Path, str]] = {}
    for origin, root in (("shipped", shipped_folder("models")), ("user", user_models_folder())):
        if not root.is_dir():
            continue
        for folder in sorted(root.iterdir()):
            if folder.is_dir() and any((folder / name).is_file() for name in DESCRIPTIONS):
                found.setdefault(folder.name, (folder.name, folder, origin))
    return sorted(found.values())


def _folder_of_id(name: str) -> Path | None:
    return next((folder for each, folder, _ in _folders() if each == name), None)


def _advice(text: str, known: list[str]) -> str:
    if os.path.dirname(text) or text.lower().endswith((".zip", *_YAML)):
        return "check the path; `pybridge models list` shows the models that have an id"
    return did_you_mean(text, [*known, *baseline_ids()])
