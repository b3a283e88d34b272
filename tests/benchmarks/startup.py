"""How long ``pybridge macro`` takes to the macro's first line, and from its last line to the end of the process.

``python tests/benchmarks/startup.py`` runs the command a few times, the first one to warm the caches. Asked for, on an
idle machine: at most 8 s and at most 2 s.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

MACROS = {
    "empty": 'print("first"); print("last");',
    "filter": 'print("first"); newImage("a", "16-bit ramp", 1024, 1024, 1);'
    'run("Gaussian Blur...", "sigma=2"); print("last");',
    "segment": 'print("first"); newImage("a", "8-bit ramp", 256, 256, 1);'
    'run("PyBridge Segment", "model=nuclei-fluo"); print("last");',
}


def measure(macro: Path) -> tuple[float, float]:
    """Seconds from typing to the first line, and from the last line to the end."""
    begun = time.perf_counter()
    seen = {}
    command = [sys.executable, "-m", "pybridge", "macro", str(macro)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            seen[line.strip()] = time.perf_counter()
        process.wait()
        ended = time.perf_counter()
    if process.returncode != 0:
        raise SystemExit(f"{macro.name} failed")
    return seen["first"] - begun, ended - seen["last"]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in MACROS.items():
            macro = Path(folder) / f"{name}.ijm"
            macro.write_text(text)
            measure(macro)
            times = [measure(macro) for _ in range(3)]
            first, last = (min(column) for column in zip(*times, strict=True))
            print(f"{name:8s} to the first line {first:5.2f} s (at most 8), to the end {last:5.2f} s (at most 2)")


if __name__ == "__main__":
    main()
