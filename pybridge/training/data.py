"""The data of one training: read, checked and split by group, before torch is imported. Imports files and core."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from pybridge.core.errors import UsageError, list_some
from pybridge.training.config import SourceConfig, TrainingConfig
from pybridge.training.labelled_set import load_set
from pybridge.training.load import LabelledImage
from pybridge.training.pairs import Pair, find_pairs
from pybridge.training.split import split_by_group


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What is learnt from, what chooses, and what is scored once at the end.

    Parameters
    ----------
    training, validation, test : tuple of LabelledImage
        No group lies in two of them.
    warnings : tuple of str
        What a reader of the scores must know.
    """

    training: tuple[LabelledImage, ...]
    validation: tuple[LabelledImage, ...]
    test: tuple[LabelledImage, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, tuple[LabelledImage, ...]], ...]:
        """The three parts by name."""
        return ("train", self.training), ("validation", self.validation), ("test", self.test)

    @property
    def sha256(self) -> str:
        """Hash of which image and label files lie in which part."""
        rows = [
            [part, image.name, image.sha256_image, image.sha256_labels]
            for part, images in self.parts
            for image in images
        ]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def load_data(config: TrainingConfig, *, base: Path) -> TrainingData:
    """Read, check and split all images of a configuration.

    Parameters
    ----------
    config : TrainingConfig
        Its ``data`` section says where they are.
    base : Path
        Folder that relative paths start from.

    Raises
    ------
    UsageError
        If images and labels do not pair up, or a group would lie in two parts.
    ImageError
        If files are damaged, differ in size, or hold no labels to learn from.
    """
    data = config.data
    pairs = _pairs_of(data, base, part="")
    given = {}
    for part, source in (("validation", data.validation), ("test", data.test)):
        if isinstance(source, SourceConfig):
            given[part] = _pairs_of(source, base, part=part)
    if given:
        # What has images of its own is not drawn from the training images, and these keep to their own side.
        pairs = tuple(replace(pair, split=pair.split or "train") for pair in pairs)
    everything = (*pairs, *given.get("validation", ()), *given.get("test", ()))
    twice = [name for name, count in Counter(pair.image.resolve() for pair in everything).items() if count > 1]
    if twice:
        raise UsageError(
            f"train {config.name!r}",
            found=f"images stand in two parts: {list_some([str(path) for path in twice])}",
            do="give validation and test images of their own",
        )
    loaded = load_set(everything, channel=data.channel)
    split = split_by_group(
        loaded.images,
        validation=data.validation if isinstance(data.validation, float) else 0.0,
        test=data.test if isinstance(data.test, float) else 0.0,
        seed=config.schedule.seed,
    )
    return TrainingData(split.train, split.validation, split.test, (*loaded.warnings, *split.warnings))


def _pairs_of(source: SourceConfig, base: Path, *, part: str) -> tuple[Pair, ...]:
    pairs = find_pairs(
        [str(base / image) for image in source.images],
        base / source.labels,
        index=None if source.index is None else base / source.index,
        group_column=source.group_column,
        split_column=source.split_column,
    )
    return tuple(replace(pair, split=part) for pair in pairs) if part else pairs
