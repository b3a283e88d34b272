"""Predict with a classical denoiser: every plane and channel through the filter. Imports baselines and core."""

from __future__ import annotations

import dataclasses
import uuid
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pybridge.core.axes import CANONICAL
from pybridge.core.environment import versions
from pybridge.core.errors import ImageError, UsageError
from pybridge.core.image import Image
from pybridge.core.planes import Planes, planes_of
from pybridge.core.progress import report
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, input_used, now
from pybridge.core.results import PredictionResult
from pybridge.core.store import ImageForm, Store
from pybridge.tasks.predict_sources import DENOISED, open_source

if TYPE_CHECKING:
    from pybridge.tasks.predict import PredictSettings


def denoise_image(
    image: Image, settings: PredictSettings, *, command: str, watch: Stopwatch, store: Store
) -> PredictionResult:
    """Denoise an image plane by plane, each channel by itself.

    Parameters
    ----------
    image : Image
        The image; its pixels may still be in its file, one plane at a time is in memory.
    settings : PredictSettings
        Checked settings; the model is a denoiser.
    command : str
        Name of the command, for the record.
    watch : Stopwatch
        Where earlier parts of this command (reading) were timed.
    store : Store
        Where the output is kept.

    Raises
    ------
    UsageError
        If ``augment`` was asked for: there is no network whose outputs could be averaged.
    ImageError
        If the image holds values that are no numbers.
    """
    from pybridge.baselines import find_baseline
    from pybridge.baselines.denoising import denoise_plane

    started = now()
    with watch.part("load"):
        chosen = find_baseline(settings.model, task="predict")
        device = open_source(settings.model, device=settings.device)
        if settings.augment:
            raise UsageError(
                f"augment=True with {chosen.id!r}", found="this method has no network", do="leave augment out"
            )
    planes = _planes(image, settings)
    form = _form(image, planes)
    target = store.make(form)
    done = 0
    total = planes.count * planes.pixels.shape[2]
    for t, z, plane in planes.each():
        for channel in range(plane.shape[0]):
            report(done, total, f"{image.name}: plane {done + 1} of {total}")
            with watch.part("prepare"):
                pixels = _finite(plane[channel], name=image.name)
            with watch.part("decode"):
                clean = denoise_plane(pixels, chosen.options)
            where = {"T": t, "Z": z, "C": channel, "Y": slice(None), "X": slice(None)}
            target[tuple(where[letter] for letter in form.axes)] = clean
            done += 1
    report(total, total, image.name)
    output = image.replace(array=target.stored(), axes=form.axes, name=form.name, channel_names=form.channel_names)
    warnings = list(planes.warnings)
    if image.inverting_lut:
        warnings.append(f"{image.name} has an inverting look-up table; the pixel values were used as stored")
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=command,
        parameters=dataclasses.asdict(settings) | {"baseline": dataclasses.asdict(chosen.options)},
        started=started,
        model=chosen.used(),
        inputs=(input_used(image),),
        outputs=(OutputMade(DENOISED, output.name, output.sha256_pixels()),),
        device=device,
        versions=versions(),
        warnings=tuple(warnings),
        timing_s=watch.timing(),
    )
    return PredictionResult(outputs=(output,), record=record)


def _finite(plane: NDArray[Any], *, name: str) -> NDArray[Any]:
    from pybridge.baselines.foreground import finite_plane

    try:
        return finite_plane(plane)
    except ImageError as error:
        raise ImageError(f"denoise {name!r}", found=error.found, do=error.do) from None


def _planes(image: Image, settings: PredictSettings) -> Planes:
    """Take all channels; the one that was asked for; the luminance of RGB."""
    if image.is_rgb or settings.channel is not None:
        return planes_of(image, channels=1, wanted=settings.channel)
    return planes_of(image, channels=image.size_of("C"), wanted=None)


def _form(image: Image, planes: Planes) -> ImageForm:
    frames, slices, channels, height, width = planes.pixels.shape
    lengths = {"T": frames, "Z": slices, "C": channels, "Y": height, "X": width}
    axes = "".join(
        letter
        for letter in CANONICAL
        if letter in "YX" or lengths[letter] > 1 or (letter in image.axes and letter != "C")
    )
    names = image.channel_names if len(image.channel_names) == channels and "C" in axes else ()
    return ImageForm(
        role=DENOISED,
        name=f"{image.stem}-{DENOISED}",
        axes=axes,
        shape=tuple(lengths[letter] for letter in axes),
        calibration=image.calibration,
        channel_names=names,
    )
