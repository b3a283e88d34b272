"""Time decoding, measuring and training targets on a 2048×2048 plane with about 2000 nuclei, beside a Gaussian filter.

Run it with ``python tests/benchmarks/decode.py NUCLEI``, the folder that holds ``train/masks``. The plane is one real
label image, tiled; its field is what a network with a small error would give.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy import ndimage

from pybridge.core.image import Calibration
from pybridge.decode import DecodedPlane, field_for, measure_objects
from pybridge.training.targets import boundary, star_convex

EDGE_PX = 2048
WANTED_NUCLEI = 2000


def tiled_labels(masks: Path, index: Path) -> NDArray[np.int32]:
    """Tile the label image that comes nearest to the wanted number of nuclei; each copy has ids of its own."""
    rows = [row for row in csv.DictReader(index.open()) if int(row["height"]) >= 512]

    def off(row: dict[str, str]) -> float:
        area = int(row["height"]) * int(row["width"])
        return abs(int(row["n_nuclei"]) * EDGE_PX**2 / area - WANTED_NUCLEI)

    chosen = min(rows, key=off)
    one = tifffile.imread(masks / f"{chosen['name']}.tif").astype(np.int32)
    one = np.unique(one, return_inverse=True)[1].reshape(one.shape).astype(np.int32)
    tiles = np.zeros((EDGE_PX, EDGE_PX), np.int32)
    for number, (y, x) in enumerate(np.ndindex(*(-(-EDGE_PX // extent) for extent in one.shape))):
        part = tiles[y * one.shape[0] : (y + 1) * one.shape[0], x * one.shape[1] : (x + 1) * one.shape[1]]
        cut = one[: part.shape[0], : part.shape[1]]
        part[:] = np.where(cut > 0, cut + number * (int(one.max()) + 1), 0)
    return np.unique(tiles, return_inverse=True)[1].reshape(tiles.shape).astype(np.int32)


def field_of(labels: NDArray[np.int32], *, error: float) -> NDArray[np.float32]:
    """Probability and offsets to the centroids, with a smooth error of ``error`` object radii."""
    rng = np.random.default_rng(3)
    ids = np.arange(int(labels.max()) + 1)
    area = np.maximum(np.bincount(labels.ravel()), 1)
    radius = np.sqrt(area / np.pi)[labels]
    channels = [ndimage.gaussian_filter((labels > 0).astype(np.float32), 0.7)]
    for position in np.indices(labels.shape, dtype=np.float32):
        centre = ndimage.mean(position, labels, ids)
        noise = ndimage.gaussian_filter(rng.normal(0, 1, labels.shape), 1.5) * 5.3
        channels.append((centre[labels] - position + error * radius * noise) * (labels > 0))
    return np.stack(channels).astype(np.float32)


def star_convex_field_of(labels: NDArray[np.int32], *, error: float) -> NDArray[np.float32]:
    """Object probability and 32 rays, with smooth errors: ``error`` in the probability, that share of each ray."""
    rng = np.random.default_rng(4)
    outputs = star_convex.targets_of(labels)[0]
    for channel, values in enumerate(outputs):
        noise = ndimage.gaussian_filter(rng.normal(0, 1, labels.shape).astype(np.float32), 1.5) * 5.3 * error
        values += noise * (labels > 0) if channel == 0 else noise * values
    return np.clip(outputs, 0, None, out=outputs)


def boundary_field_of(labels: NDArray[np.int32], *, error: float) -> NDArray[np.float32]:
    """Foreground, distance and boundary, a little smooth, with smooth errors of ``error``."""
    rng = np.random.default_rng(5)
    outputs = ndimage.gaussian_filter(boundary.targets_of(labels)[0], (0, 0.7, 0.7))
    noise = ndimage.gaussian_filter(rng.normal(0, 1, outputs.shape).astype(np.float32), (0, 1.5, 1.5)) * 5.3 * error
    return np.clip(outputs + noise * (outputs[:1] > 0.05), 0, 1)


def best_ms(work: Callable[[], object], *, repeats: int = 7) -> float:
    """Fastest of several runs, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def decoding_rows(
    name: str, outputs: NDArray[np.float32], decoder: str
) -> tuple[list[tuple[str, float]], DecodedPlane]:
    """Time writing and decoding of one field; returns rows of the table and the plane."""
    whole = (slice(0, EDGE_PX), slice(0, EDGE_PX))
    field = field_for(decoder, (EDGE_PX, EDGE_PX))
    write_ms = best_ms(lambda: field.write((outputs,), whole))
    plane = field.labels(probability=0.5, overlap=0.5, min_size=8)
    labels_ms = best_ms(lambda: field.labels(probability=0.5, overlap=0.5, min_size=8))
    found = f"{plane.confidence.size} objects"
    return [(f"{decoder}, {name}: write", write_ms), (f"{decoder}, {name}: labels, {found}", labels_ms)], plane


def main(nuclei: Path) -> None:
    """Print the table."""
    truth = tiled_labels(nuclei / "train" / "masks", nuclei / "train" / "index.csv")
    intensity = np.random.default_rng(0).integers(0, 4000, truth.shape).astype(np.uint16)
    smooth = intensity.astype(np.float32)
    rows = [("gaussian_filter(float32, 2)", best_ms(lambda: ndimage.gaussian_filter(smooth, 2)))]
    for name, error in (("perfect", 0.0), ("error of 0.1 radii", 0.1), ("error of 0.2 radii", 0.2)):
        outputs = field_of(truth, error=error)
        rows += decoding_rows(name, outputs, "offsets")[0]
    more, plane = decoding_rows("smooth", outputs[:1], "foreground")
    rows += more
    for name, error in (("perfect", 0.0), ("error of 0.1", 0.1)):
        outputs = star_convex_field_of(truth, error=error)
        best = ndimage.maximum_filter(outputs[0], 2)[1::2, 1::2]
        rows += decoding_rows(f"{name}, {np.count_nonzero(best >= 0.5)} cand.", outputs, "star_convex")[0]
        rows += decoding_rows(name, boundary_field_of(truth, error=error), "boundary")[0]
    crop = truth[:256, :256]
    for module in (star_convex, boundary):
        name = f"targets of {module.__name__.rsplit('.', 1)[1]}, 256×256, {np.unique(crop).size - 1} objects"
        rows.append((name, best_ms(lambda module=module: module.targets_of(crop))))

    def measure() -> None:
        measure_objects(plane.labels, intensity, confidence=plane.confidence, calibration=Calibration())

    measure()
    rows.append((f"measure_objects, {plane.confidence.size} objects", best_ms(measure)))
    print(f"{int(truth.max())} nuclei on {EDGE_PX}×{EDGE_PX} px, {(truth > 0).mean():.0%} foreground")
    for name, ms in rows:
        print(f"{name:66s} {ms:8.1f} ms   {ms / rows[0][1]:5.2f} × gaussian")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nuclei", type=Path)
    main(parser.parse_args().nuclei)
