"""Sentences that summary, checklist and methods paragraph share. Every number in them stands in the record.

Where the record lacks a part, the clause is left out; a sentence without any part is empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pybridge.core.errors import list_some
from pybridge.core.wording import count_text
from pybridge.reporting.evidence import Evidence
from pybridge.reporting.few_images import intervals_text
from pybridge.reporting.model_card import is_learnt
from pybridge.reporting.score_summary import ScoreRow, detection_score, number_at, score_rows, told_rows
from pybridge.reporting.stored_record import StoredInput, StoredRecord
from pybridge.reporting.training_overlap import overlap_text

_OF_THE_DOORS = ("model", "device", "output", "record", "rois", "table", "show_probability", "show_errors", "truth")
_MOST_TOLD = 20
_WHAT = {
    "PyBridge Segment": "segmented",
    "PyBridge Predict": "run through the network",
    "PyBridge Restore": "restored",
    "PyBridge Classify": "classified",
    "PyBridge Track": "tracked",
    "PyBridge Evaluate": "compared with ground truth",
    "PyBridge Compare": "used to compare methods",
}


def summary_sentences(evidence: Evidence) -> tuple[str, ...]:
    """Say what was done, for the top of the report."""
    record = evidence.record
    done = _WHAT.get(record.command, f"processed by {record.command!r}" if record.command else "processed")
    day = f" on {_day(record)}" if _day(record) else ""
    was = "was" if len(evidence.images) == 1 else "were"
    subjects = count_text(len(evidence.images), subject_of(evidence))
    sentences = [f"{subjects} {was} {done}{day}{_by_model(evidence)}."]
    found = [image.objects for image in evidence.images if image.objects is not None]
    if found and record.command in ("PyBridge Segment", "PyBridge Track"):
        lacking = len(evidence.images) - len(found)
        sentences.append(
            f"{count_text(sum(found), 'object')} {'was' if sum(found) == 1 else 'were'} found"
            + (f" in the {len(found)} image(s) whose objects could be counted." if lacking else ".")
        )
    sentences += [device_sentence(record), score_sentence(evidence), overlap_sentence(evidence)]
    return tuple(sentence for sentence in sentences if sentence)


def subject_of(evidence: Evidence) -> str:
    """Give the noun for what was analysed: ``table`` where it was tables of classes alone, else ``image``."""
    return "table" if evidence.images and not _pictured(evidence) else "image"


def images_sentence(evidence: Evidence) -> str:
    """Describe the images: number, sizes, axes, type of pixels, calibration; and tables: number and rows."""
    pictured = _pictured(evidence)
    tables = [image.source for image in evidence.images if image.source.is_table]
    said = [_analysed(pictured, f": {_extents(pictured)}.")] if pictured else []
    if tables:
        rows = sum(source.shape[0] for source in tables if source.shape)
        of = f" of {count_text(rows, 'row')}{' in all' if len(tables) > 1 else ''}" if rows else ""
        said.append(_analysed(tables, ".", noun="table", of=of))
    return " ".join(said)


def _pictured(evidence: Evidence) -> list[StoredInput]:
    """Give what was analysed and is no table."""
    return [image.source for image in evidence.images if not image.source.is_table]


def _analysed(sources: list[StoredInput], end: str, *, noun: str = "image", of: str = "") -> str:
    names = f" ({', '.join(repr(source.name) for source in sources)})" if len(sources) <= 3 else ""
    return f"{count_text(len(sources), noun)}{of} {'was' if len(sources) == 1 else 'were'} analysed{names}{end}"


def _extents(sources: list[StoredInput]) -> str:
    sizes = sorted({source.shape for source in sources if source.shape})
    parts = []
    if sizes:
        smallest, largest = (_extent(size) for size in (sizes[0], sizes[-1]))
        parts.append(
            f"{smallest} pixels" if len(sizes) == 1 else f"{len(sizes)} sizes from {smallest} to {largest} pixels"
        )
    for what, found in (
        ("in the order", {source.axes for source in sources if source.axes}),
        ("of type", {source.dtype for source in sources if source.dtype}),
    ):
        if found:
            parts.append(f"{what} {' and '.join(sorted(found))}")
    parts.append(_calibration(sources))
    return ", ".join(part for part in parts if part)


def device_sentence(record: StoredRecord) -> str:
    """Say what was asked for and what really ran."""
    device = record.device
    if device is None or not device.used:
        return ""
    name = f" ({device.name})" if device.name else ""
    through = f" through {device.provider}" if device.provider else ""
    driver = f", driver {device.driver}" if device.driver else ""
    asked = f" (asked for: {device.asked})" if device.asked else ""
    return f"It ran on {device.used}{name}{through}{driver}{asked}."


def runtime_of(record: StoredRecord) -> str:
    """Name the runtime with its version; empty when no network ran, or the record names none."""
    if record.device is None or not record.device.provider.endswith("ExecutionProvider"):
        return ""
    for package in ("onnxruntime-gpu", "onnxruntime", "onnxruntime-directml"):
        if record.versions.get(package):
            return f"ONNX Runtime {record.versions[package]}"
    return ""


def parameters_text(record: StoredRecord) -> str:
    """List the parameters that change the result; those that were left open ("as the model says") are left out."""
    said = [
        f"{key.replace('_', ' ')} {_value(value)}"
        for key, value in record.parameters.items()
        if value is not None and key not in _OF_THE_DOORS
    ]
    return ", ".join(said)


def score_sentence(evidence: Evidence) -> str:
    """Say what the comparison with ground truth gave."""
    scores = evidence.scores
    if evidence.compared is not None:
        return evidence.compared.sentence()
    if scores is None:
        return ""
    images = number_at(scores, "images")
    against = (
        f"Against the ground truth of {count_text(int(images), subject_of(evidence))}"
        if images
        else "Against the ground truth"
    )
    trusted = "".join(f" {each}" for each in (_drawn(scores), intervals_text(scores)) if each)
    rows = validation_rows(evidence)
    if rows:
        counts = [number_at(scores, "pooled", "0.50", name) for name in ("tp", "fp", "fn")]
        true = ""
        if None not in counts:
            tp, fp, fn = (int(count or 0) for count in counts)
            true = (
                f" ({count_text(tp + fn, 'object')}, of which {tp:,} were matched at IoU 0.50 and {fn:,} were not; "
                f"{count_text(fp, 'found object')} had no partner)"
            )
        rows += tuple(row for row in score_rows(scores) if row.name.startswith("mean AP"))
        return f"{against}{true}: {'; '.join(score_text(row) for row in rows)}.{trusted}"
    others = [score_text(row) for row in told_rows(scores)]
    more = f"; and {len(others) - _MOST_TOLD} more, in the table of scores" if len(others) > _MOST_TOLD else ""
    return f"{against}: {'; '.join(others[:_MOST_TOLD])}{more}.{trusted}" if others else ""


def _drawn(scores: Mapping[str, Any]) -> str:
    """Say what the intervals are over where that is no image."""
    what = {"rows": "the rows of the table", "tables": "tables"}.get(str(scores.get("ci95_over")))
    return f"Intervals are from a bootstrap over {what}." if what else ""


def score_text(row: ScoreRow) -> str:
    """Write a score with its interval."""
    name, at, threshold = row.name.partition(" at IoU ")
    return f"{name} {row.text}{at}{threshold}" + (f" (95 % interval {row.interval_text})" if row.interval else "")


def validation_rows(evidence: Evidence) -> tuple[ScoreRow, ...]:
    """Give the pooled AP at the usual thresholds, those that the record has."""
    found = (detection_score(evidence.scores, threshold) for threshold in ("0.50", "0.75"))
    return tuple(row for row in found if row is not None)


def overlap_sentence(evidence: Evidence) -> str:
    """Say whether the images were used when the model was trained, by the hashes of the files."""
    if evidence.compared is not None:
        return evidence.compared.overlap_sentence()
    overlap = evidence.overlap
    if overlap is None or not overlap.compared or evidence.scores is None:
        return ""
    return f"Compared by file hash with the files of the training, {overlap_text(overlap)}."


def _by_model(evidence: Evidence) -> str:
    card = evidence.card
    version = evidence.record.versions.get("pybridge", "")
    tool = f" by PyBridge {version}" if version else " by PyBridge"
    if card is None:
        return tool
    kind = "the model" if is_learnt(card.used.id) else "the classical method"
    return f"{tool} with {kind} {card.used.id} {card.used.version}".rstrip()


def _day(record: StoredRecord) -> str:
    found = re.match(r"\d{4}-\d\d-\d\d", record.started)
    return found.group(0) if found else ""


def _extent(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _calibration(sources: list[StoredInput]) -> str:
    """List the pixel sizes that the files give."""
    found: dict[str, int] = {}
    for source in sources:
        if source.unit in ("", "pixel", "pixels") or len(source.pixel_size) != 3 or None in source.pixel_size:
            text = "not calibrated"
        else:
            z, y, x = (float(size or 0) for size in source.pixel_size)
            text = f"{x:g} × {y:g} {source.unit}" + (
                f", {z:g} {source.unit} between slices" if "Z" in source.axes else ""
            )
        found[text] = found.get(text, 0) + 1
    if len(found) == 1:
        only = next(iter(found))
        return only if only == "not calibrated" else f"pixel size {only}"
    return "pixel sizes " + list_some([f"{text} ({count})" for text, count in found.items()], most=4, between="; ")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        said = (f"{str(key).replace('_', ' ')} {_value(each)}" for key, each in value.items() if each is not None)
        return f"({', '.join(said)})"
    if isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value):
        return _value(value[0]) if len(value) == 1 else f"{len(value)} sets, which the record lists"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
