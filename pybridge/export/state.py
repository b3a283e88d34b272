"""Weights by name: what lies in a torch file, and whether it fits a network. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from pybridge.core.errors import ModelError, UsageError, list_some
from pybridge.files.yaml_file import list_wrong_settings
from pybridge.networks.build import build_network
from pybridge.networks.config import HeadConfig, NetworkConfig, NetworkSettings
from pybridge.networks.torch_file import load_torch_file
from pybridge.zoo.integrity import check_file
from pybridge.zoo.model import Model

State = dict[str, torch.Tensor]

# Where trainers put the weights in a checkpoint that holds more; ``average`` before ``network``: it scored better.
_WRAPPERS = ("average", "network", "state_dict", "model_state_dict", "model", "net", "weights")
_PARALLEL = "module."


class TorchWeights(NamedTuple):
    """What fine-tuning starts from.

    Parameters
    ----------
    network : NetworkConfig
        The body.
    head : HeadConfig
        The head.
    channels : int
        Channels of the input.
    state : dict of str to Tensor
        State dict of that ``Network``.
    """

    network: NetworkConfig
    head: HeadConfig
    channels: int
    state: State


def load_weights(model: Model) -> TorchWeights:
    """Read the torch weights of a model that PyBridge made.

    Parameters
    ----------
    model : Model
        From ``zoo.find``.

    Returns
    -------
    TorchWeights
        ``network, head, channels, state``; the state fits that network.

    Raises
    ------
    ModelError
        If the model has no torch weights, or they are damaged, changed or of another network.
    """
    asked = f"read the torch weights of {model.id!r}"
    do = "start from a model that `pybridge train` made, for example nuclei-fluo"
    if model.torch_weights is None or not model.config.network:
        kind = (
            "no torch weights" if model.torch_weights is None else "torch weights of a network that is not PyBridge's"
        )
        raise ModelError(asked, found=f"the model has {kind}", do=do)
    settings = check_settings(model.config.network, asked=asked)
    path = check_file(model.folder, model.torch_weights, asked=asked)
    state = state_in(load_torch_file(path), asked=asked)
    with torch.device("meta"):
        empty = build_network(settings.network, settings.head, channels=settings.channels, dims=settings.dims)
    check_state(empty, state, asked=asked)
    return TorchWeights(settings.network, settings.head, settings.channels, state)


def check_settings(content: object, *, asked: str) -> NetworkSettings:
    """Check the settings of a network of ours.

    Raises
    ------
    ModelError
        With each wrong setting.
    """
    from pydantic import ValidationError

    try:
        return NetworkSettings.model_validate(content)
    except ValidationError as error:
        raise ModelError(
            asked, found=list_wrong_settings(error), do="give the settings that it was trained with"
        ) from error


def state_in(content: Any, *, asked: str) -> State:
    """Find the weights in what a torch file holds: a state dict, or a checkpoint with one in it.

    Raises
    ------
    ModelError
        If there is none.
    """
    state = _as_state(content)
    if state is None and isinstance(content, Mapping):
        state = next((found for key in _WRAPPERS if (found := _as_state(content.get(key))) is not None), None)
    if state is None:
        kind = (
            f"{type(content).__name__} with {list_some(list(map(str, content)))}"
            if isinstance(content, Mapping)
            else ""
        )
        raise ModelError(
            asked,
            found=f"no state dict in it, but {kind or type(content).__name__}",
            do="save the weights with `torch.save(model.state_dict(), file)`",
        )
    if all(name.startswith(_PARALLEL) for name in state):
        # DataParallel wraps a network and so renames all of its weights.
        state = {name.removeprefix(_PARALLEL): tensor for name, tensor in state.items()}
    return state


def check_state(module: nn.Module, state: State, *, asked: str) -> None:
    """Raise unless a state dict has the tensors of a module, by name and shape.

    Raises
    ------
    ModelError
        With the names that are missing, unexpected or of another shape.
    """
    own = module.state_dict()
    found = []
    missing, unexpected = [name for name in own if name not in state], [name for name in state if name not in own]
    if missing:
        found.append(f"missing {list_some(missing)}")
    if unexpected:
        found.append(f"unexpected {list_some(unexpected)}")
    shapes = [
        f"{name} is {tuple(state[name].shape)} in the file and {tuple(tensor.shape)} in the network"
        for name, tensor in own.items()
        if name in state and state[name].shape != tensor.shape
    ]
    if shapes:
        found.append(f"other shapes: {list_some(shapes, between='; ')}")
    if found:
        raise ModelError(
            asked,
            found=f"these weights are of another network: {'; '.join(found)}",
            do="give the architecture and settings that the weights were trained with",
        )


def read_torch_content(path: Path, *, trust: bool) -> Any:
    """Read a torch file, after a look at whether it is one.

    Raises
    ------
    UsageError
        If it is the file of another framework.
    ModelError
        If it is damaged, or would run code and is not trusted.
    """
    kind = _kind_of(path)
    if kind:
        raise UsageError(
            f"export {str(path)!r}",
            found=kind,
            do="give a torch file with a state dict; other frameworks write ONNX themselves (tf2onnx, keras2onnx), and "
            "`pybridge models add` takes a bioimage.io folder with such a file",
        )
    return load_torch_file(path, trust=trust)


def _kind_of(path: Path) -> str:
    """Recognise files that are not torch's by how they begin; empty for all others."""
    import zipfile

    if path.is_dir():
        return "a folder (a TensorFlow model is one)"
    if not path.is_file():
        return "no such file"
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(b"\x89HDF"):
        return "an HDF5 file, as Keras and ilastik write them"
    if len(start) >= 9 and start[8:9] == b"{" and path.suffix.lower() == ".safetensors":
        return "a safetensors file"
    if path.suffix.lower() == ".onnx":
        return "an ONNX file, which is what export makes"
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            inside = [name.split("/", 1)[-1] for name in archive.namelist()]
        if "constants.pkl" in inside:
            return "a TorchScript archive, which holds a program and not only weights"
        if any(name.endswith("model.weights.h5") for name in inside):
            return "a Keras archive"
    return ""


def _as_state(content: Any) -> State | None:
    if not isinstance(content, Mapping) or not content:
        return None
    whole = all(isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in content.items())
    return dict(content) if whole else None
