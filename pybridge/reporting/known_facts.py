"""What is known of an experiment before the user says anything: the start of the facts file. Imports reporting."""

from __future__ import annotations

import dataclasses

from pybridge.reporting.evidence import Evidence
from pybridge.reporting.user_facts import ModelFacts, TrainingFacts, UserFacts, facts_template


def write_template(evidence: Evidence) -> str:
    """Write the facts file of a record, with everything known filled in.

    Parameters
    ----------
    evidence : Evidence
        What is known; facts that the user gave already are kept.
    """
    card = evidence.card
    hints = {}
    if card is not None and card.training_data:
        hints["training.specimen"] = card.training_data
    about = evidence.images[0].name if len(evidence.images) == 1 else f"{len(evidence.images)} images"
    return facts_template(_filled(evidence), about=about, hints=hints)


def _filled(evidence: Evidence) -> UserFacts:
    facts, card = evidence.facts, evidence.card
    microscope = facts.microscope
    if not microscope.pixel_size:
        microscope = dataclasses.replace(microscope, pixel_size=_pixel_size(evidence))
    if card is None:
        return dataclasses.replace(facts, microscope=microscope)
    model = ModelFacts(
        architecture=facts.model.architecture or card.architecture,
        origin=facts.model.origin or card.origin,
        deposited=facts.model.deposited or card.used.source,
        limitations=facts.model.limitations or card.limits,
        compared=facts.model.compared,
    )
    known = TrainingFacts(pixel_size=card.pixel_size, deposited=card.training_data_source)
    said = {each.name: getattr(facts.training, each.name) for each in dataclasses.fields(TrainingFacts)}
    training = TrainingFacts(**{name: value or getattr(known, name) for name, value in said.items()})
    return dataclasses.replace(facts, microscope=microscope, model=model, training=training)


def _pixel_size(evidence: Evidence) -> str:
    """Give the pixel size when the files agree on one."""
    found = {
        f"{source.pixel_size[-1]:g} {source.unit}"
        for source in (image.source for image in evidence.images)
        if source.unit not in ("", "pixel", "pixels") and source.pixel_size and source.pixel_size[-1]
    }
    return found.pop() if len(found) == 1 else ""
