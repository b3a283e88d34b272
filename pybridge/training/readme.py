"""The README of a trained model, for people. Every number in it comes from the training record.

``readme_scores`` writes the sections on scores. Imports the nouns of training.
"""

from __future__ import annotations

from collections.abc import Callable

from pybridge.training.profile import PERCENTILES
from pybridge.training.readme_scores import (
    before_and_after_section,
    folds_section,
    markdown_table,
    scores_section,
    thresholds_section,
)
from pybridge.training.record import TrainingRecord

CURVES, EXAMPLES = "curves.png", "examples.png"
TRAINING_CSV, VALIDATION_CSV = "training-curve.csv", "validation-curve.csv"
RECORD, CONFIG = "training-record.json", "train.yaml"

HEADS = {
    "offsets": "for each pixel the probability of lying in an object and the offset to the centre of that object",
    "star_convex": "for each pixel the probability of lying well inside an object and its distances to the object's "
    "border in {rays} directions",
    "boundary": "for each pixel the probability of lying in an object, the distance to the object's border and the "
    "probability of being that border",
}
_USES = {
    "train": "the network learnt from them",
    "validation": "chose the checkpoint and the thresholds, so scores on them are a little too good",
    "test": "chose nothing",
}


def write_readme(record: TrainingRecord) -> str:
    """Write the README of a model folder; the export adds its own checks and what nobody has stated.

    Parameters
    ----------
    record : TrainingRecord
        Where all numbers come from.

    Returns
    -------
    str
        Markdown.
    """
    sections: tuple[tuple[str, Callable[[], list[str]]], ...] = (
        ("", lambda: _title(record)),
        ("Data and split", lambda: _data(record)),
        ("Validation: scores", lambda: scores_section(record)),
        ("Before and after", lambda: before_and_after_section(record)),
        ("Cross-validation", lambda: folds_section(record)),
        ("Thresholds", lambda: thresholds_section(record)),
        ("Recipe", lambda: _recipe(record)),
        ("Curves", lambda: _curves(record)),
        ("Limits", lambda: _limits(record)),
        ("Please cite", lambda: _cite(record)),
        ("Warnings", lambda: [f"- {warning}" for warning in record.warnings]),
    )
    written = []
    for title, make in sections:
        lines = make()
        if lines:
            written += [*([f"## {title}", ""] if title else []), *lines, ""]
    return "\n".join(written)


def _title(record: TrainingRecord) -> list[str]:
    config, about = record.config, record.config.about
    shape = f"{'residual ' if config.network.residual else ''}U-Net"
    head = HEADS[config.head.name].format(rays=config.head.rays)
    start = "fresh weights"
    if record.start is not None:
        start = f"the weights of `{record.start.model.id}` {record.start.model.version}"
        if config.fine_tune is not None and config.fine_tune.freeze_encoder:
            start += ", the encoder kept as it was"
    return [
        f"# {about.title or config.name}",
        "",
        *([about.description, ""] if about.description else []),
        f"A {shape} ({record.parameters / 1e6:.3g} million parameters) predicts {head}; PyBridge's decoder "
        f"`{record.decoder.name}` turns this into labels. Version {about.version}, trained from {start}"
        f" on {record.created[:10]} with PyBridge {record.versions.get('pybridge', '')}.",
        *([f"Made by {', '.join(about.authors)}."] if about.authors else []),
        *([f"Licence: {about.license}."] if about.license else []),
    ]


def _data(record: TrainingRecord) -> list[str]:
    about = record.config.about.training_data
    licence = f"Licence of the data: {about.license}" if about.license else ""
    source = [text for text in (about.name, about.description, licence, about.source) if text]
    rows = [
        [
            part.part,
            str(part.images),
            str(part.objects),
            "not given" if part.groups is None else str(part.groups),
            _USES[part.part],
        ]
        for part in record.data.parts
    ]
    lines = [
        *([". ".join(text.rstrip(".") for text in source) + ".", ""] if source else []),
        *markdown_table(["part", "images", "objects", "groups", "use"], rows),
        "",
        "Images of one group (field of view, plate, animal) lie in one part only."
        if any(part.groups is not None for part in record.data.parts)
        else "No groups are given: each file counts as a group of its own.",
    ]
    if empty := sum(part.images_without_objects for part in record.data.parts):
        lines.append(f"{empty} of the images show no object.")
    return [*lines, f"Names and hashes of all files are in `{RECORD}`."]


def _recipe(record: TrainingRecord) -> list[str]:
    schedule, hardware = record.config.schedule, record.hardware
    where = f"{hardware.threads} thread(s) of {hardware.cpu}"
    if hardware.device != "cpu":
        where = f"{hardware.device_name} ({hardware.device})"
    return [
        f"{record.steps} steps of {schedule.batch} crops of {schedule.crop_px} × {schedule.crop_px} pixels in "
        f"{_duration(record.seconds)} on {where}, {hardware.precision} ({record.stopped}); the weights are the "
        f"averaged ones of step {record.chosen_step}. All settings are in `{CONFIG}`. To make the model again, put "
        "that file where it lay, since its paths start from there, and:",
        "",
        "```",
        "pip install 'pybridge[train]'",
        f"pybridge train {CONFIG} -o FOLDER",
        "```",
        "",
        f"Versions, hardware, every row of the curves and every file are in `{RECORD}`.",
    ]


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _curves(record: TrainingRecord) -> list[str]:
    return [
        f"![losses and scores over the steps]({CURVES})",
        "",
        f"Numbers: `{TRAINING_CSV}`, `{VALIDATION_CSV}`.",
        "",
        *(line for note in record.notes for line in (f"- {note}", "")),
        *_shown(record),
    ]


def _shown(record: TrainingRecord) -> list[str]:
    if not record.config.data.show_images:
        return ["The images are not shown: cover and test image of this folder are simulated."]
    return [
        f"![best, median and worst validation images]({EXAMPLES})",
        "",
        "Best, median and worst validation images: the image, its truth, the result.",
    ]


def _limits(record: TrainingRecord) -> list[str]:
    lines = [record.config.about.limits, ""] if record.config.about.limits else []
    sizes = record.profile.object_diameter_px
    if sizes is not None:
        low, high = sizes.values[0], sizes.values[-1]
        lines.append(
            f"Of the training objects, {PERCENTILES[-1] - PERCENTILES[0]} % were {low:.0f} to {high:.0f} pixels "
            "across; scale other images first."
        )
    if record.decoder.min_size:
        lines.append(f"Objects under {record.decoder.min_size} pixels are dropped by default (min_size).")
    return lines


def _cite(record: TrainingRecord) -> list[str]:
    about = record.config.about
    works = (*about.cite, *about.training_data.cite)
    places = [f"https://doi.org/{work.doi}" if work.doi else work.url for work in works]
    return [f"- {work.text} {place}" for work, place in zip(works, places, strict=True)]
