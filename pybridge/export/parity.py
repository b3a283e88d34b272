"""Is the ONNX file the torch network? Both on the same numbers, on every device, whole and in tiles. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pybridge.core.errors import DeviceError, ModelError, PyBridgeError
from pybridge.core.progress import report
from pybridge.runtime import TOLERANCE, Gather, Predictor, largest_difference, list_devices, open_predictor
from pybridge.runtime.backend import NetworkError
from pybridge.zoo.model import Model

BATCHES = (1, 3)
# An image that needs larger tiles than this is no longer a quick check.
_LARGEST_TILED_PX = 16_000_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of the table.

    Parameters
    ----------
    device : str
        What ran the ONNX file.
    what : str
        ``torch``: against the torch network; ``tiles``: in tiles against an untiled run.
    batch : int
        Items at once.
    size : tuple of int
        Sides, pixels.
    verdict : str
        ``passed``, ``failed`` or ``not possible``.
    difference : float
        Largest ``|found - expected| / max(1, |expected|)``; NaN when nothing was compared.
    note : str
        The reason, when it did not pass.
    """

    device: str
    what: str
    batch: int
    size: tuple[int, ...]
    verdict: str
    difference: float = float("nan")
    note: str = ""


@dataclass(frozen=True, slots=True)
class ParityTable:
    """All rows for one network.

    Examples
    --------
    >>> table = ParityTable((Comparison("cpu", "torch", 3, (16, 32), "passed", 2e-7),))
    >>> table.passed, table.lines()[-1].split()
    (True, ['cpu', 'torch', '3', 'x', '16', 'x', '32', '2.0e-07', 'passed'])
    """

    rows: tuple[Comparison, ...]
    limit: float = TOLERANCE

    @property
    def passed(self) -> bool:
        """Whether something was compared and nothing failed."""
        verdicts = [row.verdict for row in self.rows]
        return "passed" in verdicts and "failed" not in verdicts

    @property
    def largest(self) -> float:
        """The largest difference that counts; NaN when nothing was compared."""
        return max((row.difference for row in self.rows if row.verdict != "not possible"), default=float("nan"))

    def cells(self) -> list[tuple[str, ...]]:
        """Give the table as texts, headings first."""
        table: list[tuple[str, ...]] = [("ran on", "against", "batch x size", "largest difference", "result")]
        for row in self.rows:
            size = " x ".join(map(str, (row.batch, *row.size))) if row.size else "-"
            difference = "-" if row.difference != row.difference else f"{row.difference:.1e}"
            table.append((row.device, row.what, size, difference, row.verdict + (f": {row.note}" if row.note else "")))
        return table

    def lines(self) -> list[str]:
        """Give the table as lines of text."""
        cells = self.cells()
        widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
        return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]

    def markdown(self) -> str:
        """Give the table in Markdown."""
        cells = [[cell.replace("|", "/") for cell in row] for row in self.cells()]
        rows = [cells[0], ["---"] * len(cells[0]), *cells[1:]]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def measure_parity(
    module: nn.Module,
    model: Model,
    *,
    sides: Sequence[Sequence[int]],
    batches: Sequence[int] = BATCHES,
    devices: Sequence[str] | None = None,
) -> ParityTable:
    """Run a torch module and its ONNX file on the same numbers.

    Parameters
    ----------
    module : nn.Module
        What was exported; it is run on the CPU in evaluation mode.
    model : Model
        The ONNX file with its tensors.
    sides : sequence of sequences of int
        For each space axis, the lengths to try; equal and unequal ones are combined.
    batches : sequence of int
        How many items at once.
    devices : sequence of str, optional
        Default the CPU and every GPU that the driver shows.

    Returns
    -------
    ParityTable
    """
    cases = [(batch, size) for size in _sizes(sides) for batch in batches]
    rng = np.random.default_rng(0)
    channels = model.channels
    inputs = [rng.normal(0.4, 0.5, (batch, channels, *size)).astype(np.float32) for batch, size in cases]
    expected = [_torch_result(module, x) for x in inputs]
    rows: list[Comparison] = []
    for device in devices or list_devices():
        try:
            predictor = open_predictor(model, device=device)
        except DeviceError as error:
            rows.append(Comparison(device, "torch", 0, (), "not possible", note=error.found))
            continue
        for number, ((batch, size), x, right) in enumerate(zip(cases, inputs, expected, strict=True)):
            report(number, len(cases), f"torch and ONNX on {device}")
            rows.append(_compare(predictor, device, batch, size, x=x, right=right))
        rows.append(_compare_tiles(predictor, device))
    return ParityTable(tuple(rows))


