"""Time all measurements of a 2048×2048 plane with about 2000 nuclei, beside scikit-image's of the same kind.

Run it with ``python -m tests.benchmarks.measurements NUCLEI``, the folder that holds ``train/masks``. Both sides run by
turns in one process, warm, on the same labels. scikit-image measures no smallest caliper diameter, no neighbours, no
mode and no skewness, so it has less to do. CPU seconds are given beside wall seconds: a loaded machine changes only the
latter.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from skimage.measure import regionprops_table

from pybridge.core.image import Calibration
from pybridge.decode import measure_objects
from tests.benchmarks.decode import tiled_labels

REPEATS = 3
SHAPE = (
    *("area", "centroid", "bbox", "perimeter", "axis_major_length", "axis_minor_length", "orientation"),
    *("eccentricity", "solidity", "feret_diameter_max"),
)
INTENSITY = ("intensity_mean", "intensity_std", "intensity_min", "intensity_max", "intensity_median")
GROUPS = {
    "basic": (("area", "centroid", "perimeter", "intensity_mean"), ()),
    "basic and shape": ((*SHAPE, "intensity_mean"), ("shape",)),
    "basic and intensity": (("area", "centroid", "perimeter", *INTENSITY, "centroid_weighted"), ("intensity",)),
    "basic and neighbours": (None, ("neighbours",)),
    "all": ((*SHAPE, *INTENSITY, "centroid_weighted"), ("shape", "intensity", "neighbours")),
}


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main(nuclei: Path) -> None:
    """Print the table."""
    labels = tiled_labels(nuclei / "train" / "masks", nuclei / "train" / "index.csv")
    image = np.random.default_rng(0).integers(0, 4000, labels.shape).astype(np.uint16)
    calibration = Calibration(x=0.65, y=0.65, unit="um")
    print(f"{int(labels.max())} nuclei on {labels.shape[0]}×{labels.shape[1]} px, uint16; best of {REPEATS}")
    print(f"{'measurements':22s} {'PyBridge wall / CPU':>22s} {'scikit-image wall / CPU':>26s} {'ratio of CPU':>14s}")
    for name, (properties, groups) in GROUPS.items():

        def ours(groups: tuple[str, ...] = groups) -> object:
            return measure_objects(labels, image, calibration=calibration, groups=groups)

        def theirs(properties: tuple[str, ...] | None = properties) -> object:
            return properties and regionprops_table(labels, image, properties=("label", *properties))

        ours()  # compiled loops are read from the disk once
        runs = [(seconds(ours), seconds(theirs)) for _ in range(REPEATS)]
        own, other = (tuple(min(run[side][kind] for run in runs) for kind in (0, 1)) for side in (0, 1))
        line = f"{name:22s} {own[0]:13.3f} / {own[1]:.3f} s"
        print(line if properties is None else f"{line} {other[0]:16.2f} / {other[1]:.2f} s {other[1] / own[1]:12.0f} ×")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nuclei", type=Path)
    main(parser.parse_args().nuclei)
