"""All that a model folder says besides its network, and what the export fills in.

Imports zoo's values, core's errors and the nouns of export that need no torch.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import UsageError
from pybridge.export.about import ModelText
from pybridge.export.description import FILES, FORMAT_VERSION
from pybridge.export.tensors import space_of, with_size
from pybridge.zoo.catalogue import DESCRIPTIONS
from pybridge.zoo.model import FixedSize, Model, PyBridgeConfig, TensorSpec, TiedSize

if TYPE_CHECKING:
    from pybridge.export.onnx_file import OnnxFile
    from pybridge.networks.build import Network


@dataclass(frozen=True, slots=True)
class Attachment:
    """A further file of the folder: a name without folders, and its bytes."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Package:
    """All that a model folder says besides its network.

    Parameters
    ----------
    id : str
        What users type.
    text : ModelText
        What people say of the model. What they do not say is left out and listed in the README.
    input, output : TensorSpec
        From ``tensors.input_tensor`` and ``output_tensor``, or a template.
    config : PyBridgeConfig
        Task, decoder, scores, training, training profile. ``network`` is filled in.
    readme : str
        Markdown; the parity table and what is missing are added.
    test_image : ndarray, shape (C, Y, X) or (C, Z, Y, X)
        An image as stored, of a size that the network takes; input of the model's own test.
    cover : ndarray of uint8, shape (Y, X, 3), optional
        Picture of what it does.
    attachments : tuple of Attachment
        Training record, curves, recipe.
    """

    id: str
    text: ModelText
    input: TensorSpec
    output: TensorSpec
    config: PyBridgeConfig
    readme: str
    test_image: NDArray[Any]
    cover: NDArray[np.uint8] | None = None
    attachments: tuple[Attachment, ...] = ()


def check_attachments(package: Package) -> None:
    """Raise when an attachment would take another file's place, or lie elsewhere."""
    taken = {name.casefold() for name in (*FILES, *DESCRIPTIONS)}
    for each in package.attachments:
        if PurePath(each.name).name != each.name or each.name.casefold() in taken:
            raise UsageError(
                f"export {package.id!r}",
                found=f"an attachment named {each.name!r}",
                do="give it a plain name of its own",
            )
        taken.add(each.name.casefold())


def as_exported(package: Package, onnx: OnnxFile, ours: Network | None) -> Package:
    """Fill in what only the export knows: the size that the graph takes, and the settings of the network."""
    config, tensor, output = package.config, package.input, package.output
    if ours is not None:
        config = dataclasses.replace(config, network=ours.settings.model_dump(mode="json"))
    if onnx.size is not None:
        tensor = with_size(tensor, [FixedSize(length) for length in onnx.size])
        axes = tuple(dataclasses.replace(axis, halo=0) for axis in output.axes)
        output = dataclasses.replace(output, axes=axes)
    for axis in space_of(output):
        if not isinstance(axis.size, TiedSize) or axis.size.tensor != tensor.id:
            raise UsageError(
                f"export {package.id!r}", found=f"the output axis {axis.id!r} is not tied to the input", do="tie it"
            )
    return dataclasses.replace(package, config=config, input=tensor, output=output)


def model_of(package: Package, onnx: OnnxFile) -> Model:
    """Make a model of the ONNX file before there is a description to read."""
    content = onnx.path.read_bytes()
    text = package.text
    return Model(
        id=package.id,
        name=text.title or package.id,
        version=text.version,
        description=text.description,
        license=text.license or "",
        cite=(),
        authors=text.authors,
        source="",
        format_version=FORMAT_VERSION,
        folder=onnx.path.parent,
        weights=onnx.path,
        sha256=hashlib.sha256(content).hexdigest(),
        weights_bytes=len(content),
        inputs=(package.input,),
        outputs=(package.output,),
        opset=onnx.opset,
        config=package.config,
    )
