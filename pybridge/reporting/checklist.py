"""The checklist of a paper that used deep learning, filled from the evidence: 17 items, each in one of three states.

After Laine et al., Nature Methods 18, 2021, and the machine-learning list of Schmied et al., Nature Methods, 2023.
Imports core and the nouns of reporting.
"""

from __future__ import annotations

from dataclasses import dataclass

from pybridge.core.advice import WRITES_FACTS
from pybridge.reporting.evidence import Evidence

FILLED, SUPPLY, NOT_APPLICABLE = "filled", "missing: supply it", "not applicable"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One item.

    Parameters
    ----------
    number : int
        1 to 17.
    title : str
        What is asked.
    state : str
        ``filled``, ``missing: supply it`` or ``not applicable``.
    said : tuple of str
        What is known, sentence by sentence, each backed by the record, the model, the files or the user's facts.
    supply : str
        What is missing and where to supply it; for an item that does not apply, the reason.
    """

    number: int
    title: str
    state: str
    said: tuple[str, ...]
    supply: str = ""


def item(number: int, title: str, *said: str, missing: tuple[str, ...] = ()) -> ChecklistItem:
    """Make an item that is filled unless something is missing.

    Parameters
    ----------
    number, title
        As in ``ChecklistItem``.
    *said : str
        What is known; empty texts are left out.
    missing : tuple of str
        What is missing, with the place to supply it; empty texts are left out.
    """
    known = tuple(each for each in said if each)
    wanted = [each for each in missing if each]
    state = SUPPLY if wanted or not known else FILLED
    return ChecklistItem(number, title, state, known, "; ".join(wanted))


def not_applicable(number: int, title: str, reason: str, *said: str) -> ChecklistItem:
    """Make an item that does not apply, and say why; ``said`` is what is known all the same."""
    return ChecklistItem(number, title, NOT_APPLICABLE, tuple(each for each in said if each), reason)


def fill_checklist(evidence: Evidence) -> tuple[ChecklistItem, ...]:
    """Fill all 17 items.

    Parameters
    ----------
    evidence : Evidence
        What is known.
    """
    from pybridge.reporting.checklist_model import model_items
    from pybridge.reporting.checklist_run import run_items

    return (*model_items(evidence), *run_items(evidence))


def count_filled(items: tuple[ChecklistItem, ...]) -> int:
    """Count the items that are filled."""
    return sum(each.state == FILLED for each in items)


def facts_key(key: str) -> str:
    """Say where in the facts file something is to be supplied."""
    return f"{key} in facts.yaml ({WRITES_FACTS})"
