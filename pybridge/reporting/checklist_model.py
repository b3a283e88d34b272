"""Items 1 to 8 of the checklist: algorithm, model and training. See ``checklist``."""

from __future__ import annotations

from pybridge.reporting.checklist import ChecklistItem, facts_key, item, not_applicable
from pybridge.reporting.compared import Compared, ComparedRow
from pybridge.reporting.evidence import Evidence
from pybridge.reporting.model_card import ModelCard, is_learnt

TITLES = {
    1: "Algorithm or network, with the paper to cite",
    2: "Version of the algorithm, or the date it was obtained",
    3: "Model name, version, identifier and SHA-256",
    4: "Ready-made, fine-tuned or trained from scratch",
    5: "Training data: specimen, staining, microscope, pixel size, numbers, annotation",
    6: "Where the training data are deposited",
    7: "Hyper-parameters, libraries, hardware and training time",
    8: "Where the model is deposited",
}


def model_items(evidence: Evidence) -> tuple[ChecklistItem, ...]:
    """Fill items 1 to 8."""
    card = evidence.card
    if evidence.compared is not None:
        return _of_compared(evidence, evidence.compared)
    if card is None:
        reason = f"{evidence.record.command or 'the command'} ran no model"
        return tuple(not_applicable(number, title, reason) for number, title in TITLES.items())
    learnt = is_learnt(card.used.id)
    items = [_algorithm(evidence, card), _version(evidence, card), _identity(card)]
    if not learnt:
        reason = f"{card.used.id} is a classical method: nothing was learnt"
        items += [not_applicable(number, TITLES[number], reason) for number in (4, 5, 6, 7)]
        items.append(not_applicable(8, TITLES[8], f"{card.used.id} is part of PyBridge, item 12 names its version"))
        return tuple(items)
    return (
        *items,
        _origin(evidence, card),
        _training_data(evidence, card),
        _training_deposit(evidence, card),
        _training_run(card),
        _model_deposit(evidence, card),
    )


def _of_compared(evidence: Evidence, compared: Compared) -> tuple[ChecklistItem, ...]:
    """Fill items 1 to 3 for each method; how each was made is told where one of them is used."""
    rows = [row for row in compared.rows if row.id]
    version = evidence.record.versions.get("pybridge", "")
    reason = "several methods were compared; a report on a run of the one that is used tells it"
    lacking = "" if rows else "which methods were compared: the record names none"
    return (
        item(1, TITLES[1], *(_papers(row) for row in rows), missing=(lacking,)),
        item(
            2,
            TITLES[2],
            *(f"{row.id} {row.version}." for row in rows),
            version and f"PyBridge {version}.",
            missing=(lacking,),
        ),
        item(3, TITLES[3], *(f"{row.id} {row.version}, SHA-256 {row.sha256}." for row in rows), missing=(lacking,)),
        *(not_applicable(number, TITLES[number], reason) for number in (4, 5, 6, 7, 8)),
    )


def _papers(row: ComparedRow) -> str:
    cited = "; ".join(row.cite)
    return f"{row.method}: {cited or 'no paper is named'}."


def _algorithm(evidence: Evidence, card: ModelCard) -> ChecklistItem:
    architecture = evidence.facts.model.architecture or card.architecture
    if not is_learnt(card.used.id):
        architecture = f"{card.used.id.partition(':')[2]}, a {card.architecture}"
    cited = "Cite: " + "; ".join(card.used.cite) if card.used.cite else ""
    return item(
        1,
        TITLES[1],
        architecture and f"{architecture[:1].upper()}{architecture[1:]}.",
        cited,
        missing=(
            "" if architecture else f"the kind of network: {facts_key('model.architecture')}",
            "" if cited or evidence.facts.model.architecture else f"the paper: {facts_key('model.architecture')}",
        ),
    )


def _version(evidence: Evidence, card: ModelCard) -> ChecklistItem:
    version = evidence.record.versions.get("pybridge", "")
    return item(
        2,
        TITLES[2],
        card.used.version
        and f"Model {card.used.id} {card.used.version}" + (f", made {card.created[:10]}." if card.created else "."),
        version and f"PyBridge {version}.",
        evidence.record.started and f"Used on {evidence.record.started[:10]}.",
        missing=("" if card.used.version or version else "the version: the record names none",),
    )


def _identity(card: ModelCard) -> ChecklistItem:
    used = card.used
    return item(
        3,
        TITLES[3],
        f"{used.id} {used.version}".strip() + (f" ({card.name})." if card.name and card.name != used.id else "."),
        used.sha256 and f"SHA-256 of the {'weights' if is_learnt(used.id) else 'parameters'}: {used.sha256}.",
        missing=("" if used.sha256 else "the hash of the weights: the record has none",),
    )


def _origin(evidence: Evidence, card: ModelCard) -> ChecklistItem:
    said = evidence.facts.model.origin or card.origin
    return item(
        4,
        TITLES[4],
        said and f"The model was {said}." if card.origin and not evidence.facts.model.origin else said,
        missing=("" if said else f"how the model was made: {facts_key('model.origin')}",),
    )


def _training_data(evidence: Evidence, card: ModelCard) -> ChecklistItem:
    facts = evidence.facts.training
    wanted = {
        "microscope": facts.microscope,
        "objective": facts.objective,
        "detector": facts.detector,
        "exposure": facts.exposure,
    }
    said = [card.training_data]
    said += [f"Pixel size: {facts.pixel_size or card.pixel_size}."] if facts.pixel_size or card.pixel_size else []
    for name in ("specimen", "staining", "microscope", "objective", "detector", "exposure", "annotators"):
        value = getattr(facts, name)
        said += [f"{name.capitalize()}: {value.rstrip('.')}."] if value else []
    missing = [name for name, value in wanted.items() if not value]
    described = bool(card.training_data)
    missing += [name for name in ("specimen", "staining", "annotators") if not described and not getattr(facts, name)]
    text = f"{', '.join(missing)} of the training images, which the model's description does not name: "
    return item(
        5,
        TITLES[5],
        *said,
        missing=(text + facts_key("training:") + ", or write 'not known'" if missing else "",),
    )


def _training_deposit(evidence: Evidence, card: ModelCard) -> ChecklistItem:
    where = evidence.facts.training.deposited or card.training_data_source
    licence = f"Licence of the data: {card.training_data_license}." if card.training_data_license else ""
    return item(
        6,
        TITLES[6],
        where and f"{where}",
        licence if where else "",
        missing=("" if where else f"where they can be had: {facts_key('training.deposited')}",),
    )


def _training_run(card: ModelCard) -> ChecklistItem:
    return item(
        7,
        TITLES[7],
        *(f"{name.capitalize()}: {value}." for name, value in card.hyper_parameters),
        card.libraries and f"Libraries: {card.libraries}.",
        card.hardware and f"Hardware and time: {card.hardware}.",
        card.training_record_sha256
        and f"All of it: training-record.json, SHA-256 {card.training_record_sha256[:16]}….",
        missing=(
            ""
            if card.hyper_parameters
            else "the model carries no training record: ask whoever made it, or cite the paper in model.architecture",
        ),
    )


def _model_deposit(evidence: Evidence, card: ModelCard) -> ChecklistItem:
    where = evidence.facts.model.deposited or card.used.source
    return item(
        8,
        TITLES[8],
        where,
        f"Licence of the model: {card.license}." if where and card.license else "",
        missing=("" if where else f"where the model can be had: {facts_key('model.deposited')}",),
    )
