"""Items 9 to 17 of the checklist: the run, its validation, its limits. See ``checklist``."""

from __future__ import annotations

import json

from pybridge.core.wording import count_text
from pybridge.reporting.checklist import ChecklistItem, facts_key, item, not_applicable
from pybridge.reporting.compared import Compared, comparison_pictures
from pybridge.reporting.evidence import Evidence
from pybridge.reporting.model_card import is_learnt
from pybridge.reporting.sentences import (
    device_sentence,
    images_sentence,
    overlap_sentence,
    parameters_text,
    runtime_of,
    score_sentence,
    subject_of,
)

TITLES = {
    9: "Code for pre- and post-processing, shared and archived",
    10: "Validation: metric, score with interval, images, why it is acceptable",
    11: "Examples of the evaluation, failures included",
    12: "The tool that ran the prediction, its version and all parameters",
    13: "Device and execution provider that really ran; runtime, driver, operating system",
    14: "The images analysed: number, origin, checksums, axes, calibration; exclusions",
    15: "Warnings raised",
    16: "Uncertainty or consensus",
    17: "Limitations; whether a simpler method was compared",
}

NOT_DONE = "not done: "
"""What warnings begin with that name what could not be done."""


def run_items(evidence: Evidence) -> tuple[ChecklistItem, ...]:
    """Fill items 9 to 17."""
    return (
        _code(evidence),
        _validation(evidence),
        _examples(evidence),
        _tool(evidence),
        _device(evidence),
        _images(evidence),
        _warnings(evidence),
        _uncertainty(evidence),
        _limits(evidence),
    )


def _code(evidence: Evidence) -> ChecklistItem:
    record, facts = evidence.record, evidence.facts.code
    version = record.versions.get("pybridge", "")
    commit = record.versions.get("commit", "")
    # What it was given was made before, by whatever means: the record knows of no code for that.
    is_scoring = record.command == "PyBridge Evaluate"
    did = "scored finished results" if is_scoring else "did pre- and post-processing"
    made = f"the code that made the results: {facts_key('code.repository')}"
    return item(
        9,
        TITLES[9],
        record.command
        and version
        and f"The record's command, {record.command} of PyBridge {version}"
        + (f" (commit {commit})" if commit else "")
        + f", {did}; its parameters are in item 12 and the lines to run it again are at the end of the report.",
        facts.repository
        and f"Scripts of the user: {facts.repository}" + (f", {facts.version}." if facts.version else "."),
        ""
        if facts.repository or is_scoring
        else "The record tells of no other code; scripts and macros around it are to be named "
        f"under {facts_key('code.repository')}.",
        missing=(
            "" if record.command and version else "the record does not say which command of which version ran",
            made if is_scoring and not facts.repository else "",
        ),
    )


def _validation(evidence: Evidence) -> ChecklistItem:
    facts = evidence.facts.validation
    if not evidence.has_truth:
        return item(
            10,
            TITLES[10],
            missing=("no ground truth was given: run the command with truth=, or score with PyBridge Evaluate",),
        )
    return item(
        10,
        TITLES[10],
        score_sentence(evidence),
        overlap_sentence(evidence),
        facts.annotators and f"Ground truth: {facts.annotators.rstrip('.')}.",
        facts.why_acceptable and f"Why acceptable: {facts.why_acceptable.rstrip('.')}.",
        missing=(
            "" if facts.why_acceptable else f"why the score is acceptable: {facts_key('validation.why_acceptable')}",
            "" if facts.annotators else f"who made the ground truth: {facts_key('validation.annotators')}",
        ),
    )


def _examples(evidence: Evidence) -> ChecklistItem:
    if subject_of(evidence) == "table":
        return not_applicable(11, TITLES[11], "tables of classes were scored, of which there are no pictures")
    if evidence.compared is not None:
        sheet = "The contact sheet of this report shows the best, the median and the worst image of each method."
        drawn = any(picture.title.startswith("Best, median") for picture in comparison_pictures(evidence.record))
        told = "the contact sheet: `pybridge compare` writes one; keep comparison-sheet.png beside the record"
        return item(11, TITLES[11], sheet if drawn else "", missing=("" if drawn else told,))
    if all(image.file.path is None for image in evidence.images):
        return item(11, TITLES[11], missing=("no image was found to show: put the files where the record says",))
    if evidence.scores is None:
        return item(
            11,
            TITLES[11],
            "The pictures of this report show results, the least certain objects among them; there is no ground truth "
            "to show errors by.",
            missing=("ground truth: run the command with truth=",),
        )
    return item(11, TITLES[11], "The pictures of this report show the worst and the best cases, and the errors.")


def _tool(evidence: Evidence) -> ChecklistItem:
    record = evidence.record
    version = record.versions.get("pybridge", "")
    runtime = runtime_of(record)
    return item(
        12,
        TITLES[12],
        version and f"PyBridge {version}, {record.command}" + (f", with {runtime}." if runtime else "."),
        record.versions.get("imagej", "") and f"Called from ImageJ {record.versions.get('imagej')}.",
        (evidence.card is not None and evidence.card.steps and f"Before the network: {evidence.card.steps}.") or "",
        (record.parameters and f"Parameters: {parameters_text(record)}.") or "",
        missing=("" if version else "the version of PyBridge: the record names none",),
    )


