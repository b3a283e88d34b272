"""A report of one image, of a thousand, of ten thousand: time and size. Run it: ``python -m tests.benchmarks.report``.

The runs are synthetic (256 × 272 pixels, ten objects), so that no network is timed. ``--images 10000`` writes some
1.5 GB into the temporary folder.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMITS = {1: (2.0, 20.0), 1000: (30.0, 20.0)}
_PROCESS = (
    "import resource, sys, time; begun = time.perf_counter(); import pybridge; "
    "pybridge.report(sys.argv[1], output=sys.argv[2]); used = resource.getrusage(resource.RUSAGE_SELF); "
    "print(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
)


def time_report(images: int) -> None:
    """Time the report in this process, warm, and in a new one, and weigh its files."""
    import pybridge
    from tests.builders.reported_runs import write_run

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        record = write_run(folder / "run", images=images, side=256)
        done = subprocess.run(
            [sys.executable, "-c", _PROCESS, record, folder / "cold.html"], check=True, capture_output=True, text=True
        )
        wall, used, memory = map(float, done.stdout.split())
        begun, processor = time.perf_counter(), time.process_time()
        report = pybridge.report(record, output=folder / "warm.html")
        warm, warm_used = time.perf_counter() - begun, time.process_time() - processor
        assert report.page is not None
        size = report.page.stat().st_size / 2**20
    limit = LIMITS.get(images)
    print(
        f"{images:6} image(s): new process {wall:6.1f} s ({used:.1f} s of processor, {memory:.0f} MB); "
        f"warm {warm:6.1f} s ({warm_used:.1f} s of processor); page {size:.1f} MB"
        + (f"; wanted {limit[0]:g} s and {limit[1]:g} MB" if limit else "")
    )


def main() -> None:
    """Time the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", default="1,1000", help="comma list of numbers of images")
    given = parser.parse_args()
    for number in given.images.split(","):
        time_report(int(number))


if __name__ == "__main__":
    main()
