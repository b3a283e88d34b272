"""The record of a training beside a model, and its settings as text for people. Imports files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pybridge.files.read import sha256_of_file
from pybridge.reporting.loose_values import mapping_of, mappings_of, plain_of, text_of, words_of

MOST_BYTES = 1 << 26


def read_training_record(folder: Path, named: str, content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Read the record of the training when its hash is the one that the description gives."""
    if not named:
        return None
    file = folder / Path(named).name
    listed = {str(each.get("source")): each.get("sha256") for each in mappings_of(content.get("attachments"))}
    try:
        if file.stat().st_size > MOST_BYTES or listed.get(file.name) not in (None, sha256_of_file(file)):
            return None
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def hyper_parameters(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """List the settings of a training by name; what its record lacks is left out."""
    config = mapping_of(record.get("config"))
    optimiser, schedule = mapping_of(config.get("optimiser")), mapping_of(config.get("schedule"))
    augmentation, forest = mapping_of(config.get("augmentation")), mapping_of(record.get("forest"))
    loss_parts: list[str] = []
    for row in mappings_of(mapping_of(record.get("history")).get("training"))[:1]:
        parts = row.get("parts")
        loss_parts = [str(part[0]) for part in parts if part] if isinstance(parts, list) else []
    crop = schedule.get("crop_px")
    rows = [
        ("loss, sum of the parts", " + ".join(loss_parts)),
        ("optimiser", ", ".join(f"{words_of(key)} {value}" for key, value in optimiser.items())),
        ("steps", text_of(record.get("steps"))),
        ("batch", text_of(schedule.get("batch"))),
        ("patch", f"{crop} × {crop} pixels" if crop else ""),
        ("augmentation", ", ".join(f"{words_of(key)} {plain_of(value)}" for key, value in augmentation.items())),
        ("stopping rule", text_of(record.get("stopped"))),
        (
            "weights kept",
            f"of step {mapping_of(record.get('chosen')).get('checkpoint_step')}" if record.get("chosen") else "",
        ),
        ("marked pixels", _counts(record.get("marks_used"))),
        ("trees", text_of(forest.get("trees"))),
        ("questions from root to leaf, at most", text_of(forest.get("depth"))),
        ("marks in a leaf, at least", text_of(forest.get("leaf"))),
        ("seed", text_of(schedule.get("seed", forest.get("seed")))),
        ("trainable parameters", text_of(record.get("network_parameters"))),
    ]
    return tuple((name, value) for name, value in rows if value)


def _counts(marks: Any) -> str:
    return ", ".join(f"{text_of(count)} {name}" for name, count in mapping_of(marks).items())
