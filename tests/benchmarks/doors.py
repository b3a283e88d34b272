"""From a macro in Fiji to the worker and back, beside the engine's time. Run it: ``python -m tests.benchmarks.doors``.

An ImageJ with the Jython listener calls the real worker, warm, with its table; the engine's time is that of the run
record. ``--model`` names the model; with ``--echo`` a network that does nothing stands in, which shows the way alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

LIMIT_MS = {512: 30, 2048: 80}


def time_size(gateway: Any, jython: Any, side: int, *, command: str, options: str, times: int) -> None:
    """Call the command on a square 16-bit image and print what is beyond the engine's time."""
    import pybridge
    from pybridge.core.image import Image
    from pybridge.imagej.convert import image_to_imageplus
    from pybridge.imagej.images import close_images_since, open_ids
    from pybridge.imagej.jvm import java_class

    count = side * side // 2100
    image, _ = pybridge.samples.simulate_nuclei(shape=(side, side), count=count, radius_px=11)
    before = open_ids()
    imp = image_to_imageplus(Image(image.array.astype(np.uint16), "YX", name=f"cells {side}.tif"))
    ij, manager, results = (java_class(name) for name in ("ij.IJ", "ij.WindowManager", "ij.measure.ResultsTable"))
    beyond, engine = [], []
    for number in range(times + 2):
        imp.show()
        manager.setTempCurrentImage(imp)
        results.getResultsTable().reset()
        start = time.perf_counter()
        ij.runMacro(f'run("{command}", "{options}");')
        took = time.perf_counter() - start
        found = manager.getCurrentImage()
        record = json.loads(str(found.getProperty("Info")))
        if number >= 2:  # the first ones start the worker and warm Java
            engine.append(record["timing_s"]["total"])
            beyond.append(took - engine[-1])
        close_images_since(before | {imp.getID()})
    rows = int(results.getResultsTable().size())
    low, middle = 1000 * min(beyond), 1000 * statistics.median(beyond)
    limit = f"limit {LIMIT_MS[side]}" if side in LIMIT_MS else "no limit"
    print(
        f"{side}x{side} 16-bit, {rows} rows: engine {1000 * statistics.median(engine):7.1f} ms; "
        f"beyond it median {middle:5.1f} ms, least {low:5.1f} ms ({limit})",
        flush=True,
    )
    imp.changes = False
    imp.close()


def time_script(jython: Any, *, times: int) -> None:
    """Print what a script waits for a warm worker that does nothing."""
    jython.run("from pybridge_client.worker import worker, PROTOCOL")
    spans = []
    for _ in range(times):
        start = time.perf_counter()
        jython.run('worker().ask("hello", {"protocol": PROTOCOL})')
        spans.append(1000 * (time.perf_counter() - start))
    print(f"one question to the warm worker: median {statistics.median(spans):.2f} ms, least {min(spans):.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="nuclei-fluo")
    parser.add_argument("--sizes", default="512,2048")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--echo", action="store_true", help="a network that does nothing, by PyBridge Predict")
    given = parser.parse_args()
    from pybridge import imagej
    from tests.builders.folders import write_model
    from tests.builders.jython import Jython, make_fiji
    from tests.builders.networks import copy

    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder, imagej.start() as gateway:
        gateway._listener.unregister()
        jython = Jython(make_fiji(Path(folder) / "Fiji"))
        jython.run("from pybridge_client import listener; listener.install()")
        command, options = "PyBridge Segment", f"model={given.model}"
        if given.echo:
            command, options = "PyBridge Predict", f"model=[{write_model(Path(folder) / 'echo', copy())}]"
        for side in map(int, given.sizes.split(",")):
            time_size(gateway, jython, side, command=command, options=options, times=given.times)
        time_script(jython, times=50)
        jython.run("from pybridge_client.worker import stop; stop()")


if __name__ == "__main__":
    main()
