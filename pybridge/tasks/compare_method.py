"""One method of a comparison on every image: result, steadiness, time and memory. One bad image never stops the rest.

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

from pybridge.core.comparison import Failure
from pybridge.core.errors import CancelledError, DeviceError, ModelError, PyBridgeError
from pybridge.core.image import Image
from pybridge.core.packed_pixels import PackedPixels, pack_pixels
from pybridge.core.progress import listen, report
from pybridge.core.record import DeviceUsed, ModelUsed, RunRecord
from pybridge.tasks.compare_forest import LeftOut
from pybridge.tasks.consistency import PERTURBATIONS, consistency, perturb
from pybridge.tasks.predict import PredictSettings, predict_image
from pybridge.tasks.segment import segment_image
from pybridge.tasks.segment_settings import SegmentSettings

log = logging.getLogger("pybridge.tasks")

NAN = float("nan")
_CORNER_PX = 64
Settings = SegmentSettings | PredictSettings


@dataclass(slots=True, eq=False)
class MethodRun:
    """What one method gave.

    Parameters
    ----------
    model : str
        As it was asked for.
    results : list of PackedPixels or None
        Labels or the restored image, one for each image; None where it failed.
    steadiness : list of float
        Consistency under perturbation on each image, when it was asked for; NaN where undefined.
    objects, seconds : list of float
        On each image; NaN where it failed. Restored images have no objects.
    load_s, train_s, own_memory_mib, used, device
        As in ``ComparedMethod``.
    """

    model: str
    results: list[PackedPixels | None] = field(default_factory=list)
    steadiness: list[float] = field(default_factory=list)
    objects: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    load_s: float = 0.0
    train_s: float = 0.0
    own_memory_mib: float = NAN
    used: ModelUsed | None = None
    device: DeviceUsed | None = None
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Which images it could do, shape (N,)."""
        return np.array([result is not None for result in self.results], bool)


def run_method(
    images: Sequence[Image], settings: Settings, *, perturbed: bool, trainer: LeftOut | None = None
) -> MethodRun:
    """Run one method on every image.

    Parameters
    ----------
    images : sequence of Image
        The images.
    settings : SegmentSettings or PredictSettings
        The method, and how it runs: whether it finds objects or restores images.
    perturbed : bool
        Also run it on perturbed copies, and say how steady it is.
    trainer : LeftOut, optional
        Trains the method anew for each image, on the others.
    """
    from pybridge.runtime.peak import OwnMemory

    run, memory, is_warm = MethodRun(settings.model), OwnMemory(), False
    for number, image in enumerate(images):
        report(number, len(images), f"{run.model}: {image.name}")
        try:
            used = settings if trainer is None else _trained(run, settings, trainer, number)
            if not is_warm:
                _warm_up(run, image, used)
            # Opening and training are no work on an image, for the memory as for the seconds; nor are kept results.
            memory.take_level()
            is_warm = True
            _run_on_image(run, image, used, perturbed=perturbed)
            memory.look()
        except (CancelledError, DeviceError):
            raise  # no image can be done on a device that is not there
        except PyBridgeError as error:
            _failed(run, image, str(error))
        except (OSError, MemoryError) as error:
            log.debug("%s on %s failed", run.model, image.name, exc_info=True)
            _failed(run, image, f"{type(error).__name__}: {error}")
    run.own_memory_mib = memory.mib
    if trainer is not None and run.used is not None:
        run.used = trainer.used()
    return run


def _warm_up(run: MethodRun, image: Image, settings: Settings) -> None:
    """Run the method on a corner first: what is imported and compiled once is no time of the first image."""
    corner = np.asarray(image.tzcyx()[:1, :1, :, :_CORNER_PX, :_CORNER_PX])
    axes = "TZCYXS"[: corner.ndim]
    begun = time.perf_counter()
    try:
        with listen(None):
            names = image.channel_names
            _apply(image.replace(array=corner, axes=axes, name=image.name, channel_names=names), settings)
    except (CancelledError, DeviceError):
        raise
    except (PyBridgeError, OSError, MemoryError):
        log.debug("%s cannot do a corner of %s", run.model, image.name, exc_info=True)  # the whole image says why
    run.load_s += time.perf_counter() - begun


