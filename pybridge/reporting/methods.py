"""The methods paragraph: what was done, with numbers in brackets for the works to cite.

A clause stands in it only when the record, the model's description, the files or the user's facts back it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pybridge.metrics.definitions import define_restored
from pybridge.reporting.citations import (
    CAICEDO,
    HOLM,
    IMAGEJ,
    PYBRIDGE,
    TALKS,
    WILCOXON,
    Citation,
    References,
    read_citation,
)
from pybridge.reporting.compared import Compared
from pybridge.reporting.evidence import Evidence
from pybridge.reporting.model_card import is_learnt
from pybridge.reporting.score_summary import definitions_text
from pybridge.reporting.sentences import (
    device_sentence,
    images_sentence,
    overlap_sentence,
    parameters_text,
    runtime_of,
    score_sentence,
    validation_rows,
)


@dataclass(frozen=True, slots=True)
class Methods:
    """Sentences of the paragraph, and the works in the order of their numbers."""

    sentences: tuple[str, ...]
    references: tuple[Citation, ...]

    @property
    def paragraph(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(self.sentences)


def write_methods(evidence: Evidence) -> Methods:
    """Write the paragraph.

    Parameters
    ----------
    evidence : Evidence
        What is known.
    """
    references = References()
    sentences = [
        _acquisition(evidence),
        images_sentence(evidence),
        _tool(evidence, references),
        _model(evidence, references),
        _training(evidence, references),
        _processing(evidence),
        _device(evidence),
        _validation(evidence, references),
        overlap_sentence(evidence),
        _accepted(evidence),
        _availability(evidence),
    ]
    return Methods(tuple(sentence for sentence in sentences if sentence), references.listed)


def _acquisition(evidence: Evidence) -> str:
    facts, microscope = evidence.facts.sample, evidence.facts.microscope
    sample = ", ".join(each for each in (facts.specimen, facts.staining) if each)
    how = [
        microscope.name,
        f"objective {microscope.objective}" if microscope.objective else "",
        microscope.magnification,
        f"NA {microscope.numerical_aperture}" if microscope.numerical_aperture else "",
        f"detector {microscope.detector}" if microscope.detector else "",
        f"illumination {microscope.illumination}" if microscope.illumination else "",
        f"exposure {microscope.exposure}" if microscope.exposure else "",
        f"pixel size {microscope.pixel_size}" if microscope.pixel_size else "",
    ]
    with_what = ", ".join(each for each in how if each)
    if not sample and not with_what:
        return ""
    return f"Images{f' of {sample}' if sample else ''} were acquired{f' ({with_what})' if with_what else ''}."


def _tool(evidence: Evidence, references: References) -> str:
    record = evidence.record
    version = record.versions.get("pybridge", "")
    if not version:
        return ""
    own = references.cite(Citation(f"{PYBRIDGE}, version {version}"))
    imagej = record.versions.get("imagej", "")
    from_imagej = f", called from ImageJ {imagej} {references.cite(IMAGEJ)}" if imagej else ""
    runtime = runtime_of(record)
    with_runtime = f" with {runtime}" if runtime and record.device is not None else ""
    return f"The command {record.command} of PyBridge {version} {own} was used{with_runtime}{from_imagej}."


def _model(evidence: Evidence, references: References) -> str:
    card = evidence.card
    if evidence.compared is not None:
        return _methods_compared(evidence.compared, references)
    if card is None:
        return ""
    used = card.used
    works = references.cite(*(read_citation(text) for text in used.cite))
    kind = "model" if is_learnt(used.id) else "classical method"
    parts = [each for each in (f"version {used.version}" if used.version else "", _hash(used.sha256, kind)) if each]
    architecture = evidence.facts.model.architecture or card.architecture
    built = f", a {architecture}," if architecture and is_learnt(used.id) else ""
    return f"The {kind} was {used.id} ({', '.join(parts)}){built} {works}".replace(", [", " [").rstrip(" ,") + "."


def _methods_compared(compared: Compared, references: References) -> str:
    said = []
    for row in compared.rows:
        # A method trained anew for each image is none of the versions that a record can name.
        version = f" (version {row.version})" if row.version and is_learnt(row.method) and not row.train_s else ""
        works = references.cite(*(read_citation(text) for text in row.cite))
        said.append(f"{row.method}{version}{f' {works}' if works else ''}")
    return f"The methods were: {'; '.join(said)}. {compared.training_sentence()}".rstrip()


def _hash(sha256: str, kind: str) -> str:
    return f"SHA-256 of its {'weights' if kind == 'model' else 'parameters'} {sha256[:16]}…" if sha256 else ""


def _training(evidence: Evidence, references: References) -> str:
    card = evidence.card
    if card is None or not is_learnt(card.used.id):
        return ""
    origin = evidence.facts.model.origin or card.origin
    works = references.cite(*(read_citation(text) for text in card.training_data_cite))
    data = card.training_data.rstrip(".")
    if not origin and not data:
        return ""
    first = f"According to its description it was {origin}" if origin else "According to its description it was trained"
    return f"{first}{f' on: {data}' if data else ''}{f' {works}' if works else ''}."


def _processing(evidence: Evidence) -> str:
    steps = evidence.card.steps if evidence.card is not None else ""
    parameters = parameters_text(evidence.record)
    sentences = [f"Preprocessing, as the model declares it: {steps}." if steps else ""]
    sentences.append(f"Parameters: {parameters}." if parameters else "")
    return " ".join(each for each in sentences if each)


def _device(evidence: Evidence) -> str:
    sentence = device_sentence(evidence.record)
    system = evidence.record.versions.get("os", "")
    return sentence[:-1] + (f", under {system}." if system else ".") if sentence else ""


def _validation(evidence: Evidence, references: References) -> str:
    sentence = score_sentence(evidence)
    if not sentence:
        return ""
    if evidence.compared is not None:
        sentence += f" {_tests(evidence.compared, references)}"
    elif validation_rows(evidence):
        defined = f"AP is TP / (TP + FP + FN) {references.cite(CAICEDO)}, with objects matched one to one"
        interval = ", and intervals come from a bootstrap over images" if evidence.is_batch else ""
        sentence += f" {defined}{interval}."
    else:
        sentence += f" {definitions_text(evidence.scores)}".rstrip()
    facts = evidence.facts.validation
    return sentence + (f" Ground truth: {facts.annotators.rstrip('.')}." if facts.annotators else "")


def _tests(compared: Compared, references: References) -> str:
    """Say how the methods were ranked and tested, and what came of it."""
    cite = references.cite
    how = [
        f"Objects were matched one to one {cite(CAICEDO)}." if compared.has_truth and not compared.restores else "",
        ""
        if compared.has_truth
        else f"Consistency is how alike the labels of an image and of slightly changed copies are {cite(TALKS)}.",
        "Intervals come from a bootstrap over images; pairs of methods were compared by Wilcoxon's signed-rank test "
        f"{cite(WILCOXON)} with Holm's correction {cite(HOLM)}."
        if compared.images > 1 and len(compared.rows) > 1
        else "",
        *(define_restored(is_stack=True) if compared.restores and compared.has_truth else ()),
    ]
    return " ".join(each for each in (*how, *compared.tests) if each)


def _accepted(evidence: Evidence) -> str:
    why = evidence.facts.validation.why_acceptable
    return f"The scores were deemed acceptable: {why.rstrip('.')}." if why else ""


def _availability(evidence: Evidence) -> str:
    facts = evidence.facts
    model = facts.model.deposited or (evidence.card.used.source if evidence.card is not None else "")
    code = ", ".join(each for each in (facts.code.repository, facts.code.version) if each and each.lower() != "none")
    said = [
        f"images: {facts.sample.deposited}" if facts.sample.deposited else "",
        f"model: {model}" if model else "",
        f"scripts: {code}" if code else "",
    ]
    listed = "; ".join(each for each in said if each)
    return f"Availability: {listed}." if listed else ""
