"""Predict: image in, raw output tensors out. All doors come here through their command.

Imports zoo, runtime and core, inside functions but core.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.environment import versions
from pybridge.core.errors import ModelError
from pybridge.core.image import Calibration, Image
from pybridge.core.progress import report
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, input_used, now
from pybridge.core.results import PredictionResult
from pybridge.tasks.planes import Planes, planes_of

if TYPE_CHECKING:
    from pybridge.runtime import Predictor
    from pybridge.zoo import Model

COMMAND = "PyBridge Predict"


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSettings:
    """Settings of one prediction; the names and meanings are those of the command."""

    model: str
    device: str = "auto"
    tile: str = "auto"
    channel: str | None = None
    augment: bool = False


def predict_image(image: Image, settings: PredictSettings, *, watch: Stopwatch | None = None) -> PredictionResult:
    """Run a model over an image: plane by plane for a 2-D model, volume by volume for a 3-D one.

    Parameters
    ----------
    image : Image
        The image.
    settings : PredictSettings
        Checked settings.
    watch : Stopwatch, optional
        Where earlier parts of this command (reading) were timed.
    """
    from pybridge import zoo
    from pybridge.runtime import open_predictor

    watch = watch or Stopwatch()
    started = now()
    with watch.part("load"):
        model = zoo.find(settings.model)
        if len(model.inputs) != 1 or model.spatial not in ("YX", "ZYX"):
            raise ModelError(
                f"predict with the model {model.id!r}",
                found=f"{len(model.inputs)} inputs with axes {model.inputs[0].letters}",
                do="choose a model of one image input with axes YX or ZYX",
            )
        predictor = open_predictor(model, device=settings.device)
    with watch.part("prepare"):
        wanted = settings.channel or (model.config.channel if image.size_of("C") > 1 else None)
        planes = planes_of(image, channels=model.channels, wanted=wanted)
    gathered: list[list[NDArray[np.float32]]] = [[] for _ in model.outputs]
    items = list(_items(planes, model))
    for done, pixels in enumerate(items):
        report(done, len(items), f"{image.name}: {done + 1} of {len(items)}")
        for index, array in enumerate(_run(pixels, model, predictor, settings, watch=watch)):
            gathered[index].append(array)
    report(len(items), len(items), image.name)
    outputs = tuple(
        _to_image(arrays, image, model, index, planes, scales=predictor.layout.outputs[index].scale)
        for index, arrays in enumerate(gathered)
    )
    warnings = [*planes.warnings, *predictor.warnings]
    if image.inverting_lut:
        warnings.append(f"{image.name} has an inverting look-up table; the pixel values were used as stored")
    record = RunRecord(
        id=str(uuid.uuid4()),
        command=COMMAND,
        parameters=dataclasses.asdict(settings),
        started=started,
        model=model.used(),
        inputs=(input_used(image),),
        outputs=tuple(OutputMade(output.id, made.name, made.sha256_pixels()) for output, made in zip(model.outputs, outputs, strict=True)),
        device=predictor.device,
        versions=versions(),
        warnings=tuple(dict.fromkeys(warnings)),
        timing_s=watch.timing(),
    )
    return PredictionResult(outputs=outputs, record=record)


def _items(planes: Planes, model: Model) -> Iterator[NDArray[Any]]:
    """Go through what the model takes at once: planes (C, Y, X) or volumes (C, Z, Y, X)."""
    if model.spatial == "ZYX":
        for frame in planes.pixels:
            yield frame.transpose(1, 0, 2, 3)
    else:
        for _, _, plane in planes.each():
            yield plane


def _run(
    pixels: NDArray[Any], model: Model, predictor: Predictor, settings: PredictSettings, *, watch: Stopwatch
) -> list[NDArray[np.float32]]:
    from pybridge.runtime import Gather

    sink = Gather(pixels.shape[1:], scales=[output.scale for output in predictor.layout.outputs])
    predictor.predict(
        pixels, "C" + model.spatial, tile=settings.tile, sink=sink, augment=settings.augment, watch=watch
    )
    return sink.arrays


def _to_image(
    arrays: list[NDArray[np.float32]],
    image: Image,
    model: Model,
    index: int,
    planes: Planes,
    *,
    scales: tuple[Fraction, ...],
) -> Image:
    """Stack one output over frames (and slices) to an image; a scaled output has other pixel sizes."""
    frames, slices = planes.pixels.shape[:2]
    name = f"{image.stem}-{model.outputs[index].id}"
    channel_names = _channel_names(model, index)
    if arrays[0].ndim == 1:  # one number for each channel: a row of numbers for each item
        return Image(np.stack(arrays), "YX", name=name)
    if model.spatial == "ZYX":
        whole = np.stack(arrays).transpose(0, 2, 1, 3, 4)
    else:
        whole = np.stack(arrays).reshape(frames, slices, *arrays[0].shape)
    kept = [letter for letter in "TZC" if letter == "C" and whole.shape[2] > 1 or letter in image.axes and letter != "C"]
    axes = "".join(kept) + "YX"
    shape = [dict(zip("TZCYX", whole.shape, strict=True))[letter] for letter in axes]
    made = image.replace(array=whole.reshape(shape), axes=axes, name=name, channel_names=channel_names)
    return dataclasses.replace(made, calibration=_scaled(image.calibration, model.spatial, scales))


def _channel_names(model: Model, index: int) -> tuple[str, ...]:
    axis = model.outputs[index].axis("C")
    return axis.channel_names if axis is not None else ()


def _scaled(size: Calibration, letters: str, scales: tuple[Fraction, ...]) -> Calibration:
    """Divide pixel sizes by how many output pixels there are per input pixel."""
    for letter, scale in zip(letters, scales, strict=False):
        if scale != 1:
            size = dataclasses.replace(size, **{letter.lower(): getattr(size, letter.lower()) / float(scale)})
    return size
