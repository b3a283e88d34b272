"""Does a model give here what its author says it gives? The logic of ``pybridge models test``.

Imports zoo, runtime and core.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.errors import DeviceError, ModelError, PyBridgeError
from pybridge.core.progress import check_cancelled
from pybridge.core.record import DeviceUsed
from pybridge.runtime import TOLERANCE, Gather, Predictor, largest_difference, list_devices, open_predictor
from pybridge.zoo.integrity import check_file
from pybridge.zoo.model import FileRef, Model, TensorSpec


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """One row of the table.

    Parameters
    ----------
    device : str
        What was asked for, for example ``"cpu"``.
    how : str
        ``"as given"``: the test tensors, untiled; ``"tiled"``: cut into tiles.
    verdict : str
        ``passed``, ``failed``, or ``not possible`` (the model takes one size; or tiles only approximate it).
    difference : float
        Largest ``|found - expected| / max(1, |expected|)``; NaN when nothing was compared.
    note : str
        The reason, when it did not pass.
    used : DeviceUsed or None
        The device that really ran.
    """

    device: str
    how: str
    verdict: str
    difference: float = float("nan")
    note: str = ""
    used: DeviceUsed | None = None


@dataclass(frozen=True, slots=True)
class ModelVerification:
    """All rows for one model."""

    model: Model
    checks: tuple[ModelCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether something was compared and nothing failed."""
        verdicts = [check.verdict for check in self.checks]
        return "passed" in verdicts and "failed" not in verdicts


def verify_model(model: Model, *, devices: tuple[str, ...] | None = None) -> ModelVerification:
    """Run a model on its own test tensors, as given and in tiles, on each device.

    Parameters
    ----------
    model : Model
        From ``pybridge.zoo.find``.
    devices : tuple of str, optional
        Devices to try; by default the CPU and every GPU that the driver shows.

    Returns
    -------
    ModelVerification
        One row for each device and way.

    Raises
    ------
    ModelError
        If the model has no test tensors, or they are damaged.
    """
    inputs = [_test_tensor(model, spec) for spec in model.inputs if not spec.optional]
    expected = [_test_tensor(model, spec) for spec in model.outputs]
    checks: list[ModelCheck] = []
    for device in devices or list_devices():
        check_cancelled()
        try:
            predictor = open_predictor(model, device=device)
        except DeviceError as error:
            checks.append(ModelCheck(device, "as given", "failed", note=str(error)))
            continue
        checks.append(_as_given(predictor, device, inputs, expected))
        checks.append(_tiled(predictor, device, inputs))
    return ModelVerification(model, tuple(checks))


def _test_tensor(model: Model, spec: TensorSpec) -> NDArray[Any]:
    asked = f"test the model {model.id!r}"
    reference = spec.test_tensor
    if reference is None or "://" in reference.name:
        where = "no test tensor" if reference is None else f"its test tensor only at {reference.name}"
        raise ModelError(asked, found=f"{where} for {spec.id!r}", do="get the whole model package")
    path = check_file(model.folder, FileRef(reference.name, reference.sha256), asked=asked)
    return _load(path, spec, asked=asked)


def _load(path: Path, spec: TensorSpec, *, asked: str) -> NDArray[Any]:
    try:
        array: NDArray[Any] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelError(asked, found=f"{path.name} is no .npy array: {error}", do="get the model again") from None
    if array.ndim != len(spec.axes) or array.dtype.kind not in "buif":
        raise ModelError(
            asked, found=f"{path.name} has shape {array.shape} for axes {spec.letters!r}", do="get the model again"
        )
    return array


def _items(array: NDArray[Any], letters: str) -> list[NDArray[Any]]:
    """Split a tensor along its batch."""
    if "B" not in letters:
        return [array]
    return list(np.moveaxis(array, letters.index("B"), 0))


def _as_given(
    predictor: Predictor, device: str, inputs: list[NDArray[Any]], expected: list[NDArray[Any]]
) -> ModelCheck:
    specs = predictor.model.outputs
    try:
        worst = 0.0
        batches = [_items(array, spec.letters) for array, spec in zip(inputs, predictor.model.inputs, strict=False)]
        wanted = [_items(array, spec.letters) for array, spec in zip(expected, specs, strict=True)]
        for number, item in enumerate(zip(*batches, strict=True)):
            found = _run(predictor, item, tile="none")
            for spec, array, right in zip(specs, found, [each[number] for each in wanted], strict=True):
                worst = max(worst, _difference(array, _canonical(right, spec)))
    except PyBridgeError as error:
        return ModelCheck(device, "as given", "failed", note=str(error), used=predictor.device)
    verdict = "passed" if worst <= TOLERANCE else "failed"
    note = "" if verdict == "passed" else "the outputs are not the author's"
    return ModelCheck(device, "as given", verdict, worst, note, predictor.device)


