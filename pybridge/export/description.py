"""A model folder's description, bioimage.io 0.5: from values to a validated YAML file. bioimageio.spec in functions."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pybridge.export.about import CitationText, DatasetText, ModelText
from pybridge.export.tensors import input_tensor, output_tensor
from pybridge.files.read import sha256_of_file
from pybridge.zoo import processing
from pybridge.zoo.description import validate_content
from pybridge.zoo.model import AxisSpec, DecoderSpec, FixedSize, PyBridgeConfig, SteppedSize, TensorSpec, TiedSize

if TYPE_CHECKING:
    from pybridge.zoo.processing import Step

FORMAT_VERSION = "0.5.4"
DESCRIPTION, ONNX, WEIGHTS = "bioimageio.yaml", "model.onnx", "weights.pt"
TEST_INPUT, TEST_OUTPUT = "test_input.npy", "test_output.npy"
README, COVER = "README.md", "cover.png"
FILES = (DESCRIPTION, ONNX, WEIGHTS, TEST_INPUT, TEST_OUTPUT, README, COVER)

_STEP_IDS: dict[type[Step], str] = {
    processing.EnsureDtype: "ensure_dtype",
    processing.Binarize: "binarize",
    processing.Clip: "clip",
    processing.ScaleLinear: "scale_linear",
    processing.Sigmoid: "sigmoid",
    processing.Softmax: "softmax",
    processing.FixedZeroMeanUnitVariance: "fixed_zero_mean_unit_variance",
    processing.ZeroMeanUnitVariance: "zero_mean_unit_variance",
    processing.ScaleRange: "scale_range",
    processing.ScaleMeanVariance: "scale_mean_variance",
}
_RENAMED = {"minimum": "min", "maximum": "max"}
_LISTS_OF_ONE_ARE_NUMBERS = ("threshold", "gain", "offset", "mean", "std")


@dataclasses.dataclass(frozen=True, slots=True)
class TorchEntry:
    """The torch weights of a package: version of torch and the arguments of ``network_from_settings``."""

    version: str
    settings: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Described:
    """What a description says besides the files of its folder.

    Parameters
    ----------
    id : str
        What users type.
    text : ModelText
        What people say of the model.
    input, output : TensorSpec
        Its tensors.
    config : PyBridgeConfig
        The block ``config.pybridge``.
    opset : int
        Of the ONNX file.
    torch : TorchEntry or None
        The torch weights, when there are any.
    attachments : tuple of str
        Names of further files.
    """

    id: str
    text: ModelText
    input: TensorSpec
    output: TensorSpec
    config: PyBridgeConfig
    opset: int
    torch: TorchEntry | None = None
    attachments: tuple[str, ...] = ()


def write_description(described: Described, folder: Path) -> None:
    """Write ``bioimageio.yaml`` for the files that lie in a folder, with their hashes.

    Raises
    ------
    ModelError
        If ``bioimageio.spec`` rejects it; the message names the fields.
    """
    from bioimageio.spec import save_bioimageio_yaml_only

    asked = f"describe the model {described.id!r}"
    content = description_content(described, folder)
    checked = validate_content(content, folder=folder, file_name=DESCRIPTION, asked=asked)
    save_bioimageio_yaml_only(checked, folder / DESCRIPTION)


def check_text(id: str, text: ModelText) -> None:
    """Raise when the format would not take what people say of a model: before the long work, not after it.

    Raises
    ------
    ModelError
        Naming the fields, for example a licence that is no SPDX identifier.
    """
    asked = f"describe the model {id!r}"
    tensor = input_tensor(["image"], sizes=[FixedSize(64)] * 2, steps=())
    content = _text_content(id, text) | {
        "inputs": [_tensor(tensor, steps="preprocessing")],
        "outputs": [_tensor(output_tensor(["fields"], of=tensor), steps="postprocessing")],
        "weights": {"onnx": {"source": ONNX, "opset_version": 18}},
    }
    validate_content(content, folder=Path(), file_name=DESCRIPTION, asked=asked)


def description_content(described: Described, folder: Path) -> dict[str, Any]:
    """Put the content of a description together; the keys are those of the format."""
    tests = {"test_tensor": _file(folder, TEST_INPUT)}, {"test_tensor": _file(folder, TEST_OUTPUT)}
    content = _text_content(described.id, described.text) | {
        "documentation": _file(folder, README),
        "inputs": [_tensor(described.input, steps="preprocessing") | tests[0]],
        "outputs": [_tensor(described.output, steps="postprocessing") | tests[1]],
        "weights": _weights(described, folder),
        "config": {"pybridge": config_content(described.config)},
    }
    if (folder / COVER).is_file():
        content["covers"] = [_file(folder, COVER)]
    if described.attachments:
        content["attachments"] = [_file(folder, name) for name in described.attachments]
    return content


def steps_to_content(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Write processing steps as the format has them.

    Examples
    --------
    >>> steps_to_content((processing.Sigmoid(), processing.EnsureDtype("float32")))
    [{'id': 'sigmoid'}, {'id': 'ensure_dtype', 'kwargs': {'dtype': 'float32'}}]
    """
    content = []
    for step in steps:
        kwargs: dict[str, Any] = {}
        for each in dataclasses.fields(step):
            value = getattr(step, each.name)
            if value is None:
                continue
            if isinstance(value, tuple):
                alone = each.name in _LISTS_OF_ONE_ARE_NUMBERS and getattr(step, "axis", None) is None
                value = value[0] if alone and len(value) == 1 else list(value)
            kwargs[_RENAMED.get(each.name, each.name)] = value
        content.append({"id": _STEP_IDS[type(step)]} | ({"kwargs": kwargs} if kwargs else {}))
    return content