def _device(evidence: Evidence) -> ChecklistItem:
    record = evidence.record
    if record.device is None and evidence.card is None:
        return not_applicable(13, TITLES[13], "no network ran; versions are in the section on device and versions")
    system = record.versions.get("os", "")
    return item(
        13,
        TITLES[13],
        device_sentence(record),
        runtime_of(record) and f"{runtime_of(record)}.",
        system and f"Operating system: {system}.",
        missing=("" if record.device is not None else "the device: the record names none",),
    )


def _images(evidence: Evidence) -> ChecklistItem:
    facts = evidence.facts.sample
    pixel_size = evidence.facts.microscope.pixel_size
    said = (
        facts.origin and f"Origin: {facts.origin.rstrip('.')}.",
        facts.excluded and f"Excluded: {facts.excluded.rstrip('.')}.",
        facts.deposited and f"Deposited: {facts.deposited.rstrip('.')}.",
        facts.specimen and f"Specimen: {facts.specimen.rstrip('.')}.",
        facts.staining and f"Staining: {facts.staining.rstrip('.')}.",
        pixel_size and f"Pixel size, as the user says: {pixel_size}.",
    )
    if subject_of(evidence) == "table":
        reason = "it was tables of classes; the report of the run that made them tells of its images"
        return not_applicable(14, TITLES[14], reason, images_sentence(evidence), *said)
    uncalibrated = [image for image in evidence.images if image.source.unit in ("", "pixel", "pixels")]
    hashed = sum(bool(image.source.sha256_pixels) for image in evidence.images)
    return item(
        14,
        TITLES[14],
        images_sentence(evidence),
        f"SHA-256 of the pixels of {hashed} of {len(evidence.images)} image(s) is in the record." if hashed else "",
        _not_done(evidence),
        *said,
        missing=(
            f"the pixel size: {len(uncalibrated)} of {len(evidence.images)} image(s) are not calibrated; "
            + facts_key("microscope.pixel_size")
            if uncalibrated and not pixel_size
            else "",
            "" if evidence.images else "the record names no input",
        ),
    )


def _not_done(evidence: Evidence) -> str:
    """Count the images that were not done; a comparison has a warning for each method that could not do one."""
    failed = [warning.removeprefix(NOT_DONE) for warning in evidence.warnings if warning.startswith(NOT_DONE)]
    compared = evidence.compared
    if compared is None:
        return f"Not done: {count_text(len(failed), 'image')}, named under warnings." if failed else ""
    tried = [
        each.removeprefix(on)
        for each in failed
        for on in (f"{row.method} on " for row in compared.rows)
        if each.startswith(on)
    ]
    names = {
        next((image.name for image in evidence.images if each.startswith(f"{image.name}: ")), each) for each in tried
    }
    unread = len(failed) - len(tried)
    said = (
        f"Not used at all: {count_text(unread, 'image')}, named under warnings." if unread else "",
        f"Not done by every method: {count_text(len(names), 'image')}, named under warnings." if names else "",
        f"{compared.left_out_text}." if compared.left_out else "",
    )
    return " ".join(each for each in said if each)


def _warnings(evidence: Evidence) -> ChecklistItem:
    count = len(evidence.warnings)
    return item(
        15,
        TITLES[15],
        *(evidence.warnings[:5] if count else ("The run raised none.",)),
        f"And {count - 5} more, in the section on warnings." if count > 5 else "",
    )


def _uncertainty(evidence: Evidence) -> ChecklistItem:
    extra = evidence.record.model_extra or {}
    found = extra.get("uncertainty") or extra.get("consensus")
    if found:
        return item(16, TITLES[16], json.dumps(found, ensure_ascii=False)[:500])
    reason = f"{_what_ran(evidence)}: the record names no ensemble, no annotators to agree, no uncertainty"
    if evidence.record.parameters.get("augment") is True:
        reason += "; the network was averaged over flips of the image, of which only the mean is kept"
    return not_applicable(16, TITLES[16], reason)


def _what_ran(evidence: Evidence) -> str:
    """Say what there is instead of several runs that could agree or not."""
    if evidence.record.command == "PyBridge Evaluate":
        return "finished results were scored, and no model ran"
    if evidence.compared is not None:
        count = len(evidence.compared.rows)
        return f"{count_text(count, 'method')} ran, each by itself, and their results were not combined"
    if evidence.card is None:
        return "it was one run"
    kind = "model" if is_learnt(evidence.card.used.id) else "classical method"
    return f"one {kind} ran once{' on each image' if evidence.is_batch else ''}"


def _limits(evidence: Evidence) -> ChecklistItem:
    facts = evidence.facts.model
    card = evidence.card
    limits = " ".join(dict.fromkeys(each for each in (card.limits if card else "", facts.limitations) if each))
    compared = _comparison(evidence.compared)
    return item(
        17,
        TITLES[17],
        limits,
        facts.compared and f"Compared with a simpler method: {facts.compared.rstrip('.')}.",
        compared,
        ""
        if facts.compared or compared
        else "No simpler method was among those compared."
        if evidence.compared is not None
        else "In the records given no simpler method was compared; PyBridge Compare does that.",
        *(evidence.compared.caveats if evidence.compared is not None else ()),
        missing=("" if limits or compared else f"known limitations: {facts_key('model.limitations')}",),
    )


def _comparison(compared: Compared | None) -> str:
    if compared is None or not compared.simple:
        return ""
    return f"Simpler methods were compared: {', '.join(compared.simple)}. {' '.join(compared.verdicts)}"
