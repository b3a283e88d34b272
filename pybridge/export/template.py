"""What an exported network is to be: taken from an existing model, or from a YAML file. Never torch."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge import zoo
from pybridge.core.errors import UsageError
from pybridge.export.about import CitationText, ModelText
from pybridge.export.template_file import Linear, MeanStd, Percentiles, TemplateFile, check_template
from pybridge.export.tensors import (
    EPS,
    channel_names_of,
    halo_of,
    input_tensor,
    output_tensor,
    percentile_steps,
    space_ids,
    with_channels,
)
from pybridge.files.yaml_file import read_yaml
from pybridge.zoo.integrity import check_file
from pybridge.zoo.model import (
    DecoderSpec,
    FixedSize,
    FreeSize,
    Model,
    PyBridgeConfig,
    SteppedSize,
    TensorSpec,
    TiedSize,
)
from pybridge.zoo.processing import EnsureDtype, ScaleLinear, Sigmoid, Softmax, Step, ZeroMeanUnitVariance

_SHORTEST_PX = 16


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What an exported network is to be.

    Parameters
    ----------
    id : str
        Of the new model.
    text : ModelText
        What people say of it.
    input, output : TensorSpec
        Its tensors, axes ``(batch, channel, space…)``.
    config : PyBridgeConfig
        Task, decoder, channel.
    test_image : ndarray or None
        Test image of the model that served as template, shape ``(C, Y, X)`` or ``(C, Z, Y, X)``.
    """

    id: str
    text: ModelText
    input: TensorSpec
    output: TensorSpec
    config: PyBridgeConfig
    test_image: NDArray[Any] | None = None


def read_template(reference: str | os.PathLike[str], *, id: str) -> Template:
    """Read a template.

    Parameters
    ----------
    reference : str or path
        A YAML file of ours, or a model: id, folder, .zip or description.
    id : str
        Id of the new model when the template is another model.

    Raises
    ------
    UsageError
        If the file says something that cannot be, or the model has another form than one image in, one image out.
    ModelError, ModelNotFoundError
        If there is no such model or it is damaged.
    """
    path = Path(reference)
    if path.suffix.lower() in (".yaml", ".yml", ".json") and path.is_file():
        asked = f"read the template {str(path)!r}"
        content = read_yaml(path, asked=asked, do="give a YAML file; `pybridge export --help` shows one")
        # A bioimage.io description says which version of the format it has.
        if not (isinstance(content, Mapping) and "format_version" in content):
            return template_of_file(check_template(content, path=path))
    return template_of_model(zoo.find(reference), id=id)