def config_content(config: PyBridgeConfig) -> dict[str, Any]:
    """Write PyBridge's own block; what is empty is left out."""
    content: dict[str, Any] = {"task": config.task, "channel": config.channel}
    if config.decoder is not None:
        content["decoder"] = decoder_content(config.decoder)
    content |= {name: getattr(config, name) for name in ("network", "scores", "training", "training_profile")}
    return {key: value for key, value in content.items() if value not in (None, {})}


def decoder_content(decoder: DecoderSpec) -> dict[str, Any]:
    """Write a decoder with its parameters."""
    return {
        "name": decoder.name,
        "probability": decoder.probability,
        "overlap": decoder.overlap,
        "min_size": decoder.min_size,
        **dict(decoder.parameters),
    }


def _text_content(id: str, text: ModelText) -> dict[str, Any]:
    content: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "type": "model",
        "id": id,
        # The format wants five letters at least.
        "name": text.title or (id if len(id) >= 5 else f"model {id}"),
        "description": text.description,
        "version": text.version,
        "authors": [{"name": name} for name in text.authors],
        "cite": [_citation(each) for each in text.cite],
        "tags": list(dict.fromkeys((*text.tags, "onnx", "pybridge"))),
    }
    if text.license is not None:
        content["license"] = text.license
    if text.training_data.name:
        content["training_data"] = _dataset(text.training_data)
    return content


def _tensor(tensor: TensorSpec, *, steps: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": tensor.id,
        "description": tensor.description,
        "axes": [_axis(axis, with_unit=steps == "preprocessing") for axis in tensor.axes],
        "data": {"type": tensor.dtype},
        steps: steps_to_content(tensor.steps),
    }
    if tensor.data_range is not None:
        content["data"]["range"] = list(tensor.data_range)
    return content


def _axis(axis: AxisSpec, *, with_unit: bool) -> dict[str, Any]:
    if axis.kind == "batch":
        return {"type": "batch"}
    if axis.kind == "channel":
        return {"type": "channel", "channel_names": list(axis.channel_names)}
    content: dict[str, Any] = {"type": "space", "id": axis.id}
    if isinstance(axis.size, TiedSize):
        content["size"] = {"tensor_id": axis.size.tensor, "axis_id": axis.size.axis}
    elif isinstance(axis.size, SteppedSize):
        content["size"] = {"min": axis.size.minimum, "step": axis.size.step}
    elif isinstance(axis.size, FixedSize):
        content["size"] = axis.size.size
    if with_unit:
        content["unit"] = None
    if axis.halo:
        content["halo"] = axis.halo
    return content


def _weights(described: Described, folder: Path) -> dict[str, Any]:
    entry: dict[str, Any] = _file(folder, ONNX) | {"opset_version": described.opset}
    if described.torch is None:
        return {"onnx": entry}
    return {
        "onnx": entry | {"parent": "pytorch_state_dict"},
        "pytorch_state_dict": _file(folder, WEIGHTS)
        | {
            "pytorch_version": described.torch.version,
            "architecture": {
                "import_from": "pybridge.networks.build",
                "callable": "network_from_settings",
                "kwargs": described.torch.settings,
            },
        },
    }


def _file(folder: Path, name: str) -> dict[str, Any]:
    return {"source": name, "sha256": sha256_of_file(folder / name)}


def _citation(each: CitationText) -> dict[str, Any]:
    return {key: value for key, value in (("text", each.text), ("doi", each.doi), ("url", each.url)) if value}


def _dataset(data: DatasetText) -> dict[str, Any]:
    content: dict[str, Any] = {
        "type": "dataset",
        "format_version": "0.3.0",
        "name": data.name,
        "description": data.description,
        "authors": [{"name": name} for name in data.authors],
        "cite": [_citation(each) for each in data.cite],
    }
    if data.license is not None:
        content["license"] = data.license
    if data.source is not None:
        content["source"] = data.source
    return content
