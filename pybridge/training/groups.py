"""What must stay on one side of a split: groups, planes of one stack, copies of one file. Imports core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pybridge.core.errors import UsageError, list_some
from pybridge.training.load import LabelledImage
from pybridge.training.pairs import Pair

Item = TypeVar("Item", Pair, LabelledImage)


@dataclass(frozen=True, slots=True)
class Block(Generic[Item]):
    """Items that must stay together.

    Parameters
    ----------
    name : str
        What joins them, for messages.
    items : tuple
        The items.
    side : str or None
        The side that they name themselves.
    weight : float
        Share of all images, or of all images and objects where these are known.
    has_objects : bool
        Whether an object is known to be among them.
    """

    name: str
    items: tuple[Item, ...]
    side: str | None
    weight: float
    has_objects: bool


def pair_of(item: Pair | LabelledImage) -> Pair:
    """Give the files of an item."""
    return item if isinstance(item, Pair) else item.pair


def gather_blocks(items: Sequence[Item]) -> list[Block[Item]]:
    """Gather what must stay together, in an order that does not depend on that of the items.

    Raises
    ------
    UsageError
        If there are no items, those that must stay together name different sides, or only some items name one.
    """
    if not items:
        raise UsageError("split the images", found="no items to split", do="name images and labels")
    files_of: dict[str, set[Path]] = {}
    for item in items:
        files_of.setdefault(pair_of(item).name, set()).add(pair_of(item).image)
    members: dict[str, list[Item]] = {}
    for item in items:
        pair = pair_of(item)
        # Files of one name in two folders are two images.
        file = pair.name if len(files_of[pair.name]) == 1 else str(pair.image)
        members.setdefault(f"image {file!r}" if pair.group is None else f"group {pair.group!r}", []).append(item)
    members = _with_copies(members)
    _check_sides(members)
    counts = {name: sum(count_objects(item) for item in same) for name, same in members.items()}
    objects = sum(counts.values())
    return [
        Block(
            name=name,
            items=tuple(same),
            side=same[0].split,
            weight=(len(same) / len(items) + counts[name] / objects) / 2 if objects else len(same) / len(items),
            has_objects=counts[name] > 0,
        )
        for name, same in sorted(members.items())
    ]


def _with_copies(members: dict[str, list[Item]]) -> dict[str, list[Item]]:
    """Join groups that hold the same image file under two names."""
    first_of: dict[str, str] = {}
    joined: dict[str, str] = {name: name for name in members}

    def root(name: str) -> str:
        while joined[name] != name:
            name = joined[name]
        return name

    for name in sorted(members):
        for item in members[name]:
            if isinstance(item, LabelledImage) and item.sha256_image:
                one, other = sorted((root(first_of.setdefault(item.sha256_image, name)), root(name)))
                joined[other] = one
    together: dict[str, list[str]] = {}
    for name in sorted(members):
        together.setdefault(root(name), []).append(name)
    return {
        names[0] if len(names) == 1 else f"{list_some(names, most=3, between=' and ')}, which share an image file": [
            item for name in names for item in members[name]
        ]
        for names in together.values()
    }


def count_objects(item: Pair | LabelledImage) -> int:
    """Count the objects of a loaded item; 0 for files not read yet."""
    return item.count if isinstance(item, LabelledImage) else 0


def _check_sides(members: dict[str, list[Item]]) -> None:
    """Refuse sides that are named for some items only, and groups on two sides."""
    every = [item for same in members.values() for item in same]
    silent = [pair_of(item).image.name for item in every if item.split is None]
    if silent and len(silent) < len(every):
        raise UsageError(
            f"split {len(every)} item(s) as the index says",
            found=f"no side is named for {list_some(silent)}",
            do="name train, validation or test for each image, or for none",
        )
    torn = []
    for name, same in members.items():
        sides = {item.split for item in same}
        if len(sides) > 1:
            files = [
                f"{side}: {list_some([pair_of(item).image.name for item in same if item.split == side], most=3)}"
                for side in sorted(str(side) for side in sides)
            ]
            torn.append(f"{name} ({'; '.join(files)})")
    if torn:
        raise UsageError(
            f"split {len(every)} item(s) as the index says",
            found=f"groups on more than one side: {list_some(torn, between='; ')}",
            do="move each group to one side: neighbours of training images make validation scores too good",
        )
