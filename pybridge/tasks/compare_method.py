"""One method of a comparison on every image: labels, steadiness, time and memory. One bad image never stops the rest.

Imports core; the rooms below inside functions.
"""

from __future__ import annotations

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
    model: str,
    images: Sequence[Image],
    *,
    device: str,
    tile: str,
    channel: str | None,
    perturbed: bool,
    left_out: LeftOut | None = None,
) -> MethodRun:
    """Run one method on every image.

    Parameters
    ----------
    model : str
        Id of a model or a baseline, folder, .zip or description file.
    images : sequence of Image
        The images.
    device, tile, channel : str
        As in Segment.
    perturbed : bool
        Also run it on perturbed copies, and say how steady it is.
    left_out : LeftOut, optional
        Trains the method anew for each image, on the others.
    """
    from pybridge.runtime.peak import peak_memory

    run = MethodRun(model)
    with peak_memory() as peak:
        for number, image in enumerate(images):
            report(number, len(images), f"{model}: {image.name}")
            try:
                _run_on_image(run, image, number, device, tile, channel, perturbed=perturbed, left_out=left_out)
            except CancelledError:
                raise
            except PyBridgeError as error:
                _failed(run, image, str(error))
            except (OSError, MemoryError) as error:
                log.debug("%s on %s failed", model, image.name, exc_info=True)
                _failed(run, image, f"{type(error).__name__}: {error}")
    run.memory_mb = peak.mib
    return run


def _run_on_image(
    run: MethodRun,
    image: Image,
    number: int,
    device: str,
    tile: str,
    channel: str | None,
    *,
    perturbed: bool,
    left_out: LeftOut | None,
) -> None:
    model = run.model
    if left_out is not None:
        begun = time.perf_counter()
        model = left_out.model_for(number)
        run.train_s += time.perf_counter() - begun
    settings = SegmentSettings(model=model, device=device, tile=tile, channel=channel, table=False)
    labels, count = _segment(run, image, settings)
    steady = [
        consistency(labels, _segment_perturbed(perturb(image, each), settings)) for each in PERTURBATIONS
    ] * perturbed
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


def _segment_perturbed(image: Image, settings: SegmentSettings) -> NDArray[Any]:
    with listen(None):
        return segment_image(image, settings).result.labels.array


def _failed(run: MethodRun, image: Image, error: str) -> None:
    done = len(run.labels)
    del run.seconds[done:]  # the plain image may have been done before a perturbed one failed
    run.labels.append(None)
    run.seconds.append(NAN)
    run.objects.append(NAN)
    run.steadiness.append(NAN)
    run.failures.append(Failure(run.model, image.name, error))