def template_of_file(given: TemplateFile) -> Template:
    """Turn a checked YAML template to tensors."""
    ids = space_ids(given.dims)
    if given.size is not None:
        sizes: list[FixedSize | SteppedSize] = [FixedSize(length) for length in given.size]
    else:
        assert given.step is not None
        minimum = given.minimum or -(-_SHORTEST_PX // given.step) * given.step
        sizes = [SteppedSize(minimum, given.step) for _ in ids]
    tensor = input_tensor(given.channel_names, sizes=sizes, steps=_normalisation(given, ids))
    activations: dict[str, tuple[Step, ...]] = {"none": (), "sigmoid": (Sigmoid(),), "softmax": (Softmax(),)}
    output = output_tensor(
        given.output_channels,
        of=tensor,
        steps=activations[given.output.activation],
        id=given.output.name,
        description=given.output.description,
    )
    decoder = None if given.decoder is None else DecoderSpec(**given.decoder.model_dump())
    task = "predict" if decoder is None else "segment"
    return Template(given.name, given.about, tensor, output, PyBridgeConfig(task, decoder, given.channel))


def template_of_model(model: Model, *, id: str) -> Template:
    """Take tensors, normalisation, decoder and texts from a model; not its scores, which are not the new one's.

    Raises
    ------
    UsageError
        If it has another form than one image in, one image of the same size out.
    """
    asked = f"take {model.id!r} as a template"
    do = "write a template of your own; `pybridge export --help` shows one"
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise UsageError(
            asked, found=f"it has {len(model.inputs)} inputs and {len(model.outputs)} outputs, not one of each", do=do
        )
    given, result = model.inputs[0], model.outputs[0]
    for tensor in (given, result):
        if tensor.letters not in ("BCYX", "BCZYX"):
            raise UsageError(asked, found=f"the tensor {tensor.id!r} has axes {tensor.letters}, not BCYX", do=do)
    tensor = _as_input(given)
    return Template(
        id=re.sub(r"[^\w.+-]+", "-", id.strip()).strip("-.") or model.id,
        text=_texts_of(model),
        input=tensor,
        output=_as_output(result, of=tensor, asked=asked, do=do),
        config=PyBridgeConfig(model.config.task, model.config.decoder, model.config.channel),
        test_image=_test_image(model, given, asked=asked),
    )


def _normalisation(given: TemplateFile, ids: tuple[str, ...]) -> tuple[Step, ...]:
    wanted = given.normalisation
    if isinstance(wanted, Percentiles):
        return percentile_steps(wanted.low_percentile, wanted.high_percentile, dims=given.dims)
    first: tuple[Step, ...] = (EnsureDtype("float32"),)
    if isinstance(wanted, MeanStd):
        return (*first, ZeroMeanUnitVariance(ids, EPS))
    if isinstance(wanted, Linear):
        return (*first, ScaleLinear((wanted.gain,), (wanted.offset,)))
    return first


def _as_input(tensor: TensorSpec) -> TensorSpec:
    """Bring a model's input to the form that export writes: its own tensor, without its test file."""
    axes = []
    for axis in tensor.axes:
        size = axis.size
        if axis.kind == "space" and isinstance(size, FreeSize):
            size = SteppedSize(max(size.minimum, _SHORTEST_PX), 1)
        elif axis.kind == "space" and isinstance(size, TiedSize):
            of = size.axis
            size = next(each.size for each in tensor.axes if each.id == of)
        elif axis.kind == "batch":
            size = FreeSize()
        axes.append(dataclasses.replace(axis, size=size))
    return with_channels(
        dataclasses.replace(tensor, axes=tuple(axes), test_tensor=None, dtype="float32"), channel_names_of(tensor)
    )


def _as_output(tensor: TensorSpec, *, of: TensorSpec, asked: str, do: str) -> TensorSpec:
    axes = []
    for axis, source in zip(tensor.axes, of.axes, strict=True):
        size = axis.size
        follows = isinstance(size, TiedSize) and size.axis == source.id and size.scale == 1 and not size.offset
        if axis.kind == "space" and not follows and size != source.size:
            raise UsageError(asked, found=f"its output axis {axis.id!r} has not the length of the input's", do=do)
        if axis.kind == "space":
            axis = dataclasses.replace(axis, size=TiedSize(of.id, source.id), halo=min(axis.halo, halo_of(source.size)))
        elif axis.kind == "batch":
            axis = dataclasses.replace(axis, size=FreeSize())
        axes.append(axis)
    return with_channels(
        dataclasses.replace(tensor, axes=tuple(axes), test_tensor=None, dtype="float32"), channel_names_of(tensor)
    )


def _texts_of(model: Model) -> ModelText:
    cited = [_citation(text) for text in model.cite]
    return ModelText(
        description=model.description,
        authors=model.authors,
        license=model.license or None,
        tags=model.tags,
        cite=tuple(each for each in cited if each is not None),
    )


def _citation(text: str) -> CitationText | None:
    """Take a citation apart again: its text, then its address."""
    said, _, address = text.rpartition(" ")
    if address.startswith("https://doi.org/"):
        return CitationText(text=said or address, doi=address.removeprefix("https://doi.org/"))
    return CitationText(text=said or address, url=address) if address.startswith("http") else None


def _test_image(model: Model, tensor: TensorSpec, *, asked: str) -> NDArray[Any] | None:
    if tensor.test_tensor is None or "://" in tensor.test_tensor.name:
        return None
    array: NDArray[Any] = np.load(check_file(model.folder, tensor.test_tensor, asked=asked), allow_pickle=False)
    return array[0] if array.ndim == len(tensor.axes) else None
