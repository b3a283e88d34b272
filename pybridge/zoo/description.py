"""Descriptions of bioimage.io models, formats 0.4 and 0.5, validated with ``bioimageio.spec`` → ``Described``.

Nothing is fetched from a network and nothing of the folder is executed. ``bioimageio.spec`` and pydantic are imported
inside functions only: they take seconds.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pybridge.core.errors import ModelError
from pybridge.zoo.config import read_config
from pybridge.zoo.model import FileRef, PyBridgeConfig, TensorSpec

_MOST_VALUES = 100_000


@dataclass(frozen=True, slots=True)
class Described:
    """What a description says, before its files are looked at: a ``Model`` without a folder."""

    id: str | None
    name: str
    version: str
    description: str
    license: str
    cite: tuple[str, ...]
    authors: tuple[str, ...]
    source: str
    format_version: str
    weights: FileRef
    external: FileRef | None
    opset: int
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    config: PyBridgeConfig = field(default_factory=PyBridgeConfig)
    tags: tuple[str, ...] = ()
    timestamp: str = ""
    torch_weights: FileRef | None = None


def read_description(text: str, *, folder: Path, file_name: str) -> Described:
    """Validate the text of a description and turn it to values.

    Parameters
    ----------
    text : str
        Content of the YAML file.
    folder : Path
        The folder that relative names refer to.
    file_name : str
        Name of the file, for messages.

    Raises
    ------
    ModelError
        If it is no YAML, no model, rejected by ``bioimageio.spec``, without ONNX weights, or asks for a step or an
        axis that PyBridge does not run.
    """
    asked = f"read the model description {file_name!r}"
    content = _parse_yaml(text, asked=asked)
    kind = content.get("type", "model")
    if kind != "model":
        raise ModelError(asked, found=f"a description of type {kind!r}", do="choose the description of a model")
    descr = validate_content(content, folder=folder, file_name=file_name, asked=asked)
    version = str(content.get("format_version", ""))
    if version.startswith(("0.3", "0.4")):
        from pybridge.zoo.tensors_v04 import tensors_of_v04 as tensors_of
    else:
        from pybridge.zoo.tensors_v05 import tensors_of_v05 as tensors_of
    onnx = descr.weights.onnx
    if onnx is None:
        raise _no_onnx(descr, asked=asked)
    inputs, outputs = tensors_of(descr)
    external = getattr(onnx, "external_data", None)
    return Described(
        id=_text(descr.id) or None,
        name=str(descr.name),
        version=_text(descr.version),
        description=_text(descr.description),
        license=_text(descr.license),
        cite=tuple(_citation(entry) for entry in descr.cite),
        authors=tuple(str(author.name) for author in descr.authors),
        source=_source(content),
        format_version=version,
        weights=_file_ref(onnx, asked=asked),
        external=None if external is None else _file_ref(external, asked=asked),
        opset=int(onnx.opset_version or 0),
        inputs=inputs,
        outputs=outputs,
        config=read_config(content.get("config"), asked=asked),
        tags=tuple(map(str, descr.tags)),
        timestamp=str(content.get("timestamp", "")),
        torch_weights=_torch_weights(descr),
    )


def _parse_yaml(text: str, *, asked: str) -> dict[str, Any]:
    from bioimageio.spec.utils import read_yaml

    try:
        content = read_yaml(text)
    # The YAML reader has many error classes of its own, all of them about this text.
    except Exception as error:  # noqa: BLE001
        raise ModelError(
            asked, found=f"no valid YAML: {_first_lines(error)}", do="mend the file or get it again"
        ) from None
    if not isinstance(content, Mapping):
        raise ModelError(
            asked, found=f"{type(content).__name__} instead of named fields", do="mend the file or get it again"
        )
    if _has_too_many_values(content):
        raise ModelError(
            asked,
            found=f"more than {_MOST_VALUES} values, aliases written out",
            do="get the model from a source that you trust",
        )
    return {str(key): value for key, value in content.items()}


def _has_too_many_values(content: Any) -> bool:
    """Count the values as whoever copies them will: with aliases of aliases a few lines of YAML mean billions."""
    left, seen = [content], 0
    while left and seen <= _MOST_VALUES:
        value = left.pop()
        seen += 1
        if isinstance(value, Mapping):
            left.extend(value.values())
        elif isinstance(value, (list, tuple)):
            left.extend(value)
    return seen > _MOST_VALUES


def validate_content(content: dict[str, Any], *, folder: Path, file_name: str, asked: str) -> Any:
    """Let ``bioimageio.spec`` judge the content of a description; gives its own object of the model.

    Raises
    ------
    ModelError
        If it is rejected; the message names the fields.
    """
    from bioimageio.spec import InvalidDescr, ValidationContext, build_description

    # No IO checks: they would fetch sources that lie on servers. The files that we use are checked in integrity.py.
    context = ValidationContext(root=folder, file_name=file_name, perform_io_checks=False, log_warnings=False)
    try:
        with _quiet():
            descr = build_description(content, context=context)
    # A damaged description can make the validator itself fail in any way; to the user it is one reason.
    except Exception as error:  # noqa: BLE001
        raise _rejected(asked, f"{type(error).__name__}: {_first_lines(error)}") from None
    if isinstance(descr, InvalidDescr):
        problems = [
            f"{'.'.join(map(str, entry.loc)) or 'description'}: {_first_lines(entry.msg)}"
            for detail in descr.validation_summary.details
            for entry in detail.errors
        ]
        shown = "; ".join(problems[:4]) + (f"; and {len(problems) - 4} more" if len(problems) > 4 else "")
        raise _rejected(asked, shown)
    if getattr(descr, "type", None) != "model":
        raise ModelError(asked, found="no description of a model", do="choose the description of a model")
    return descr


def _rejected(asked: str, reason: str) -> ModelError:
    return ModelError(
        asked,
        found=f"bioimageio.spec rejects it: {reason}",
        do="mend the description or get the model again",
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the validator's advice to authors of models off the user's terminal."""
    from loguru import logger

    logger.disable("bioimageio")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.enable("bioimageio")