def _tiled(predictor: Predictor, device: str, inputs: list[NDArray[Any]]) -> ModelCheck:
    """Compare tiles with none on the first test input, reflected to a size that is worth cutting."""
    rules = predictor.layout.rules
    fixed = [rule.minimum for rule in rules if rule.fixed and rule.minimum > 1]
    if fixed or not all(output.tiled for output in predictor.layout.outputs):
        note = f"the network takes exactly {fixed[0]} pixels" if fixed else "an output is one value for the whole image"
        return ModelCheck(device, "tiled", "not possible", note=note, used=predictor.device)
    # The smallest image that needs two tiles along each axis, each as short as the network allows.
    lengths = {
        letter: 1 if rule.fixed else rule.shortest_cut()
        for letter, rule in zip(predictor.layout.grid, rules, strict=True)
    }
    try:
        item = tuple(
            _reflected(_items(array, spec.letters)[0], spec.letters.replace("B", ""), lengths)
            for array, spec in zip(inputs, predictor.model.inputs, strict=False)
        )
        whole, parts = _run(predictor, item, tile="none"), _run(predictor, item, tile="1")
    except PyBridgeError as error:
        return ModelCheck(device, "tiled", "failed", note=str(error), used=predictor.device)
    worst = max(_difference(part, right) for part, right in zip(parts, whole, strict=True))
    if worst <= TOLERANCE:
        return ModelCheck(device, "tiled", "passed", worst, used=predictor.device)
    if not predictor.exact:
        note = "the network looks at the whole image: tiles only approximate it"
        return ModelCheck(device, "tiled", "not possible", worst, note, predictor.device)
    return ModelCheck(device, "tiled", "failed", worst, "tiles differ from an untiled run", predictor.device)


def _run(predictor: Predictor, item: tuple[NDArray[Any], ...], *, tile: str) -> list[NDArray[np.float32]]:
    layout = predictor.layout
    letters = layout.inputs[0].letters.replace("B", "")
    shape = [item[0].shape[letters.index(letter)] for letter in layout.grid]
    scales = [
        [scale for scale, letter in zip(output.scale, layout.grid, strict=True) if letter in output.letters]
        for output in layout.outputs
    ]
    sink = Gather(shape, scales=scales)
    arrays = tuple(
        array.transpose([which.letters.replace("B", "").index(letter) for letter in letters])
        for array, which in zip(item, layout.inputs, strict=True)
    )
    axes = letters.replace("I", "")
    if "I" in letters:
        arrays = tuple(np.squeeze(array, axis=letters.index("I")) for array in arrays)
    predictor.predict(arrays, axes, tile=tile, sink=sink)
    return sink.arrays


def _reflected(array: NDArray[Any], letters: str, lengths: dict[str, int]) -> NDArray[Any]:
    pads = [(0, max(0, lengths.get(letter, 0) - size)) for letter, size in zip(letters, array.shape, strict=True)]
    return np.pad(array, pads, mode="reflect")


def _canonical(array: NDArray[Any], spec: TensorSpec) -> NDArray[np.float64]:
    """Bring an expected output, without its batch, into the order channels, then TZYX."""
    letters = spec.letters.replace("B", "")
    keep = [index for index, letter in enumerate(letters) if letter in "CTZYX"]
    rest = tuple(index for index in range(array.ndim) if index not in keep)
    view = np.squeeze(array, axis=rest) if rest else array
    names = [letters[index] for index in keep]
    view = view.transpose([names.index(letter) for letter in "CTZYX" if letter in names])
    return (view if "C" in names else view[np.newaxis]).astype(np.float64)


def _difference(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """Give the largest relative difference; an author may have cropped the halo off all sides."""
    right = expected.squeeze()
    mine = found.squeeze().astype(np.float64)
    if mine.ndim != right.ndim:
        return float("inf")
    where = []
    for have, want in zip(mine.shape, right.shape, strict=True):
        spare = Fraction(have - want, 2)
        if spare < 0 or spare.denominator != 1:
            return float("inf")
        where.append(slice(int(spare), int(spare) + want))
    return largest_difference(mine[tuple(where)], right)
