"""What the folder of a trained model holds besides its network: texts, pictures, record, settings. Imports torch."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.export.package import Attachment, Package
from pybridge.export.sample import image_for
from pybridge.export.tensors import input_tensor, output_tensor, percentile_steps, stepped
from pybridge.training.curves import draw_curves, training_to_csv, validation_to_csv
from pybridge.training.pictures import Picture, draw_contact_sheet, draw_cover
from pybridge.training.readme import (
    CONFIG,
    CURVES,
    EXAMPLES,
    HEADS,
    RECORD,
    TRAINING_CSV,
    VALIDATION_CSV,
    write_readme,
)
from pybridge.training.scores import PartScores, ap_at, mean_ap
from pybridge.zoo.model import PyBridgeConfig

if TYPE_CHECKING:
    from pybridge.networks.build import Network
    from pybridge.training.config import TrainingConfig
    from pybridge.training.load import LabelledImage
    from pybridge.training.record import TrainingRecord

_LARGEST_TEST_PX = 256


def package_of(
    network: Network,
    record: TrainingRecord,
    pictures: Sequence[Picture],
    *,
    cover: Picture,
    test: LabelledImage | None,
) -> Package:
    """Put together all that the folder holds besides the network.

    Parameters
    ----------
    network : Network
        Its step and the names of its outputs count.
    record : TrainingRecord
        Where texts and numbers come from.
    pictures : sequence of Picture
        From best to worst; none when the images may not be shown.
    cover : Picture
        What stands for the model in lists.
    test : LabelledImage or None
        Its pixels become the input of the model's own test; None: a simulated image.
    """
    config = record.config
    percentiles = config.normalisation
    channel = config.data.channel or ""
    tensor = input_tensor(
        [channel if channel and not channel.isdecimal() else "intensity"],
        sizes=[stepped(network.step)] * network.dims,
        steps=percentile_steps(percentiles.low_percentile, percentiles.high_percentile, dims=network.dims),
        description="one channel, as stored",
    )
    head = HEADS[config.head.name].format(rays=config.head.rays)
    return Package(
        id=config.name,
        text=config.about,
        input=tensor,
        output=output_tensor(network.output_names, of=tensor, description=f"{head}; lengths in pixels"),
        config=PyBridgeConfig(
            task="segment",
            decoder=record.decoder,
            scores={part.part: _short(part) for part in record.scores},
            training=_origin(record),
            training_profile=record.profile.to_config(),
        ),
        readme=write_readme(record),
        test_image=image_for(tensor) if test is None else _test_image(test, step=network.step),
        cover=draw_cover(cover),
        attachments=(
            Attachment(RECORD, record.to_json().encode()),
            Attachment(CONFIG, _config_to_yaml(config)),
            Attachment(CURVES, draw_curves(record.history, title=config.name)),
            Attachment(TRAINING_CSV, training_to_csv(record.history).encode()),
            Attachment(VALIDATION_CSV, validation_to_csv(record.history).encode()),
            *_examples(pictures, title=f"{config.name}: validation images"),
        ),
    )


def _examples(pictures: Sequence[Picture], *, title: str) -> tuple[Attachment, ...]:
    return (Attachment(EXAMPLES, draw_contact_sheet(pictures, title=title)),) if pictures else ()


def _short(part: PartScores) -> dict[str, Any]:
    """Give the scores of a part as a description has them; the record has them in full."""
    content: dict[str, Any] = {"images": len(part.scores.per_image), "chose": part.chose}
    measured = (("ap_0.50", ap_at(part.scores, 0.5)), ("ap_0.75", ap_at(part.scores, 0.75)))
    for name, score in (*measured, ("mean_ap", mean_ap(part.scores))):
        known = [bound if bound == bound else None for bound in (score.value, score.low, score.high)]
        content |= {name: known[0], f"{name}_ci95": known[1:]}
    return content


def _origin(record: TrainingRecord) -> dict[str, Any]:
    """Say how the model was made, with the settings that a fine-tuning of it starts from."""
    start = "scratch"
    if record.start is not None:
        used = record.start.model
        start = f"{used.id} {used.version} (sha256 {used.sha256})"
    return {
        "record": RECORD,
        "from": start,
        "created": record.created,
        "checkpoint_step": record.chosen_step,
        "seconds": round(record.seconds, 1),
        "config": record.config.model_dump(mode="json"),
    }


def _test_image(image: LabelledImage, *, step: int) -> NDArray[Any]:
    """Cut a part of a size that the description allows, reflected where the image is too small."""
    pixels = image.pixels if image.pixels.ndim == 3 else image.pixels[None]
    least = stepped(step).minimum
    sides = [max(least, min(extent, _LARGEST_TEST_PX) // step * step) for extent in pixels.shape[1:]]
    missing = [(0, max(0, side - extent)) for side, extent in zip(sides, pixels.shape[1:], strict=True)]
    enlarged = np.pad(pixels, [(0, 0), *missing], mode="symmetric")
    return enlarged[:, : sides[0], : sides[1]]


def _config_to_yaml(config: TrainingConfig) -> bytes:
    """Write all settings, defaults too: these may change from version to version."""
    from ruyaml import YAML

    text = io.StringIO()
    text.write("# The settings of this model. Paths start from the folder that the file lay in when it was trained.\n")
    YAML().dump(config.model_dump(mode="json"), text)
    return text.getvalue().encode()
