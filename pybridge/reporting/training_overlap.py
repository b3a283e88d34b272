"""Were the images of a run used when a model was trained? By their hashes. Imports core and model cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pybridge.core.comparison import Comparison
from pybridge.core.record import InputUsed
from pybridge.core.wording import count_text
from pybridge.reporting.card_sources import find_card
from pybridge.reporting.model_card import ModelCard
from pybridge.reporting.record_fields import StoredModel

COMPARED_BY = "By their hashes, images of this comparison were used in training: "
"""How the caveat of a comparison begins; a report finds it by this."""


@dataclass(frozen=True, slots=True)
class TrainingOverlap:
    """How many of the images are among the files that the model was trained with, by their hashes.

    Parameters
    ----------
    compared : int
        Images whose file has a hash, and those whose pixels were found; 0 when nothing could be compared.
    train, chose, tested : int
        Of them in the training part, in a part that chose checkpoint or thresholds, in a part that chose nothing.
    """

    compared: int
    train: int
    chose: int
    tested: int


def count_overlap(images: Sequence[tuple[str | None, str]], card: ModelCard | None) -> TrainingOverlap | None:
    """Count the images that a model was trained with; None when the files of its training are not known.

    Parameters
    ----------
    images : sequence of (str or None, str)
        The hashes of each image: of its file, of its pixels. A training notes the first that there is.
    card : ModelCard or None
    """
    if card is None or not card.files:
        return None
    chose = {score.part for score in card.scores if score.chose}
    parts = {file.sha256: file.part for file in card.files}
    used = [next((parts[each] for each in hashes if each in parts), None) for hashes in images]
    # Pixels alone can show that an image was used; that it was not, only a file can, since its hash is what is noted.
    compared = sum(part is not None or bool(hashes[0]) for part, hashes in zip(used, images, strict=True))
    found = Counter(part for part in used if part is not None)
    train = found.pop("train", 0)
    chosen = sum(count for part, count in found.items() if part in chose)
    return TrainingOverlap(compared, train, chosen, sum(found.values()) - chosen)


def overlap_text(overlap: TrainingOverlap) -> str:
    """Say how many images were used, and what that makes of the scores.

    Examples
    --------
    >>> overlap_text(TrainingOverlap(5, 0, 0, 0))
    'none of 5 images was among them'
    """
    of = f"of {count_text(overlap.compared, 'image')}"
    if not overlap.train + overlap.chose + overlap.tested:
        return f"none {of} was among them"
    parts = [
        f"{number:,} {'was' if number == 1 else 'were'} among those {text}"
        for number, text in (
            (overlap.train, "the model learnt from, so that the scores say nothing of new images"),
            (overlap.chose, "that chose checkpoint or thresholds, so that the scores are a little too good"),
            (overlap.tested, "set aside as a test, which chose nothing"),
        )
        if number
    ]
    none = "" if overlap.train else "none was among those the model learnt from, "
    return f"{of} {none}{', '.join(parts)}"


def find_compared_overlap(comparison: Comparison, images: Sequence[InputUsed]) -> str:
    """Say which methods of a comparison with truth know its images from their training; empty when none is known to.

    Parameters
    ----------
    comparison : Comparison
    images : sequence of InputUsed
        All of them, in its order. Those that do not count are left out.
    """
    counted = [each for each, counts in zip(images, comparison.counted, strict=True) if counts]
    said = []
    for method in comparison.methods:
        # What was trained anew for each image, on the others, knows none of them.
        if method.used is None or method.train_s or not comparison.has_truth:
            continue
        used = StoredModel(id=method.used.id, version=method.used.version, sha256=method.used.sha256)
        card, _ = find_card(used, named=method.model)
        overlap = count_overlap([(each.sha256_file, each.sha256_pixels) for each in counted], card)
        if overlap is not None and overlap.train + overlap.chose:
            untold = len(counted) - overlap.compared
            rest = f" (of {untold} more without a file it cannot be told)" if untold else ""
            said.append(f"{method.model}: {overlap_text(overlap)}{rest}")
    return f"{COMPARED_BY}{'; '.join(said)}." if said else ""
