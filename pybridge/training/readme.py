"""The README of a trained model, for people. Every number in it comes from the training record. Imports zoo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pybridge.training.profile import PERCENTILES
from pybridge.training.record import TrainingRecord
from pybridge.training.scores import PartScores, ap_at, count_truth, mean_ap
from pybridge.zoo.model import DecoderSpec

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
        ("Validation: scores", lambda: _scores(record)),
        ("Before and after", lambda: _before_and_after(record)),
        ("Cross-validation", lambda: _folds(record)),
        ("Thresholds", lambda: _thresholds(record)),
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
        *_table(["part", "images", "objects", "groups", "use"], rows),
        "",
        "Images of one group (field of view, plate, animal) lie in one part only."
        if any(part.groups is not None for part in record.data.parts)
        else "No groups are given: each file counts as a group of its own.",
    ]
    if empty := sum(part.images_without_objects for part in record.data.parts):
        lines.append(f"{empty} of the images show no object.")
    return [*lines, f"Names and hashes of all files are in `{RECORD}`."]


def _scores(record: TrainingRecord) -> list[str]:
    if not record.scores:
        return []
    tested = any(not part.chose for part in record.scores)
    return [
        "AP = TP / (TP + FP + FN), pooled over the images; in brackets the 95 % interval of a bootstrap over images.",
        "",
        *_table(
            ["part", "images", "objects", *_AP], [[part.part, *_counts(part), *_aps(part)] for part in record.scores]
        ),
        "",
        "The validation images chose the checkpoint and the thresholds: their scores are a little too good."
        + (" The test images chose nothing." if tested else " There are no test images that chose nothing."),
        "Measured with the torch network on whole images; `pybridge segment IMAGES --model MODEL --truth LABELS` gives "
        "the scores of the ONNX file, on your images too.",
    ]


_AP = ("AP 0.50", "AP 0.75", "mean AP 0.50 to 0.95")


def _counts(part: PartScores) -> list[str]:
    return [str(len(part.scores.per_image)), str(count_truth(part.scores))]


def _aps(part: PartScores) -> list[str]:
    return [str(score) for score in (ap_at(part.scores, 0.5), ap_at(part.scores, 0.75), mean_ap(part.scores))]


def _before_and_after(record: TrainingRecord) -> list[str]:
    start = record.start
    if start is None:
        return []
    rows = []
    for after in record.scores:
        before = start.scores_on(after.part)
        if before is not None:
            rows.append([after.part, f"`{start.model.id}` before", *_aps(before)])
            rows.append([after.part, f"`{record.config.name}` after", *_aps(after)])
    return [
        f"`{start.model.id}` {start.model.version} (sha256 {start.model.sha256[:12]}…) and the model that was "
        "fine-tuned from it, on the same images:",
        "",
        *_table(["part", "model", *_AP], rows),
        "",
        f"Before: with the thresholds of that model ({_named(start.decoder)}). After: with those chosen on the "
        "validation images, where part of the gain may come from the choice.",
    ]


def _folds(record: TrainingRecord) -> list[str]:
    folds = record.folds
    if folds is None:
        return []
    rows = [
        [
            str(fold.fold),
            str(fold.training_images),
            str(fold.held_out_images),
            *(str(score) for score in (ap_at(fold.scores, 0.5), ap_at(fold.scores, 0.75), mean_ap(fold.scores))),
        ]
        for fold in folds.folds
    ]
    pooled = folds.pooled
    return [
        f"{len(folds.folds)} folds over the groups of the training images, each fitted anew with the settings of this "
        "model and scored on the groups that it did not see.",
        "",
        *_table(["fold", "images learnt from", "images held out", *_AP], rows),
        "",
        f"Pooled over all {len(pooled.per_image)} images: AP 0.50 {ap_at(pooled, 0.5)}, AP 0.75 {ap_at(pooled, 0.75)}, "
        f"mean AP {mean_ap(pooled)}. Weights are those of each fold's last step and thresholds the middle ones of the "
        f"configuration ({_named(folds.decoder)}): the images held out chose neither"
        + (", but they could end a fold early (patience)." if record.config.schedule.patience else "."),
    ]


def _thresholds(record: TrainingRecord) -> list[str]:
    return [
        f"The decoder `{record.decoder.name}` runs with {_named(record.decoder)}: of {record.thresholds_tried} pair(s) "
        "of probability and overlap, the one with the best mean AP on the validation images. Each can be changed: "
        "`pybridge segment … --probability … --overlap … --min-size …`.",
    ]


def _named(decoder: DecoderSpec) -> str:
    return f"probability {decoder.probability:g}, overlap {decoder.overlap:g}, min_size {decoder.min_size}"


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


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]
