"""Batches: crops with their targets, made ahead while the network works. Imports torch.

Batch ``k`` depends on the seed and on ``k`` alone, so that a run that was stopped goes on with the batches that it
would have seen.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch

from pybridge.training.augment import Augmentation
from pybridge.training.config import TrainingConfig
from pybridge.training.examples import Example, sampling_chances
from pybridge.training.targets.registry import targets_for


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step learns from.

    Parameters
    ----------
    inputs : Tensor of float32, shape (N, C, Y, X)
    targets : Tensor of float32, shape (N, K, Y, X)
    weights : Tensor of float32, shape (N, W, Y, X)
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    weights: torch.Tensor


class BatchMaker:
    """Make the batches of a run.

    Parameters
    ----------
    examples : sequence of Example
        Training images.
    config : TrainingConfig
        Sizes, seed, augmentation and head.
    """

    def __init__(self, examples: Sequence[Example], config: TrainingConfig) -> None:
        self._examples, self._config = examples, config
        self._chances = sampling_chances(examples)
        self._augmentation = Augmentation(config.augmentation, crop_px=config.schedule.crop_px)

    def make(self, step: int) -> Batch:
        """Make the batch of one step."""
        config = self._config
        rng = np.random.default_rng((config.schedule.seed, step))
        inputs, targets, weights = [], [], []
        for index in rng.choice(len(self._examples), config.schedule.batch, p=self._chances):
            example = self._examples[index]
            crop, cut = self._augmentation.draw(example.pixels, example.labels, rng)
            wanted, weight = targets_for(config.head, cut)
            inputs.append(crop)
            targets.append(wanted)
            weights.append(weight)
        return Batch(*(torch.from_numpy(np.stack(part)) for part in (inputs, targets, weights)))

    def ahead(self, first: int, last: int) -> Generator[Batch, None, None]:
        """Give the batches of the steps ``first`` to ``last``, the next one in the making meanwhile."""
        with ThreadPoolExecutor(1, thread_name_prefix="pybridge-batches") as pool:
            upcoming = pool.submit(self.make, first)
            for step in range(first, last + 1):
                batch = upcoming.result()
                if step < last:
                    upcoming = pool.submit(self.make, step + 1)
                yield batch
