"""What the record of a comparison says, read for a report. Imports core and the other nouns of reporting.

Records come from outside: what is not there, or of another kind, is left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pybridge.core.baseline_names import FOREST, PREFIX, RAW
from pybridge.core.comparison import OWN_MEMORY
from pybridge.core.comparison_metrics import RESTORE, label_of
from pybridge.core.wording import count_text
from pybridge.metrics.bootstrap import few_images_text
from pybridge.reporting.picture import Picture, read_png
from pybridge.reporting.score_summary import ScoreRow, number_at
from pybridge.reporting.stored_record import StoredRecord
from pybridge.reporting.training_overlap import COMPARED_BY

COMMAND = "PyBridge Compare"
_FOREST = PREFIX + FOREST
_HOW_RANKED = ("Ranked without truth", "Without truth there is")
_PICTURES = {
    "comparison-sheet.png": (
        "Best, median and worst image of each method",
        "One row for each method. Outlines, or grey values, are explained at the foot of the sheet.",
        "Contact sheet: for each method the image on which it did best, that in the middle, and the worst.",
    ),
    "comparison-scores.png": (
        "Scores of all methods",
        "Over all images together, with 95 % intervals; grey marks are single images.",
        "Plot of the scores of each method with intervals; the table above holds the numbers.",
    ),
    "comparison-speed.png": (
        "Speed against score",
        "Median time for one image against the score that ranks; the number in a mark is the method's place.",
        "Plot of seconds for an image against the score of each method; the table above holds the numbers.",
    ),
}


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One method; what the record does not say is None or empty.

    Parameters
    ----------
    method : str
        As it was asked for.
    place : int or None
        None when it could not be ranked.
    scores : tuple of ScoreRow
        In the order of ``Compared.metrics``.
    objects, seconds, train_s, own_memory_mib : float or None
        Objects on all images, seconds for one image (median) and for training on the truth of the other images, and how
        far the memory of the process rose meanwhile. Earlier records had its highest memory instead, which is
        left out.
    device, id, version, sha256 : str
        Where it ran, and which model that was.
    cite : tuple of str
        Papers.
    is_baseline : bool
        Whether it is a simple method: a classical one, or a random forest.
    """

    method: str
    place: int | None
    scores: tuple[ScoreRow, ...]
    objects: float | None
    seconds: float | None
    train_s: float | None
    own_memory_mib: float | None
    device: str
    id: str
    version: str
    sha256: str
    cite: tuple[str, ...]
    is_baseline: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison.

    Parameters
    ----------
    metric : str
        What people call the score that ranks.
    has_truth : bool
        Whether the scores are against ground truth.
    restores : bool
        Whether images were restored.
    images, images_ranked : int
        That count, and on how many of them all ranked methods have the score that ranks.
    left_out : int
        Images that were read and do not count, since a ranked method could not do them.
    metrics : tuple of str
        What people call all scores; the one that ranks is first.
    rows : tuple of ComparedRow
        The best first.
    verdicts, caveats : tuple of str
        What follows, and what does not.
    """

    metric: str
    has_truth: bool
    restores: bool
    images: int
    images_ranked: int
    left_out: int
    metrics: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
    verdicts: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    def simple(self) -> tuple[str, ...]:
        """The classical methods among those compared; the raw image is none."""
        return tuple(row.method for row in self.rows if row.is_baseline and row.method != RAW)

    @property
    def memory_note(self) -> str:
        """What the memory in the table is; empty where none is known."""
        return OWN_MEMORY if any(row.own_memory_mib is not None for row in self.rows) else ""

    @property
    def tests(self) -> tuple[str, ...]:
        """What the tests gave: the verdicts without the advice to start simple, and without how it was ranked."""
        return tuple(each for each in self.verdicts if not each.startswith(("Start simple", *_HOW_RANKED)))

    @property
    def left_out_text(self) -> str:
        """How many images do not count, and why; empty where all do."""
        was = "was" if self.left_out == 1 else "were"
        which = f"{count_text(self.left_out, 'image')} that a method could not do {was} left out of the scores"
        return which if self.left_out else ""

    def sentence(self) -> str:
        """Say what was compared by what, with the score of each method, and what the intervals are worth."""
        images = count_text(self.images, "image") + (f" ({self.left_out_text})" if self.left_out else "")
        against = f"against the ground truth of {images}" if self.has_truth else f"without ground truth, on {images}"
        said = []
        for row in self.rows:
            score = row.scores[0]
            within = f" (95 % interval {score.interval_text})" if score.interval else ""
            said.append(f"{row.method} {score.text}{within}")
        methods = "1 method was" if len(self.rows) == 1 else f"{len(self.rows)} methods were"
        few = few_images_text(self.images_ranked)
        return f"{methods} compared {against}, ranked by {self.metric}: {'; '.join(said)}. {few}".rstrip()

    def training_sentence(self) -> str:
        """Say which methods were trained on the truth that they were scored against, and how; empty where none was."""
        trained = [row.method for row in self.rows if row.train_s]
        if trained:
            was = "was" if len(trained) == 1 else "were"
            how = "trained anew for each image, on the ground truth of the others (leave one out)"
            return f"{' and '.join(trained)} {was} {how}."
        if self.has_truth and any(row.method == _FOREST and row.id for row in self.rows):
            return f"{_FOREST} was the forest that comes with PyBridge; it was not trained on these images."
        return ""

    def overlap_sentence(self) -> str:
        """Say which methods know the images from their training; empty where the record tells of none."""
        return next((each for each in self.caveats if each.startswith(COMPARED_BY)), "")


def read_compared(record: StoredRecord) -> Compared | None:
    """Read the comparison of a record; None when it holds none."""
    scores = record.scores
    if record.command != COMMAND or not isinstance(scores, Mapping):
        return None
    methods = [each for each in _listed(scores.get("methods")) if isinstance(each, Mapping)]
    ranked_by = scores.get("ranked_by")
    if not methods or not isinstance(ranked_by, str):
        return None
    images, ranked = int(number_at(scores, "images") or 0), number_at(scores, "images_ranked")
    first = methods[0].get("scores")
    names = sorted(map(str, first), key=lambda name: name != ranked_by) if isinstance(first, Mapping) else [ranked_by]
    return Compared(
        metric=label_of(ranked_by),
        has_truth=scores.get("has_truth") is True,
        restores=scores.get("task") == RESTORE,
        images=images,
        images_ranked=images if ranked is None else int(ranked),
        left_out=max(0, sum(each.role != "truth" for each in record.inputs) - images) if images else 0,
        metrics=tuple(label_of(name) for name in names),
        rows=tuple(_row(method, names) for method in methods),
        verdicts=_texts(scores.get("verdicts")),
        caveats=_texts(scores.get("caveats")),
    )


def comparison_pictures(record: StoredRecord) -> tuple[Picture, ...]:
    """Take the sheet and the plots that lie beside the record, as far as its outputs name them."""
    named = {output.name for output in record.outputs}
    found = (
        read_png(Path(record.path).parent / name, title=title, caption=caption, alt=alt)
        for name, (title, caption, alt) in _PICTURES.items()
        if name in named
    )
    return tuple(picture for picture in found if picture is not None)


def _row(method: Mapping[str, Any], names: list[str]) -> ComparedRow:
    used = method.get("model")
    used = used if isinstance(used, Mapping) else {}
    device = method.get("device")
    place = number_at(method, "place")
    return ComparedRow(
        method=str(method.get("method", "")),
        place=None if place is None else int(place),
        scores=tuple(_score(method, name) for name in names),
        objects=number_at(method, "objects"),
        seconds=number_at(method, "seconds_per_image"),
        train_s=number_at(method, "train_s"),
        own_memory_mib=number_at(method, "own_memory_mib"),
        device=str(device.get("used", "")) if isinstance(device, Mapping) else "",
        id=str(used.get("id", "")),
        version=str(used.get("version", "")),
        sha256=str(used.get("sha256", "")),
        cite=_texts(used.get("cite")),
        is_baseline=method.get("baseline") is True,
    )


def _score(method: Mapping[str, Any], name: str) -> ScoreRow:
    scores = method.get("scores")
    score = scores.get(name) if isinstance(scores, Mapping) else None
    bounds = _listed(score.get("ci95")) if isinstance(score, Mapping) else []
    low, high = ([number_at({"": bound}, "") for bound in bounds] + [None, None])[:2]
    interval = None if low is None or high is None else (low, high)
    return ScoreRow(label_of(name), number_at(score, "value"), interval)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, (list, tuple)) else []
    return tuple(each for each in listed if isinstance(each, str))
