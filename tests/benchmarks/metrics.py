"""Time the scores: matching of 20,000 objects on 4096×4096 pixels, outlines, image quality and tracks.

Run it with ``python -m tests.benchmarks.metrics`` from the root of a checkout; it makes its own images. The fastest of
several runs counts, because other work on the machine only slows a run down; the load is printed beside it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.boundary import score_boundaries, score_object_boundaries
from pybridge.metrics.detection import THRESHOLDS, match
from pybridge.metrics.image_quality import score_restoration
from pybridge.metrics.object_errors import find_object_errors
from pybridge.metrics.overlaps import overlaps
from pybridge.metrics.tracking import score_tracks


def paint_discs(edge_px: int, count: int, *, seed: int) -> NDArray[np.int32]:
    """Paint discs of several sizes a little off the points of a grid; neighbours touch here and there."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(count)))
    step = edge_px / side
    reach = int(step / 2) + 3
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    square = y**2 + x**2
    labels = np.zeros((edge_px + 2 * reach,) * 2, np.int32)
    for index in range(count):
        row, column = (int((place + 0.5) * step + rng.integers(-2, 3)) for place in divmod(index, side))
        window = labels[row : row + 2 * reach + 1, column : column + 2 * reach + 1]
        window[square <= (step * rng.uniform(0.3, 0.51)) ** 2] = index + 1
    return labels[reach:-reach, reach:-reach]


def squares(edge_px: int, *, halved: bool) -> NDArray[np.int32]:
    """Fill 4096² pixels with squares side by side, or with their halves."""
    y, x = np.mgrid[:4096, :4096].astype(np.int32)
    across = 4096 // edge_px + 1
    if halved:
        return (y // edge_px * 2 * across + x // edge_px * 2 + (x % edge_px >= edge_px // 2) + 1).astype(np.int32)
    return (y // edge_px * across + x // edge_px + 1).astype(np.int32)


def report(name: str, work: Callable[[], object], *, repeats: int = 7) -> None:
    """Print the fastest of several runs, after one that loads and compiles what is needed."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    print(f"{name:58} {min(times):7.3f} s   (median {np.median(times):.3f})")


def main() -> None:
    """Run all of it."""
    truth, result = (paint_discs(4096, 20_000, seed=seed) for seed in (0, 1))
    found = overlaps(truth, result)
    print(
        f"{found.truth_ids.size} and {found.result_ids.size} objects, {found.truth.size} pairs, {os.cpu_count()} cores"
    )
    report(f"match 4096², 20,000 objects, {len(THRESHOLDS)} thresholds, int32", lambda: match(overlaps(truth, result)))
    short = truth.astype(np.uint16), result.astype(np.uint16)
    report("  the same as uint16", lambda: match(overlaps(*short)))
    report("  of it, matching alone", lambda: match(found))
    errors = find_object_errors(found)
    report("  object errors, overlaps given", lambda: find_object_errors(found))
    report(
        f"outlines 4096², {errors.matched_count} matched objects one by one",
        lambda: score_object_boundaries(truth, result, errors, spacing=0.3),
        repeats=3,
    )
    report("outlines 4096², whole foreground", lambda: score_boundaries(truth, result, spacing=0.3), repeats=3)
    cells, halves = squares(14, halved=False), squares(14, halved=True)
    report("match 4096², 85,849 squares, each found in two halves", lambda: match(overlaps(cells, halves)), repeats=3)
    one = np.ones_like(cells)
    report("match 4096², one object against 85,849", lambda: match(overlaps(one, cells)), repeats=3)
    truth, result = (paint_discs(2048, 600, seed=seed) for seed in (2, 3))
    errors = find_object_errors(overlaps(truth, result))
    report("outlines 2048², whole foreground", lambda: score_boundaries(truth, result, spacing=0.3))
    name = f"outlines 2048², {errors.matched_count} matched objects one by one"
    report(name, lambda: score_object_boundaries(truth, result, errors, spacing=0.3))
    image = np.random.default_rng(4).normal(100, 10, (2048, 2048)).astype(np.float32)
    report("restoration 2048², all scores and maps", lambda: score_restoration(image + 1, image), repeats=3)
    volume = image[:1024].reshape(32, 256, 256)
    report("  32 × 256 × 256 as a volume", lambda: score_restoration(volume + 1, volume, is_volume=True), repeats=3)
    frames = np.stack([np.roll(truth, shift, 1) for shift in range(10)])
    tracks = np.array([(label, 0, 9, 0) for label in np.unique(truth)[1:]])
    report("tracks, 10 frames of 2048², 600 objects", lambda: score_tracks(frames, tracks, frames, tracks), repeats=3)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
