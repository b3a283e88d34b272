"""Why two runs differ: what of model, versions, device and parameters is not the same. Imports reporting and core."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pybridge.core.errors import UsageError
from pybridge.reporting.stored_record import StoredDevice, StoredModel, StoredRecord, read_record

# What does not change a result: where things go, and how they are named.
NO_PARAMETERS = ("model", "device", "tile", "output", "record", "truth", "raw", "rois", "table", "planes")
_OF_THE_DOOR = ("imagej", "java")  # the record may be of another door than the new run
_MOST_COPIES = 20  # of a run over thousands of images, these tell enough


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was.

    Parameters
    ----------
    kind : str
        ``input``, ``model``, ``version``, ``device``, ``parameter`` or ``record``.
    text : str
        What it was and is, for people.
    """

    kind: str
    text: str


def find_changes(before: StoredRecord, now: StoredRecord) -> tuple[Change, ...]:
    """Say what of model, versions, device and parameters differs between a record and a new run of it."""
    return (
        *_model(before, now.model),
        *_versions(before.versions, now.versions),
        *_device(before, now.device),
        *_parameters(before.parameters, now.parameters),
    )


def _model(before: StoredRecord, now: StoredModel | None) -> Iterator[Change]:
    was = before.model
    if was is None or now is None:
        return
    if was.sha256 != now.sha256:
        yield Change(
            "model",
            f"the model changed: {was.id!r} {was.version} has SHA-256 {was.sha256[:12]}… in the record, "
            f"{now.id!r} {now.version} has {now.sha256[:12]}…",
        )
    elif was.version != now.version:
        yield Change("model", f"the version of the model {was.id!r} was {was.version!r} and is {now.version!r}")


def _versions(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *now]):
        if name in _OF_THE_DOOR or before.get(name) == now.get(name):
            continue
        was, is_now = (repr(each[name]) if name in each else "not there" for each in (before, now))
        yield Change("version", f"the version of {name} was {was} and is {is_now}")


def _device(before: StoredRecord, now: StoredDevice | None) -> Iterator[Change]:
    was = before.device
    if was is None or now is None:
        return
    for name, earlier, later in (
        ("device", was.used, now.used),
        ("execution provider", was.provider, now.provider),
        ("processor", was.name, now.name),
        ("driver", was.driver, now.driver),
    ):
        if earlier != later:
            yield Change("device", f"the {name} was {earlier!r} and is {later!r}")


def _parameters(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys([*before, *now]):
        if name in NO_PARAMETERS or before.get(name) == now.get(name):
            continue
        if name not in now:
            yield Change("parameter", f"the record has {name}={before[name]!r}, which this PyBridge does not take")
        elif name in before:
            yield Change("parameter", f"{name} was {before[name]!r} and is {now[name]!r}")


def other_parameters(record: StoredRecord) -> dict[str, dict[str, Any]]:
    """Find parameters that other copies of a record give: in the images of its results, in the records beside it.

    Returns
    -------
    dict
        For each parameter that is another one somewhere, its value there, by the name of the file.
    """
    folder = record.path.parent
    found: dict[str, dict[str, Any]] = {}
    names = sorted({made.name for made in record.outputs if made.sha256_pixels})
    # ImageJ's outputs have titles; the files that a macro saved have a suffix as well.
    places = [folder / f"{name}{suffix}" for name in names[:_MOST_COPIES] for suffix in ("", ".tif")]
    places += sorted(folder.glob("*record*.json"))[:_MOST_COPIES]
    for place in places:
        if place == record.path or place.parent != folder or not place.exists():
            continue
        try:
            copy = read_record(place)
        except (UsageError, OSError):
            continue  # a file of another kind says nothing here
        if copy.was_edited or copy.command != record.command or not _same_run(copy, record):
            continue
        for name, value in copy.parameters.items():
            if name not in NO_PARAMETERS and name in record.parameters and record.parameters[name] != value:
                found.setdefault(name, {}).setdefault(place.name, value)
    return found


def _same_run(copy: StoredRecord, record: StoredRecord) -> bool:
    """Whether two records tell of the same outputs: those of one image are among those of its run."""
    ours = {made.sha256_pixels for made in record.outputs if made.sha256_pixels}
    theirs = {made.sha256_pixels for made in copy.outputs if made.sha256_pixels}
    return copy.id == record.id or bool(ours & theirs)
