"""What a comparison costs beside the methods themselves: python tests/benchmarks/compare.py [MODEL …]

Ten simulated images of 512×512 pixels with truth. The methods' own time is that of segmenting each image, opening the
model and training included; the rest of the wall time is scores, tests, intervals and, for the shell, plots and sheet.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import pybridge
from pybridge.cli.compare_files import compare_files
from pybridge.commands.compare import Compare
from pybridge.core.comparison import ComparisonResult
from pybridge.files.write import write_imagej_tiff, write_labels
from pybridge.samples import simulate_nuclei

IMAGES = 10
MODELS = ("nuclei-fluo", "baseline:otsu-watershed", "baseline:pixel-forest")


def own_s(result: ComparisonResult) -> float:
    return sum(sum(each.seconds) + each.load_s + each.train_s for each in result.comparison.methods)


def main(models: tuple[str, ...]) -> None:
    pairs = [simulate_nuclei(shape=(512, 512), count=80, seed=seed) for seed in range(IMAGES)]
    images, truths = [image for image, _ in pairs], [truth for _, truth in pairs]
    pybridge.compare(images[:2], model=models, truth=truths[:2])  # imports and compilation
    for _ in range(3):
        begun = time.perf_counter()
        result = pybridge.compare(images, model=models, truth=truths)
        wall = time.perf_counter() - begun
        own = own_s(result)
        print(f"Python: {wall:.2f} s, the methods {own:.2f} s, ratio {wall / own:.3f}", flush=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for number, (image, truth) in enumerate(pairs):
            write_imagej_tiff(folder / "images" / f"{number}.tif", image)
            write_labels(folder / "truth" / f"{number}.tif", truth)
        for run in range(3):
            request = Compare(model=models, truth=str(folder / "truth"), output=str(folder / f"out-{run}"))
            begun = time.perf_counter()
            done = compare_files([str(folder / "images")], request)
            wall = time.perf_counter() - begun
            own = own_s(done.result)
            print(
                f"shell, with plots and sheet: {wall:.2f} s, the methods {own:.2f} s, ratio {wall / own:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or MODELS)
