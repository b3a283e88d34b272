"""A model folder from a torch network and its package: ONNX, torch weights, test tensors, description, README.

Written whole or not at all. Imports torch.
"""

from __future__ import annotations

import copy
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pybridge.core.errors import OutputExistsError, PyBridgeError
from pybridge.export import description as names
from pybridge.export.description import Described, TorchEntry, check_text, write_description
from pybridge.export.onnx_file import OnnxFile, write_onnx
from pybridge.export.package import Package, as_exported, check_attachments, model_of
from pybridge.export.parity import BATCHES, ParityTable, measure_parity, require_parity
from pybridge.export.readme import complete_readme, missing_texts
from pybridge.export.sizes import check_output, sides_to_compare, step_of
from pybridge.export.tensors import channel_names_of, space_of
from pybridge.files.write import existing_output, make_folder, publish, unwritable_output
from pybridge.networks.build import Network
from pybridge.runtime import Gather, open_predictor
from pybridge.zoo import load
from pybridge.zoo.catalogue import DESCRIPTIONS
from pybridge.zoo.model import Model

_log = logging.getLogger("pybridge.export")


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """A model folder that was written.

    Parameters
    ----------
    model : Model
        As ``zoo.find`` gives it.
    parity : ParityTable
        Torch against ONNX.
    warnings : tuple of str
        What its user should know: what nobody stated, a size that is fixed.
    """

    model: Model
    parity: ParityTable
    warnings: tuple[str, ...] = ()


def write_package(module: nn.Module, package: Package, folder: Path, *, overwrite: bool = False) -> ExportedModel:
    """Write a model folder, whole or not at all.

    A ``Network`` of ours is exported with its activations, and its torch weights go into the folder, so that
    fine-tuning can start from it. Any other module is exported as it is.

    Parameters
    ----------
    module : nn.Module
        Takes and gives one tensor ``(N, C, …)``; left as it is.
    package : Package
        All the rest.
    folder : Path
        The model folder itself.
    overwrite : bool
        Replace a model folder.

    Returns
    -------
    ExportedModel

    Raises
    ------
    ModelError
        If the network cannot be exported, its outputs are not those described, or torch and ONNX differ.
    OutputExistsError
        If the folder is there, or is no model folder that could be replaced.
    OutputError
        If it cannot be written.
    """
    check_folder(folder, overwrite=overwrite)
    check_text(package.id, package.text)
    check_attachments(package)
    make_folder(folder.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=".pybridge-", dir=folder.parent, ignore_cleanup_errors=True) as held:
            temporary = Path(held) / "model"
            temporary.mkdir()
            # Mode, device and type are the caller's; the copy runs as the ONNX file does.
            copied = copy.deepcopy(module).cpu().float().eval()
            parity, warnings = _fill(temporary, copied, package)
            publish(temporary, folder, overwrite=overwrite)
    except PyBridgeError:
        raise
    except OSError as error:
        raise unwritable_output(folder, error) from error
    for warning in warnings:
        _log.warning("%s: %s", package.id, warning)
    return ExportedModel(load(folder), parity, warnings)


def check_folder(folder: Path, *, overwrite: bool) -> None:
    """Raise when a model folder could not be written there: before the long work.

    Raises
    ------
    OutputExistsError
        If it is there and may not be replaced, or holds something else than a model.
    """
    if not folder.exists():
        return
    if not overwrite:
        raise existing_output(folder)
    is_model = folder.is_dir() and any((folder / name).is_file() for name in DESCRIPTIONS)
    if not is_model and not (folder.is_dir() and not any(folder.iterdir())):
        raise OutputExistsError(
            f"replace {str(folder)!r} by a model",
            found="it is no model folder, and all that is in it would be lost",
            do="name a new folder, or an earlier model's",
        )


def _fill(folder: Path, module: nn.Module, package: Package) -> tuple[ParityTable, tuple[str, ...]]:
    asked = f"export {package.id!r}"
    ours = module if isinstance(module, Network) else None
    exported = module if ours is None else ours.activated()
    steps = step_of(package.input, asked=asked)
    test = np.ascontiguousarray(package.test_image, dtype=np.float32)[None]
    check_output(exported, package.input, package.output, test.shape[2:], asked=asked)
    onnx = write_onnx(
        exported,
        folder / names.ONNX,
        channels=len(channel_names_of(package.input)),
        step=steps,
        dims=len(space_of(package.input)),
        input_name=package.input.id,
        output_name=package.output.id,
        size=test.shape[2:],
    )
    package = as_exported(package, onnx, ours)
    np.save(folder / names.TEST_INPUT, test)
    model = model_of(package, onnx)
    parity = measure_parity(
        exported, model, sides=sides_to_compare(package.input, onnx, ours), batches=BATCHES if onnx.any_batch else (1,)
    )
    require_parity(parity, asked=asked)
    np.save(folder / names.TEST_OUTPUT, _test_output(model, test))
    entry = None if ours is None else _write_weights(ours, folder)
    _write_files(package, folder)
    (folder / names.README).write_text(
        complete_readme(package.readme, package.text, parity=parity.markdown(), parity_limit=parity.limit),
        encoding="utf-8",
        newline="\n",
    )
    attached = tuple(each.name for each in package.attachments)
    described = Described(
        id=package.id,
        text=package.text,
        input=package.input,
        output=package.output,
        config=package.config,
        opset=onnx.opset,
        torch=entry,
        attachments=attached,
    )
    write_description(described, folder)
    load(folder)
    return parity, _warnings(package, onnx)


def _test_output(model: Model, test: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give what the model gives for its test image, before postprocessing's users see it: as the runtime does it."""
    sink = Gather(test.shape[2:])
    predictor = open_predictor(model, device="cpu")
    predictor.predict(test[0], "C" + predictor.layout.grid, tile="none", sink=sink)
    return sink.arrays[0][None]


def _write_weights(network: Network, folder: Path) -> TorchEntry:
    """Write the state dict: tensors by name, nothing else."""
    state = {
        name: tensor.detach().clone(memory_format=torch.contiguous_format)
        for name, tensor in network.state_dict().items()
    }
    torch.save(state, folder / names.WEIGHTS)
    version = str(torch.__version__).split("+")[0]
    return TorchEntry(version, network.settings.model_dump(mode="json"))


def _write_files(package: Package, folder: Path) -> None:
    if package.cover is not None:
        from PIL import Image as Pillow

        Pillow.fromarray(package.cover).save(folder / names.COVER)
    for each in package.attachments:
        (folder / each.name).write_bytes(each.content)


def _warnings(package: Package, onnx: OnnxFile) -> tuple[str, ...]:
    found = []
    if onnx.reason:
        size = " x ".join(map(str, onnx.size or ()))
        found.append(f"its network takes {size} pixels only, since torch cannot keep its sides open: {onnx.reason}")
    missing = missing_texts(package.text)
    if missing:
        found.append(f"nobody has stated its {', '.join(missing)}; its README says so")
    return tuple(found)
