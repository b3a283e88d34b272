"""Where the card of a model comes from: its description, its training record and the curves beside them.

Imports zoo, files and core. A card is only made of a model whose hash is that of the record: another model of the
same name would tell another story.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pybridge.core.baseline_names import PREFIX
from pybridge.core.errors import PyBridgeError
from pybridge.files.cache import cache_path, load_cached, store_cached
from pybridge.files.read import sha256_of_file
from pybridge.files.yaml_file import read_yaml
from pybridge.reporting.loose_values import mapping_of, mappings_of, plain_of, text_of, words_of
from pybridge.reporting.model_card import ModelCard, PartScore, TrainingFile, is_learnt
from pybridge.reporting.stored_record import StoredModel, StoredRecord
from pybridge.reporting.training_record import MOST_BYTES, hyper_parameters, read_training_record
from pybridge.zoo.catalogue import description_in, find
from pybridge.zoo.model import Model
from pybridge.zoo.processing import Step

log = logging.getLogger("pybridge.reporting")

_CARD_KEYS = ("training_data", "attachments", "parent")


def find_model_card(record: StoredRecord) -> tuple[ModelCard | None, str]:
    """Make the card of the model that a record names.

    Returns
    -------
    card : ModelCard or None
        None when no model ran.
    note : str
        Why little is known; empty when all is well.
    """
    if record.model is None:
        return None, ""
    return find_card(record.model, named=str(record.parameters.get("model") or ""))


def find_card(used: StoredModel, *, named: str) -> tuple[ModelCard, str]:
    """Make the card of a model that ran, which was asked for by that name; and say why little is known of it."""
    if not is_learnt(used.id):
        return ModelCard(used, license=used.license, architecture="classical method, nothing was learnt"), ""
    model, note = _find(used, named)
    if model is None:
        return ModelCard(used, license=used.license), note
    return _card_of(used, model), ""


def _find(used: StoredModel, named: str) -> tuple[Model | None, str]:
    problem = f"the model {used.id!r} is not on this computer: its card holds what the record says"
    for reference in dict.fromkeys(each.removeprefix(PREFIX) for each in (named, used.id) if each):
        try:
            model = find(reference)
        except (PyBridgeError, OSError):
            log.debug("no model %r", reference, exc_info=True)
            continue
        if model.sha256 == used.sha256:
            return model, ""
        problem = (
            f"the model {reference!r} on this computer is another one than that of the record "
            f"(SHA-256 {model.sha256[:12]}…, version {model.version}): its description was not used"
        )
    return None, problem


def _card_of(used: StoredModel, model: Model) -> ModelCard:
    content = _described(model)
    training = model.config.training
    config = mapping_of(training.get("config"))
    about = mapping_of(config.get("about"))
    record = read_training_record(model.folder, str(training.get("record") or ""), content)
    data = mapping_of(content.get("training_data"))
    profile = model.config.training_profile
    card = ModelCard(
        used,
        name=model.name,
        description=model.description,
        created=str(training.get("created") or model.timestamp),
        authors=", ".join(model.authors),
        license=model.license or used.license,
        architecture=_architecture(model, config),
        origin=_origin(training, content),
        steps=", ".join(_step(step) for step in model.inputs[0].steps if type(step).__name__ != "EnsureDtype"),
        training_data=" ".join(
            text_of(data.get(key)).rstrip(".") + "." for key in ("name", "description") if data.get(key)
        )
        or text_of(data.get("id")),
        training_data_license=text_of(data.get("license")),
        training_data_source=text_of(data.get("source") or data.get("documentation")),
        training_data_cite=tuple(_citation(each) for each in mappings_of(data.get("cite"))),
        pixel_size=text_of(profile.get("pixel_size")),
        limits=text_of(about.get("limits")),
        scores=_part_scores(model.config.scores),
    )
    return card if record is None else _with_record(card, record, model.folder)


def _with_record(card: ModelCard, record: Mapping[str, Any], folder: Path) -> ModelCard:
    hardware = mapping_of(record.get("hardware"))
    versions = mapping_of(record.get("versions"))
    seconds = record.get("seconds")
    took = f"{seconds / 60:.0f} min" if isinstance(seconds, (int, float)) else ""
    machine = ", ".join(
        text
        for text in (
            text_of(hardware.get("device_name") or hardware.get("cpu")),
            f"{hardware['threads']} threads" if hardware.get("threads") else "",
            text_of(hardware.get("precision")),
            took,
        )
        if text
    )
    wanted = ("torch", "monai", "scikit-learn", "numpy", "python", "pybridge")
    files = mapping_of(record.get("data")).get("files")
    curves = folder / "curves.png"
    return dataclasses.replace(
        card,
        hyper_parameters=hyper_parameters(record),
        libraries=", ".join(f"{name} {versions[name]}" for name in wanted if versions.get(name)),
        hardware=machine,
        files=tuple(
            TrainingFile(text_of(each.get("part")), text_of(each.get("sha256_image")))
            for each in mappings_of(files)
            if each.get("sha256_image")
        ),
        training_record_sha256=text_of(record.get("record_sha256")),
        curves=curves if curves.is_file() and curves.stat().st_size < MOST_BYTES else None,
    )


def _described(model: Model) -> Mapping[str, Any]:
    """Read the parts of the description that the run of a model does not need.

    They are kept as plain JSON: understanding the YAML of a description takes longer than all the rest of a card.
    """
    try:
        file = description_in(model.folder, asked=f"read the description of {model.id!r}")
        kept = cache_path("cards", sha256_of_file(file))
        found = load_cached(kept)
        if not isinstance(found, dict):
            content = mapping_of(read_yaml(file, asked=f"read {str(file)!r}", do="check the model"))
            # Dates and the like become text.
            found = json.loads(json.dumps({key: content.get(key) for key in _CARD_KEYS}, default=str))
            store_cached(kept, found)
    except (PyBridgeError, OSError):
        log.debug("no description of %r", model.id, exc_info=True)
        return {}
    return mapping_of(found)


def _architecture(model: Model, config: Mapping[str, Any]) -> str:
    network, decoder = mapping_of(config.get("network")), model.config.decoder
    kind, forest = text_of(network.get("kind")), mapping_of(model.config.training.get("forest"))
    if not kind and not forest:
        return ""
    if forest:
        features = model.config.training.get("features")
        count = f" on {len(features)} features of each pixel" if isinstance(features, list) else ""
        shape = f"random forest, {forest.get('trees')} trees{count}"
    else:
        names = {"unet": "U-Net"}
        shape = ("residual " if network.get("residual") else "") + names.get(kind, kind)
        widths = network.get("widths")
        if isinstance(widths, list):
            shape += f", {len(widths)} levels of {', '.join(map(str, widths))} channels"
    return shape + (f"; its outputs become labels through the decoder {decoder.name!r}" if decoder else "")


def _origin(training: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    start, parent = text_of(training.get("from")), content.get("parent")
    if start == "scratch":
        return "trained from scratch"
    if not start:
        start = text_of(parent.get("id") or parent.get("uri")) if isinstance(parent, Mapping) else text_of(parent)
    return f"fine-tuned from {start}" if start else ""


def _part_scores(scores: Mapping[str, Any]) -> tuple[PartScore, ...]:
    found = []
    for part, values in scores.items():
        if not isinstance(values, Mapping) or not isinstance(values.get("ap_0.50"), (int, float)):
            continue
        interval = values.get("ap_0.50_ci95")
        bounds = tuple(interval) if isinstance(interval, (list, tuple)) else ()
        pair = (float(bounds[0]), float(bounds[1])) if len(bounds) == 2 and None not in bounds else None
        chose = bool(values.get("chose"))
        found.append(PartScore(str(part), text_of(values.get("images")), chose, float(values["ap_0.50"]), pair))
    return tuple(found)


def _step(step: Step) -> str:
    """Write one step of preprocessing with its settings."""
    values = {each.name: getattr(step, each.name) for each in dataclasses.fields(step)}
    said = ", ".join(
        f"{words_of(name)} {plain_of(value)}" for name, value in values.items() if value not in (None, (), "")
    )
    name = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in type(step).__name__).strip()
    return f"{name} ({said})" if said else name


def _citation(entry: Mapping[str, Any]) -> str:
    doi = text_of(entry.get("doi"))
    return " ".join(
        each
        for each in (text_of(entry.get("text")), f"https://doi.org/{doi}" if doi else text_of(entry.get("url")))
        if each
    )
