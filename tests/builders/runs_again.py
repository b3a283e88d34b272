"""Records of runs, with or without files, and the lines that repeat them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from pybridge.commands.again import lines_to_repeat
from pybridge.core.record import InputUsed, RunRecord, now
from pybridge.reporting.again import Again
from pybridge.reporting.stored_record import parse_record


def used(path: str, role: str) -> InputUsed:
    return InputUsed(Path(path).name, path, "", None, "YX", (5, 7), "uint8", (1.0, 1.0, 1.0), "pixel", role=role)


def unsaved(name: str, role: str) -> InputUsed:
    return dataclasses.replace(used(name, role), path=None)


def again_of(images: list[str], truths: list[str], *, folder: str | None = None) -> Again:
    inputs = tuple(used(path, "image") for path in images) + tuple(used(path, "truth") for path in truths)
    return again_of_inputs(inputs, folder=folder)


def again_of_inputs(inputs: tuple[InputUsed, ...], *, folder: str | None = None) -> Again:
    parameters = {
        "model": ["baseline:li-watershed", "baseline:otsu-watershed"],
        "images": folder,
        "truth": "as the user wrote it",
    }
    record = RunRecord("1", "PyBridge Compare", parameters, now(), inputs=inputs)
    return lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))


def again_alone(command: str, *inputs: InputUsed) -> Again:
    record = RunRecord("1", command, {"model": "nuclei-fluo"} if "Segment" in command else {}, now(), inputs=inputs)
    return lines_to_repeat(parse_record(json.loads(record.to_json()), path=Path("run-record.json")))


def four_pairs(
    folder: Path, *, result: str = "r/{}.tif", truth: str = "t/{}.tif", stems: str = "abcd"
) -> tuple[InputUsed, ...]:
    """Results and truths as files that are there, so that their folders can be looked into."""
    listed = []
    for stem in stems:
        for pattern, role in ((result, "result"), (truth, "truth")):
            file = folder / pattern.format(stem)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
            listed.append(used(str(file), role))
    return tuple(listed)
