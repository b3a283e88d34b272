"""How often 95 % intervals from few images hold the true value: python -m tests.benchmarks.intervals [RUNS]

Images are drawn at random from kinds of scores of which the true mean is known, as often as RUNS says, and each time
the interval is made as every command makes it, with the seed and the number of draws that all of them use. Printed is
the share of intervals, in percent, that hold the truth, for each number of images; the last column is the lowest. The
table ``metrics.bootstrap.HELD_PERCENT`` holds the mean over the kinds, rounded to 5.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.metrics.bootstrap import bootstrap_draws, percentile_interval

IMAGES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 41, 100)
RUNS = 4000
_AT_ONCE = 1000

# Draws scores of that shape; a pooled score is a ratio of sums, so that there are two numbers for each image.
_Draw = Callable[[np.random.Generator, tuple[int, int]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of scores in [0, 1]: how they are drawn, and the true value of what is estimated."""

    name: str
    draw: _Draw
    truth: float


def _beta(a: float, b: float) -> Kind:
    return Kind(f"beta({a:g}, {b:g})", lambda rng, shape: _ones(rng.beta(a, b, shape)), a / (a + b))


def _some_fail(share: float) -> Kind:
    """Most images go well, some fail nearly."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
        return _ones(np.where(rng.random(shape) < share, rng.beta(1, 9, shape), rng.beta(27, 3, shape)))

    return Kind(f"{100 * share:.0f} % fail", draw, share * 0.1 + (1 - share) * 0.9)


def _pooled() -> Kind:
    """AP pooled over images with few and with many objects; images with many objects are the harder ones."""

    def draw(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
        objects = 1 + rng.geometric(1 / 40, shape)
        return np.stack([rng.binomial(objects, rng.beta(8, 2 + objects / 40)), objects], axis=-1).astype(np.float64)

    many = draw(np.random.default_rng(1), (1, 4_000_000)).reshape(-1, 2).sum(0)
    return Kind("pooled AP", draw, float(many[0] / many[1]))


def _ones(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([scores, np.ones_like(scores)], axis=-1)


def held_percent(kind: Kind, images: int, runs: int) -> float:
    """Give the share of intervals that hold the true value."""
    held = 0
    for number, first in enumerate(range(0, runs, _AT_ONCE)):
        scores = kind.draw(np.random.default_rng(number), (images, min(_AT_ONCE, runs - first)))
        # The draws of images do not depend on the scores: all runs are given to one bootstrap.
        draws = bootstrap_draws(scores, statistic=_ratio)
        held += sum(low <= kind.truth <= high for low, high in map(percentile_interval, draws.T))
    return 100 * held / runs


def _ratio(rows: NDArray[Any]) -> NDArray[np.float64]:
    summed: NDArray[np.float64] = rows.sum(0)
    return summed[:, 0] / summed[:, 1]


def main(runs: int) -> None:
    kinds = [_beta(10, 10), _beta(8, 2), _beta(4, 0.6), _some_fail(0.15), _pooled()]
    print("images  " + "  ".join(f"{kind.name:>13}" for kind in kinds) + "   mean  lowest")
    for images in IMAGES:
        found = [held_percent(kind, images, runs) for kind in kinds]
        told = "  ".join(f"{each:13.1f}" for each in found)
        print(f"{images:6d}  {told}  {np.mean(found):5.1f}  {min(found):6.1f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
