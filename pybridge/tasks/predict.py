"""Predict: image in, raw output tensors out. All doors come here through their command.

Imports zoo, runtime and core, inside functions but core.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pybridge.core.baseline_names import is_baseline
from pybridge.core.environment import versions
from pybridge.core.errors import ModelError
from pybridge.core.image import Image
from pybridge.core.planes import Planes, planes_of
from pybridge.core.progress import report
from pybridge.core.record import OutputMade, RunRecord, Stopwatch, input_used, now
from pybridge.core.results import PredictionResult
from pybridge.core.store import MemoryStore, Store
from pybridge.tasks.predict_outputs import OutputImages

if TYPE_CHECKING:
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


def predict_image(
    image: Image, settings: PredictSettings, *, watch: Stopwatch | None = None, store: Store | None = None
) -> PredictionResult:
    """Run a model over an image: plane by plane for a 2-D model, volume by volume for a 3-D one.

    A classical denoiser (``baseline:median``) runs plane by plane too, each channel by itself.

    Parameters
    ----------
    image : Image
        The image.
    settings : PredictSettings
        Checked settings.
    watch : Stopwatch, optional
        Where earlier parts of this command (reading) were timed.
    store : Store, optional
        Where the outputs are kept; default in memory. With a store of files and an image whose pixels stay in its
        file, nothing is ever in memory but tiles.

    Raises
    ------
    ModelError
        If the model has no single image input.
    ImageError
        If the image does not suit the model.
    """
    from pybridge import zoo
    from pybridge.runtime import open_predictor

    watch = watch or Stopwatch()
    if is_baseline(settings.model):
        from pybridge.tasks.predict_denoised import denoise_image

        return denoise_image(image, settings, command=COMMAND, watch=watch, store=store or MemoryStore())
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
    frames, slices, _, rows, columns = planes.pixels.shape
    images = OutputImages(
        image,
        model,
        extent=(frames, slices, rows, columns),
        scales=[output.scale for output in predictor.layout.outputs],
        store=store or MemoryStore(),
    )
    items = list(_items(planes, model))
    for done, (t, z, pixels) in enumerate(items):
        report(done, len(items), f"{image.name}: {done + 1} of {len(items)}")
        predictor.predict(
            pixels,
            "C" + model.spatial,
            tile=settings.tile,
            sink=images.item(t, z),
            augment=settings.augment,
            watch=watch,
        )
    report(len(items), len(items), image.name)
    outputs = images.images()
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
        outputs=tuple(
            OutputMade(output.id, made.name, made.sha256_pixels())
            for output, made in zip(model.outputs, outputs, strict=True)
        ),
        device=predictor.device,
        versions=versions(),
        warnings=tuple(dict.fromkeys(warnings)),
        timing_s=watch.timing(),
    )
    return PredictionResult(outputs=outputs, record=record)


def _items(planes: Planes, model: Model) -> Iterator[tuple[int, int, NDArray[Any]]]:
    """Go through what the model takes at once: planes (C, Y, X) or volumes (C, Z, Y, X), with frame and slice."""
    if model.spatial == "ZYX":
        for t in range(planes.pixels.shape[0]):
            yield t, 0, planes.pixels[t].transpose(1, 0, 2, 3)
    else:
        yield from planes.each()
