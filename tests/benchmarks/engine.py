"""The engine: our time beside the pure time of the network, and memory. Run it: ``python -m tests.benchmarks.engine``.

Each row is a process of its own, so that its peak memory is its own. Its times come from one run; the median of the
calls after the first counts. Columns: ``ours`` is ``Predictor.predict`` into a sink that keeps nothing, ``in run`` the
part inside ``session.run``, ``outside`` the rest as a share of that, ``pure`` a loop of ``session.run`` over ready-made
tiles of the same shape and number, ``untiled`` what one would write by hand (normalise in numpy, one run), and
``bioimageio.core`` its own prediction where it can run the model, and how many times ours that is. It needs other
versions than we do: ``PYBRIDGE_BENCH_CORE_PYTHON`` names the Python of an environment that has it
(``pip install bioimageio.core "pydantic<2.12" onnxruntime``).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

MEBIBYTE = 2**20
# Beyond this a hand-written untiled run would only measure swapping.
UNTILED_MOST_PX = 2048 * 2048
CORE_PYTHON = "PYBRIDGE_BENCH_CORE_PYTHON"


@dataclass(frozen=True)
class Row:
    model: str
    device: str
    shape: tuple[int, ...]
    tiles: int
    tile: tuple[int, ...]
    ours_s: float
    in_run_s: float
    pure_s: float
    untiled_s: float | None
    core_s: float | None
    core_note: str
    peak_mib: float
    first_s: float


class Nowhere:
    """A sink that keeps nothing."""

    def write(self, outputs: tuple[Any, ...], region: tuple[slice, ...]) -> None:
        pass


def peak_mib() -> float:
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib / MEBIBYTE if sys.platform == "darwin" else kib / 1024


def measure(reference: str, shape: tuple[int, ...], device: str, repeats: int) -> Row:
    """Measure one row; called in a process of its own."""
    from pybridge import zoo
    from pybridge.core.record import Stopwatch
    from pybridge.runtime import open_predictor

    model = zoo.find(reference)
    random = np.random.default_rng(0)
    pixels = random.integers(0, 4000, (model.channels, *shape), dtype=np.uint16)
    axes = "C" + "ZYX"[-len(shape) :]
    predictor = open_predictor(model, device=device)
    small = pixels[(slice(None), *[slice(0, 256 if len(shape) == 2 else 32)] * len(shape))]
    predictor.predict(small, axes, sink=Nowhere())
    before = peak_mib()
    first = time.perf_counter()
    predictor.predict(pixels, axes, sink=Nowhere())
    first_s = time.perf_counter() - first
    peak = peak_mib() - before
    calls = []
    for _ in range(repeats):
        watch = Stopwatch()
        start = time.perf_counter()
        predictor.predict(pixels, axes, sink=Nowhere(), watch=watch)
        calls.append((time.perf_counter() - start, watch.timing().network))
    ours_s, in_run_s = sorted(calls)[len(calls) // 2]
    plan = predictor.plan(shape)
    core_s, core_note = bioimageio_core(model, pixels, repeats=repeats)
    return Row(
        model=model.id,
        device=predictor.device.used,
        shape=shape,
        tiles=len(plan),
        tile=plan.shape,
        ours_s=ours_s,
        in_run_s=in_run_s,
        pure_s=statistics.median(pure(predictor, plan) for _ in range(repeats)),
        untiled_s=untiled(predictor, pixels),
        core_s=core_s,
        core_note=core_note,
        peak_mib=peak,
        first_s=first_s,
    )


def pure(predictor: Any, plan: Any) -> float:
    """Time ``session.run`` alone on as many tiles of the same shape."""
    layout = predictor.layout
    feeds = {
        each.port.name: np.random.default_rng(0).random(layout.feed_shape(each, plan.shape)).astype(each.port.dtype)
        for each in layout.inputs
    }
    start = time.perf_counter()
    for _ in range(len(plan)):
        predictor.session.run(feeds)
    return time.perf_counter() - start


def untiled(predictor: Any, pixels: Any) -> float | None:
    """Time what one would write by hand; None where the network takes one size or the image is too large."""
    rules = predictor.layout.rules
    lengths = [rule.canvas(length) for rule, length in zip(rules, pixels.shape[1:], strict=True)]
    if math.prod(lengths) > UNTILED_MOST_PX or any(
        rule.fixed and length > rule.minimum for rule, length in zip(rules, lengths, strict=True)
    ):
        return None
    start = time.perf_counter()
    image = pixels.astype(np.float32)
    low, high = np.percentile(image, [1, 99.8]).astype(np.float32)
    image = (image - low) / (high - low + np.float32(1e-6))
    pads = [(0, 0), *[(0, long - short) for long, short in zip(lengths, image.shape[1:], strict=True)]]
    predictor.session.run({predictor.layout.inputs[0].port.name: np.pad(image, pads, mode="reflect")[np.newaxis]})
    return time.perf_counter() - start


def bioimageio_core(model: Any, pixels: Any, *, repeats: int) -> tuple[float | None, str]:
    """Time bioimageio.core on the same pixels, in its own environment; None and the reason where it cannot run."""
    python = os.environ.get(CORE_PYTHON)
    if not python:
        return None, f"not measured: {CORE_PYTHON} is not set"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pixels.npy"
        np.save(path, pixels)
        script = Path(__file__).with_name("core_peer.py")
        command = [python, str(script), str(model.folder / "bioimageio.yaml"), str(path), str(repeats)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return None, (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1][:100]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return found["seconds"], found["how"] or found["note"]


def volume_model(folder: Path) -> str:
    """Build a 3-D U-Net of usual width, since no 3-D model is shipped."""
    from tests.builders.folders import write_model
    from tests.builders.networks import unet

    network = unet(spatial=3, levels=3, width=16)
    return str(write_model(folder / "unet3d", network, letters="zyx", size={"min": 16, "step": 8}, channels_out=3))


def in_process_of_its_own(reference: str, shape: tuple[int, ...], device: str, repeats: int) -> Row | str:
    words = ["--row", reference, *map(str, shape), "--device", device, "--repeats", str(repeats)]
    command = [sys.executable, "-m", "tests.benchmarks.engine", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
    values = json.loads(done.stdout)
    return Row(**values | {"shape": tuple(values["shape"]), "tile": tuple(values["tile"])})


COLUMNS = (
    "model",
    "device",
    "image",
    "tiles",
    "ours s",
    "in run s",
    "outside",
    "pure s",
    "untiled s",
    "bioimageio.core s",
    "peak MiB",
)


def line(row: Row) -> str:
    cells = [
        row.model,
        row.device,
        "×".join(map(str, row.shape)),
        f"{row.tiles} of {'×'.join(map(str, row.tile))}",
        f"{row.ours_s:.3f}",
        f"{row.in_run_s:.3f}",
        f"{(row.ours_s - row.in_run_s) / row.in_run_s:.1%}",
        f"{row.pure_s:.3f}",
        "–" if row.untiled_s is None else f"{row.untiled_s:.3f}",
        row.core_note if row.core_s is None else f"{row.core_s:.3f} ({row.core_s / row.ours_s:.2f}×, {row.core_note})",
        f"{row.peak_mib:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", action="append", help="id or path; default nuclei-fluo")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--sizes", default="512,1024,2048,4096,8192", help="edges of the planes")
    parser.add_argument("--volumes", default="64,128", help="edges of the volumes; empty for none")
    parser.add_argument("--repeats", type=int, default=3, help="calls after the first, of which the median counts")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--row", nargs="+", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.row:
        row = measure(chosen.row[0], tuple(map(int, chosen.row[1:])), chosen.device, chosen.repeats)
        print(json.dumps(dataclasses.asdict(row)))
        return
    if not chosen.json:
        print(
            f"{platform.processor() or platform.machine()}, {platform.platform()}, Python {platform.python_version()}"
        )
        print(f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS), sep="\n")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        planes = [int(edge) for edge in chosen.sizes.split(",") if edge]
        volumes = [int(edge) for edge in chosen.volumes.split(",") if edge]
        jobs = [(model, (edge, edge)) for model in chosen.model or ["nuclei-fluo"] for edge in planes]
        jobs += [(volume_model(Path(folder)), (edge,) * 3) for edge in volumes]
        for reference, shape in jobs:
            found = in_process_of_its_own(reference, shape, chosen.device, chosen.repeats)
            if isinstance(found, Row):
                rows.append(found)
            if not chosen.json:
                print(line(found) if isinstance(found, Row) else f"| {reference} | {shape} | {found} |", flush=True)
    if chosen.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=2))


if __name__ == "__main__":
    main()
