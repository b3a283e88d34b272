"""Images larger than memory: ``pybridge predict`` from OME-Zarr to OME-Zarr. Run: ``python -m tests.benchmarks.large``.

Makes an OME-Zarr of the size asked for, predicts it in a process of its own and prints that process's peak memory
(its largest resident set, files that it maps included). A whole run of a large network takes hours on few cores:
``--seconds`` interrupts it, and the row says how far it came. Memory does not grow after the first tiles: the
statistics of the whole image are made before them, and the outputs go to the disk as they come.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

_STATUS = Path("/proc")
# A benchmark in the background of a shell has SIGINT ignored, and its children inherit that.
_RUN = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from pybridge.cli import entry; entry()"
)


def make_image(path: Path, edge: int) -> None:
    """Write noise with some structure, 1024² at a time."""
    import zarr

    group = zarr.open_group(str(path), mode="w", zarr_format=3)
    array = group.create_array("0", shape=(edge, edge), chunks=(1024, 1024), dtype=np.uint16)
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
    scale = [{"type": "scale", "scale": [0.5, 0.5]}]
    dataset = {"path": "0", "coordinateTransformations": scale}
    group.attrs["ome"] = {"version": "0.5", "multiscales": [{"axes": axes, "datasets": [dataset]}]}
    random = np.random.default_rng(0)
    for top in range(0, edge, 1024):
        for left in range(0, edge, 1024):
            shape = (min(1024, edge - top), min(1024, edge - left))
            array[top : top + shape[0], left : left + shape[1]] = random.integers(100, 4000, shape, dtype=np.uint16)


def peak_mib(pid: int) -> float:
    """Read the largest resident set of a running process, in MiB."""
    try:
        lines = (_STATUS / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return max((float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), default=0.0)


def chunks_written(folder: Path) -> int:
    """Count the chunks of all outputs, finished or not."""
    return sum(1 for file in folder.rglob("*") if file.is_file() and file.name.isdecimal())


def measure(model: str, edge: int, folder: Path, *, seconds: float, device: str) -> dict[str, object]:
    source, out = folder / f"in-{edge}.ome.zarr", folder / f"out-{edge}"
    make_image(source, edge)
    words = ["predict", str(source), "--model", model, "--device", device, "-o", str(out), "--quiet"]
    process = subprocess.Popen([sys.executable, "-c", _RUN, *words], stdout=subprocess.DEVNULL)
    start, peak, done = time.monotonic(), 0.0, 0
    while process.poll() is None:
        peak = max(peak, peak_mib(process.pid))
        if not done and time.monotonic() - start > seconds:
            done = chunks_written(out)
            process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    finished = process.returncode == 0
    row: dict[str, object] = {
        "model": model if len(model) < 40 else Path(model).name,
        "edge": edge,
        "seconds": round(time.monotonic() - start, 1),
        "finished": finished,
        "chunks": chunks_written(out) if finished else done,
        "peak_mib": round(peak),
    }
    if finished:
        row["timing_s"] = json.loads((out / "run-record.json").read_text())["timing_s"]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="id or path")
    parser.add_argument("--edges", default="10000,20000")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="interrupt each run after this long")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--folder", help="where the images go; default a temporary folder")
    chosen = parser.parse_args()
    if os.name != "posix" or not _STATUS.is_dir():
        sys.exit("this benchmark reads /proc, and so needs Linux")
    for edge in map(int, chosen.edges.split(",")):
        with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
            row = measure(chosen.model, edge, Path(folder), seconds=chosen.seconds, device=chosen.device)
            print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
