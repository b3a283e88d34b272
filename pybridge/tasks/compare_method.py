"""One method of a comparison on every image: labels, steadiness, time and memory. One bad image never stops the rest.

Imports core; the rooms below inside functions.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.comparison import Failure, PackedLabels, pack_labels
from pybridge.core.errors import CancelledError, PyBridgeError
from pybridge.core.image import Image
from pybridge.core.progress import listen, report
from pybridge.core.record import DeviceUsed, ModelUsed
from pybridge.tasks.compare_forest import LeftOut
from pybridge.tasks.consistency import PERTURBATIONS, consistency, perturb
from pybridge.tasks.segment import segment_image
from pybridge.tasks.segment_settings import SegmentSettings

log = logging.getLogger("pybridge.tasks")

NAN = float("nan")


@dataclass(slots=True, eq=False)
class MethodRun:
    """What one method gave.

    Parameters
    ----------
    model : str
        As it was asked for.
    labels : list of PackedLabels or None
        One for each image; None where it failed.
    steadiness : list of float
        Consistency under perturbation on each image, when it was asked for; NaN where undefined.
    objects, seconds : list of float
        On each image; NaN where it failed.
    """

    model: str
    labels: list[PackedLabels | None] = field(default_factory=list)
    steadiness: list[float] = field(default_factory=list)
    objects: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    load_s: float = 0.0
    train_s: float = 0.0
    memory_mb: float = NAN
    used: ModelUsed | None = None
    device: DeviceUsed | None = None
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which images it could do, shape (N,)."""
        return np.array([labels is not None for labels in self.labels], bool)


def run_method(
    images: Sequence[Image], settings: SegmentSettings, *, perturbed: bool, trainer: LeftOut | None = None
) -> MethodRun:
    """Run one method on every image.

    Parameters
    ----------
    images : sequence of Image
        The images.
    settings : SegmentSettings
        The method, and how it runs.
    perturbed : bool
        Also run it on perturbed copies, and say how steady it is.
    trainer : LeftOut, optional
        Trains the method anew for each image, on the others.
    """
    from pybridge.runtime.peak import peak_memory

    run = MethodRun(settings.model)
    with peak_memory() as peak:
        for number, image in enumerate(images):
            report(number, len(images), f"{run.model}: {image.name}")
            try:
                used = settings if trainer is None else _trained(run, settings, trainer, number)
                _run_on_image(run, image, used, perturbed=perturbed)
            except CancelledError:
                raise
            except PyBridgeError as error:
                _failed(run, image, str(error))
            except (OSError, MemoryError) as error:
                log.debug("%s on %s failed", run.model, image.name, exc_info=True)
                _failed(run, image, f"{type(error).__name__}: {error}")
    run.memory_mb = peak.mib
    return run


def _trained(run: MethodRun, settings: SegmentSettings, trainer: LeftOut, number: int) -> SegmentSettings:
    begun = time.perf_counter()
    model = trainer.model_for(number)
    run.train_s += time.perf_counter() - begun
    return dataclasses.replace(settings, model=model)


def _run_on_image(run: MethodRun, image: Image, settings: SegmentSettings, *, perturbed: bool) -> None:
    labels, count = _segment(run, image, settings)
    steady = []
    for each in PERTURBATIONS if perturbed else ():
        with listen(None):
            changed = segment_image(perturb(image, each), settings).result.labels.array
        steady.append(consistency(labels, changed))
    run.labels.append(pack_labels(labels))
    run.objects.append(float(count))
    # A perturbed copy in which nothing was found where there was nothing tells nothing.
    known = [value for value in steady if not np.isnan(value)]
    run.steadiness.append(float(np.mean(known)) if known else NAN)


def _segment(run: MethodRun, image: Image, settings: SegmentSettings) -> tuple[NDArray[Any], int]:
    begun = time.perf_counter()
    with listen(None):  # its own planes are no progress of ours
        done = segment_image(image, settings)
    record = done.result.record
    load_s = record.timing_s.load
    run.seconds.append(time.perf_counter() - begun - load_s)
    run.load_s += load_s
    run.used, run.device = run.used or record.model, run.device or record.device
    run.warnings += record.warnings
    return done.result.labels.array, done.count


def _failed(run: MethodRun, image: Image, error: str) -> None:
    done = len(run.labels)
    del run.seconds[done:]  # the plain image may have been done before a perturbed one failed
    run.labels.append(None)
    run.seconds.append(NAN)
    run.objects.append(NAN)
    run.steadiness.append(NAN)
    run.failures.append(Failure(run.model, image.name, error))
