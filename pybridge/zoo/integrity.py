"""Are a model's files the ones that its description means? Hashes, external data, truncated files."""

from __future__ import annotations

import functools
import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from pybridge.core.errors import ModelError
from pybridge.files.read import sha256_of_file
from pybridge.zoo.description import Described
from pybridge.zoo.model import FileRef
from pybridge.zoo.onnx_graph import OnnxGraph, read_onnx_graph

_hashes: dict[tuple[str, int, int], str] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class CheckedWeights:
    """Weights that are whole and are the ones described."""

    path: Path
    sha256: str
    size_bytes: int
    graph: OnnxGraph


def sha256_of(path: Path) -> str:
    """Hash a file; a file of the same path, size and time of change is hashed once in a process."""
    status = path.stat()
    key = (str(path.resolve()), status.st_size, status.st_mtime_ns)
    with _lock:
        known = _hashes.get(key)
    if known is not None:
        return known
    digest = sha256_of_file(path)
    with _lock:
        _hashes[key] = digest
    return digest


def inside(folder: Path, name: str, *, asked: str) -> Path:
    """Give the path of a file of a model folder; refuse names that lead out of it.

    Raises
    ------
    ModelError
        If the name is absolute, climbs out with ``..``, or goes through a link that leads out.
    """
    root = folder.resolve()
    strange = not name or PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor != "" or "\x00" in name
    target = root if strange else (root / name).resolve()
    if strange or target == root or not target.is_relative_to(root):
        raise ModelError(
            asked,
            found=f"the file name {name!r}, which leads out of the model folder",
            do="get the model from a source that you trust",
        )
    return target


def check_file(folder: Path, reference: FileRef, *, asked: str) -> Path:
    """Find a file of a model folder and compare its hash with the one that the description gives.

    Raises
    ------
    ModelError
        If it is outside the folder, missing, or another file than the one described.
    """
    path = inside(folder, reference.name, asked=asked)
    if not path.is_file():
        raise ModelError(asked, found=f"no file {reference.name!r} in {str(folder)!r}", do="get the whole model again")
    if reference.sha256 is not None:
        actual = sha256_of(path)
        if actual != reference.sha256.lower():
            raise ModelError(
                asked,
                found=f"{reference.name!r} has SHA-256 {actual}, but the description says {reference.sha256}",
                do="get the model again; the file was changed or damaged",
            )
    return path


@functools.lru_cache(maxsize=32)
def _graph_of(path: Path, sha256: str) -> OnnxGraph:
    """Read what a network takes and gives, once for each content of its file."""
    return read_onnx_graph(path)


def check_weights(described: Described, *, folder: Path, asked: str) -> CheckedWeights:
    """Check the ONNX file of a description and every file of external data that it names.

    Raises
    ------
    ModelError
        If a file is missing, truncated, outside the folder, or has another hash than the description gives.
    """
    weights = check_file(folder, described.weights, asked=asked)
    graph = _graph_of(weights, sha256_of(weights))
    known = {} if described.external is None else {described.external.name: described.external.sha256}
    beside = PurePosixPath(described.weights.name).parent
    external: list[tuple[str, Path]] = []
    for location in graph.external_files:
        # onnxruntime looks beside the ONNX file, wherever that lies in the folder.
        inside(weights.parent, location, asked=asked)
        name = (beside / location).as_posix()
        external.append((location, check_file(folder, FileRef(name, known.get(name)), asked=asked)))
    if described.external is not None:
        check_file(folder, described.external, asked=asked)
    sha256 = sha256_of(weights)
    if external:
        lines = [f"{sha256}  {weights.name}"] + [f"{sha256_of(path)}  {location}" for location, path in external]
        sha256 = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    size = weights.stat().st_size + sum(path.stat().st_size for _, path in external)
    return CheckedWeights(path=weights, sha256=sha256, size_bytes=size, graph=graph)