def _no_onnx(descr: Any, *, asked: str) -> ModelError:
    known = (
        "pytorch_state_dict",
        "torchscript",
        "keras_hdf5",
        "keras_v3",
        "tensorflow_saved_model_bundle",
        "tensorflow_js",
    )
    formats = [name for name in known if getattr(descr.weights, name, None) is not None]
    return ModelError(
        asked,
        found=f"weights only as {', '.join(formats) or 'nothing'}, no ONNX",
        do="turn the weights to ONNX with `pybridge export`, or get the model with ONNX weights",
    )


def _file_ref(entry: Any, *, asked: str) -> FileRef:
    source = str(entry.source)
    if "://" in source:
        raise ModelError(
            asked,
            found=f"the ONNX weights lie at {source}, not in the folder",
            do="get the whole model package; PyBridge downloads nothing by itself",
        )
    return FileRef(_name_of(entry.source), _text(entry.sha256) or None)


def _torch_weights(descr: Any) -> FileRef | None:
    """Name the torch state dict when it lies in the folder."""
    entry = getattr(descr.weights, "pytorch_state_dict", None)
    if entry is None or "://" in str(entry.source):
        return None
    return FileRef(_name_of(entry.source), _text(entry.sha256) or None)


def _name_of(source: Any) -> str:
    # With a folder as root the validator may give an absolute path; we keep the name inside the folder.
    return Path(str(getattr(source, "path", source))).as_posix()


def _citation(entry: Any) -> str:
    where = f"https://doi.org/{entry.doi}" if entry.doi else _text(entry.url)
    return f"{entry.text} {where}".strip()


def _source(content: Mapping[str, Any]) -> str:
    for key in ("source", "git_repo", "download_url"):
        if content.get(key):
            return str(content[key])
    return ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _first_lines(problem: object) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return " ".join(lines[:3])[:300]