def require_parity(table: ParityTable, *, asked: str) -> None:
    """Refuse a network that is not what it was in torch.

    Raises
    ------
    ModelError
        With the table, when a difference is above its limit.
    """
    if not table.passed:
        raise ModelError(
            asked,
            found=f"torch and ONNX differ by more than {table.limit:g}·max(1, |x|):\n"
            + "\n".join(table.lines())
            + "\n",
            do="check the step and sizes in the template; a network with random layers, or one whose code depends on "
            "the size, gives other numbers in another program",
        )


def _sizes(sides: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """Combine the lengths of each axis: equal places, then shifted ones, so that no two axes run in step."""
    count = max(len(lengths) for lengths in sides)
    found = [
        tuple(lengths[(start + axis * shift) % len(lengths)] for axis, lengths in enumerate(sides))
        for shift in (0, 1)
        for start in range(count)
    ]
    return list(dict.fromkeys(found))


def _torch_result(module: nn.Module, x: NDArray[np.float32]) -> NDArray[np.float32] | str:
    """Give what torch gives, or why it does not."""
    try:
        with torch.inference_mode():
            found: NDArray[np.float32] = module(torch.from_numpy(x)).float().numpy()
    # The user's own code may raise anything on a size that it does not take.
    except Exception as error:  # noqa: BLE001
        return f"torch refuses this size: {' '.join(str(error).split())[:160]}"
    return found


def _compare(
    predictor: Predictor,
    device: str,
    batch: int,
    size: tuple[int, ...],
    *,
    x: NDArray[np.float32],
    right: NDArray[np.float32] | str,
) -> Comparison:
    if isinstance(right, str):
        return Comparison(device, "torch", batch, size, "failed", note=right)
    session = predictor.session
    try:
        found = session.run({session.inputs[0].name: x})[0]
    except NetworkError as error:
        return Comparison(device, "torch", batch, size, "failed", note=error.first_line[:160])
    difference = largest_difference(found, right)
    return Comparison(device, "torch", batch, size, "passed" if difference <= TOLERANCE else "failed", difference)


def _compare_tiles(predictor: Predictor, device: str) -> Comparison:
    """Compare tiles with none on an image of odd sides that has to be cut along each axis."""
    rules = predictor.layout.rules
    if any(rule.fixed for rule in rules):
        fixed = tuple(rule.minimum for rule in rules)
        return Comparison(device, "tiles", 1, fixed, "not possible", note="the network takes one size")
    # Odd, and of different lengths.
    size = tuple((rule.shortest_cut() + index * rule.pitch) | 1 for index, rule in enumerate(rules))
    if np.prod(size) > _LARGEST_TILED_PX:
        return Comparison(device, "tiles", 1, size, "not possible", note="a tile would be too large for a check")
    pixels = np.random.default_rng(1).normal(100, 30, (predictor.model.channels, *size)).astype(np.float32)
    axes = "C" + predictor.layout.grid
    whole, parts = Gather(size), Gather(size)
    try:
        predictor.predict(pixels, axes, tile="none", sink=whole)
        predictor.predict(pixels, axes, tile=1, sink=parts)
    except PyBridgeError as error:
        return Comparison(device, "tiles", 1, size, "failed", note=error.found[:160])
    difference = largest_difference(parts.arrays[0], whole.arrays[0])
    if difference <= TOLERANCE:
        return Comparison(device, "tiles", 1, size, "passed", difference)
    if not predictor.exact:
        note = "the network looks at the whole image: tiles only approximate it"
        return Comparison(device, "tiles", 1, size, "not possible", difference, note)
    return Comparison(device, "tiles", 1, size, "failed", difference, "tiles differ from an untiled run")
