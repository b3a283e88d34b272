"""The whole path of Segment: time beside the network, and memory. Run it: ``python -m tests.benchmarks.path``.

All ratios are taken within one run; absolute seconds are those of the machine named in the first line.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

MEBIBYTE = 2**20


def median_s(call, *, times: int = 3) -> float:
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        spans.append(time.perf_counter() - start)
    return statistics.median(spans)


def time_2048(model: str) -> None:
    """Segment a 2048×2048 uint16 image with about 2000 nuclei, from a file, first and later calls."""
    from scipy.ndimage import gaussian_filter

    import pybridge
    from pybridge.files.write import write_imagej_tiff

    image, _ = pybridge.samples.simulate_nuclei(shape=(2048, 2048), count=2000, radius_px=11)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.tif"
        write_imagej_tiff(path, image)
        start = time.perf_counter()
        result = pybridge.segment(path, model=model)
        first_s = time.perf_counter() - start
        print(f"objects {len(result.objects)}; first call {first_s:.2f} s")
        as_float = image.array.astype(np.float32)
        yardsticks, others = [], []
        for _ in range(5):
            yardsticks.append(median_s(lambda: gaussian_filter(as_float, 2), times=1))
            start = time.perf_counter()
            timing = pybridge.segment(path, model=model).record.timing_s
            total_s = time.perf_counter() - start
            others.append(total_s - timing.network)
        print(f"gaussian_filter(float32, 2): {statistics.median(yardsticks):.3f} s")
        print(f"second call: {total_s:.2f} s, of it network {timing.network:.2f} s; parts: {timing}")
        ratio = statistics.median(other / yardstick for other, yardstick in zip(others, yardsticks, strict=True))
        print(f"everything outside the network: {statistics.median(others):.3f} s = {ratio:.2f} x gaussian (limit 4)")


def peak_mib() -> float:
    """Give the peak of this process alone: ``getrusage`` would begin with what the process that started it held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def memory_of(side: int, model: str) -> None:
    """Print how far the peak rises when a large image is segmented after a small one; run in a fresh process."""
    import pybridge

    rng = np.random.default_rng(0)
    tile, _ = pybridge.samples.simulate_nuclei(shape=(512, 512), count=110)
    pybridge.segment(tile.array[:256, :256], model=model)
    warm = peak_mib()
    large = np.tile(tile.array, (side // 512, side // 512))
    large[0, 0] = rng.integers(100)
    result = pybridge.segment(large, model=model)
    rise = peak_mib() - warm - large.nbytes / MEBIBYTE
    total_s = result.record.timing_s.total
    print(f"{side}x{side}: {len(result.objects)} objects in {total_s:.0f} s; peak +{rise:.0f} MiB beyond the input")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nuclei-fluo")
    parser.add_argument("--memory", type=int, metavar="SIDE", help="only the memory of one image of this side")
    given = parser.parse_args()
    if given.memory:
        memory_of(given.memory, given.model)
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}")
    time_2048(given.model)
    for side in (4096, 8192):
        subprocess.run([sys.executable, "-m", "tests.benchmarks.path", "--memory", str(side)], check=True)


if __name__ == "__main__":
    main()
