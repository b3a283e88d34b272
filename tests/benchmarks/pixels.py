"""How fast pixels go between numpy and ImageJ: ``python tests/benchmarks/pixels.py``.

Prints the time of each way for 4096×4096 uint16 as a multiple of a plain numpy copy in the same run.
Asked for: numpy → ImagePlus at most 6, ImagePlus → numpy at most 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from pybridge.core.image import Image
from pybridge.imagej import start


def best_ms(*works: Callable[[], object], repeats: int = 40) -> list[float]:
    """The best of several runs of each, in milliseconds; taken in turns, so that a busy machine hits all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, taken in zip(works, times, strict=True):
            begun = time.perf_counter()
            work()
            taken.append(time.perf_counter() - begun)
    return [1e3 * min(taken) for taken in times]


def main() -> None:
    """Measure and print."""
    gateway = start()
    image = Image(np.random.default_rng(0).integers(0, 65535, (4096, 4096), np.uint16), "YX")
    imp = gateway.to_imageplus(image)
    copy, there, back = best_ms(image.array.copy, lambda: gateway.to_imageplus(image), lambda: gateway.to_image(imp))
    print(f"plain copy          {copy:7.1f} ms")
    print(f"numpy -> ImagePlus  {there:7.1f} ms  {there / copy:5.2f} x  (at most 6)")
    print(f"ImagePlus -> numpy  {back:7.1f} ms  {back / copy:5.2f} x  (at most 3)")
    if not np.array_equal(gateway.to_image(imp).array, image.array):
        raise SystemExit("the pixels did not come back as they were")


if __name__ == "__main__":
    main()