def _trained(run: MethodRun, settings: Settings, trainer: LeftOut, number: int) -> Settings:
    begun = time.perf_counter()
    model = trainer.model_for(number)
    run.train_s += time.perf_counter() - begun
    return dataclasses.replace(settings, model=model)


def _run_on_image(run: MethodRun, image: Image, settings: Settings, *, perturbed: bool) -> None:
    pixels, count = _timed(run, image, settings)
    steady = _steadiness(run, image, pixels, settings) if perturbed else NAN
    run.results.append(pack_pixels(pixels))
    run.objects.append(count)
    run.steadiness.append(steady)


def _steadiness(run: MethodRun, image: Image, pixels: NDArray[Any], settings: Settings) -> float:
    """Give the mean consistency over the perturbations that change the image; NaN, with a warning, where none can be.

    A copy that equals its image would call every method steady.
    """
    if not pixels.any():
        run.warnings.append(f"{run.model} finds nothing in {image.name!r}: its consistency there is undefined")
        return NAN
    values, idle, taken = [], [], _taken(image, settings)
    for each in PERTURBATIONS:
        copy = perturb(image, each)
        if _same_pixels(_taken(copy, settings), taken):
            idle.append(each.meaning)
            continue
        with listen(None):
            found, *_ = _apply(copy, settings)
        values.append(consistency(pixels, found))
    if idle:
        rest = f"rests on {len(values)} of {len(PERTURBATIONS)} perturbations" if values else "is undefined"
        run.warnings.append(f"{image.name!r} has the same pixels after {', '.join(idle)}: consistency there {rest}")
    return float(np.mean(values)) if values else NAN


def _taken(image: Image, settings: Settings) -> NDArray[Any]:
    """Give the pixels that the method takes: those of the channel that is named, else all."""
    from pybridge.core.planes import planes_of

    wanted = settings.channel
    return np.asarray(image.array if wanted is None else planes_of(image, channels=1, wanted=wanted).pixels)


def _same_pixels(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _timed(run: MethodRun, image: Image, settings: Settings) -> tuple[NDArray[Any], float]:
    begun = time.perf_counter()
    with listen(None):  # its own planes are no progress of ours
        pixels, count, record = _apply(image, settings)
    load_s = record.timing_s.load
    run.seconds.append(time.perf_counter() - begun - load_s)
    run.load_s += load_s
    run.used, run.device = run.used or record.model, run.device or record.device
    run.warnings += record.warnings
    return pixels, count


def _apply(image: Image, settings: Settings) -> tuple[NDArray[Any], float, RunRecord]:
    """Give the labels or the restored image, the number of objects, and the record."""
    if isinstance(settings, SegmentSettings):
        done = segment_image(image, settings)
        return done.result.labels.array, float(done.count), done.result.record
    made = predict_image(image, settings)
    restored = made.outputs[0]
    sizes = [[each.size_of(letter) for letter in "TZYX"] for each in (image, restored)]
    if len(made.outputs) != 1 or sizes[0] != sizes[1] or restored.size_of("C") != _channels(image, settings):
        raise ModelError(
            f"restore {image.name!r} with {settings.model!r}",
            found=f"{len(made.outputs)} output(s), the first {restored.axes} {restored.array.shape} of an image "
            f"{image.axes} {image.array.shape}",
            do="compare models that give one image of the same size and channels",
        )
    return np.asarray(restored.array), NAN, made.record


def _channels(image: Image, settings: Settings) -> int:
    return 1 if settings.channel is not None or image.is_rgb else image.size_of("C")


def _failed(run: MethodRun, image: Image, error: str) -> None:
    done = len(run.results)
    del run.seconds[done:]  # the plain image may have been done before a perturbed one failed
    run.results.append(None)
    run.seconds.append(NAN)
    run.objects.append(NAN)
    run.steadiness.append(NAN)
    run.failures.append(Failure(run.model, image.name, error))
