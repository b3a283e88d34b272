"""Train, validation and test sides that share no group: neighbours and copies stay together. Imports core and numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np

from pybridge.core.errors import UsageError, list_some
from pybridge.training.groups import Block, Item, count_objects, gather_blocks, pair_of
from pybridge.training.load import LabelledImage
from pybridge.training.pairs import Pair

NO_GROUPS = (
    "no groups are given: each image file counts as a group of its own, and neighbouring crops of one field may lie on "
    "both sides, which makes validation scores too good; name a group column (field of view, plate, animal)"
)


@dataclass(frozen=True, slots=True)
class Split(Generic[Item]):
    """The sides of a training.

    Parameters
    ----------
    train, validation, test : tuple
        The items of each side, in the order given.
    warnings : tuple of str
        What the record must say about the split.
    """

    train: tuple[Item, ...]
    validation: tuple[Item, ...]
    test: tuple[Item, ...] = ()
    warnings: tuple[str, ...] = ()


def split_by_group(items: Sequence[Item], *, validation: float = 0.15, test: float = 0.0, seed: int) -> Split[Item]:
    """Deal whole groups to train, validation and test.

    Sides that the items name themselves (``split``) are kept. A side that none of them names is drawn from those of
    the train side. Groups are weighed by their images and, of loaded items, by their objects too. Planes of a stack,
    and files that are equal byte for byte, stay together.

    Parameters
    ----------
    items : sequence of Pair or of LabelledImage
        What to deal.
    validation, test : float
        Wished share of each side, from 0 to 1. A side that is wished for gets at least one group.
    seed : int
        The same items, in any order, and the same seed give the same sides.

    Returns
    -------
    Split

    Raises
    ------
    UsageError
        If a group lies on two sides by the items' own word, only some items name a side, there are too few groups, or
        shares make no sense.

    Examples
    --------
    >>> from pathlib import Path
    >>> pairs = [Pair(f"i{n}", Path(f"i{n}.tif"), Path(f"i{n}.zip"), group=f"field {n // 2}") for n in range(8)]
    >>> split = split_by_group(pairs, validation=0.25, seed=3)
    >>> len(split.train), len(split.validation), len({pair.group for pair in split.validation})
    (6, 2, 1)
    """
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise UsageError(
            f"split with validation={validation!r}, test={test!r}",
            found="the two leave nothing to train on" if validation + test >= 1 else "not from 0 to 1",
            do="give shares such as validation=0.15, test=0.1",
        )
    warnings = _warnings(items)
    blocks = gather_blocks(items)
    named = {block.side for block in blocks} - {None}
    wishes = (("test", test), ("validation", validation))
    wished: list[tuple[str, float]] = [(side, share) for side, share in wishes if share > 0 and side not in named]
    side_of = {block.name: block.side or "train" for block in blocks}
    free = [block for block in blocks if side_of[block.name] == "train"]
    if len(free) < 1 + len(wished):
        groups = list_some([block.name for block in blocks])
        raise UsageError(
            f"split {len(items)} item(s) into {', '.join(['train', *(side for side, _ in wished[::-1])])}",
            found=f"{len(free)} group(s) to deal out of {len(blocks)}: {groups}",
            do="give images of more groups (fields of view, plates, animals), or wish for fewer sides",
        )
    order = np.random.default_rng(seed).permutation(len(free))
    shuffled = [free[index] for index in order]
    for number, (side, share) in enumerate(wished, 1):
        chosen = _draw(shuffled, share, most=len(shuffled) - 1 - (len(wished) - number))
        side_of |= dict.fromkeys((block.name for block in chosen), side)
        shuffled = [block for block in shuffled if side_of[block.name] == "train"]
    sides = _sides(items, blocks, side_of)
    _check_objects(sides, wished=validation > 0 or "validation" in named)
    return Split(**sides, warnings=warnings)


def k_folds(items: Sequence[Item], *, k: int, seed: int) -> tuple[Split[Item], ...]:
    """Deal whole groups to k folds, each of which is the validation side once.

    Items that name the test side stay there in every fold; the other sides that items name are dealt anew.

    Parameters
    ----------
    items : sequence of Pair or of LabelledImage
        What to deal.
    k : int
        Number of folds, at least 2.
    seed : int
        The same items, in any order, and the same seed give the same folds.

    Raises
    ------
    UsageError
        If there are fewer groups than folds.

    Examples
    --------
    >>> from pathlib import Path
    >>> pairs = [Pair(f"i{n}", Path(f"i{n}.tif"), Path(f"i{n}.zip"), group=f"field {n // 2}") for n in range(8)]
    >>> [len(fold.validation) for fold in k_folds(pairs, k=4, seed=0)]
    [2, 2, 2, 2]
    """
    if k < 2:
        raise UsageError(f"cross-validation with k={k!r}", found="fewer than two folds", do="give k=5, for example")
    warnings = _warnings(items)
    blocks = gather_blocks(items)
    free = [block for block in blocks if block.side != "test"]
    if len(free) < k:
        raise UsageError(
            f"cross-validation with k={k!r}",
            found=f"{len(free)} group(s): {list_some([block.name for block in free])}",
            do=f"give k={len(free)} or less, or images of more groups" if len(free) > 1 else "give more groups",
        )
    order = np.random.default_rng(seed).permutation(len(free))
    load = [0.0] * k
    fold_of: dict[str, int] = {}
    # The heaviest first, each to the lightest fold.
    for block in sorted((free[index] for index in order), key=lambda block: -block.weight):
        lightest = min(range(k), key=lambda fold: load[fold])
        fold_of[block.name] = lightest
        load[lightest] += block.weight
    folds = []
    for fold in range(k):
        side_of = {
            block.name: "test" if block.side == "test" else "validation" if fold_of[block.name] == fold else "train"
            for block in blocks
        }
        sides = _sides(items, blocks, side_of)
        _check_objects(sides, wished=True)
        folds.append(Split(**sides, warnings=warnings))
    return tuple(folds)


def _warnings(items: Iterable[Pair | LabelledImage]) -> tuple[str, ...]:
    pairs = dict.fromkeys(pair_of(item) for item in items)
    alone = [pair.image.name for pair in pairs if pair.group is None]
    if not alone:
        return ()
    if len(alone) == len(pairs):
        return (NO_GROUPS,)
    return (f"{len(alone)} image(s) have no group, and each counts as one of its own: {list_some(alone)}",)


def _draw(blocks: Sequence[Block[Item]], share: float, *, most: int) -> list[Block[Item]]:
    """Take blocks in order as long as each brings the sum nearer to the share; at least one, at most ``most``."""
    chosen: list[Block[Item]] = []
    total = 0.0
    for block in blocks:
        if len(chosen) < most and abs(total + block.weight - share) < abs(total - share):
            chosen.append(block)
            total += block.weight
    with_objects = [block for block in blocks if block.has_objects]
    if not chosen or (with_objects and not any(block.has_objects for block in chosen)):
        lightest: Block[Item] = min(with_objects or blocks, key=lambda block: block.weight)
        chosen.insert(0, lightest)
        del chosen[most:]
    return chosen


def _sides(
    items: Sequence[Item], blocks: Sequence[Block[Item]], side_of: dict[str, str]
) -> dict[str, tuple[Item, ...]]:
    where = {id(item): side_of[block.name] for block in blocks for item in block.items}
    return {side: tuple(item for item in items if where[id(item)] == side) for side in ("train", "validation", "test")}


def _check_objects(sides: dict[str, tuple[Item, ...]], *, wished: bool) -> None:
    """Refuse a train or validation side that is empty or, of loaded items, shows background only."""
    for side in ("train", "validation") if wished else ("train",):
        files = [pair_of(item).image.name for item in sides[side]]
        if not files:
            raise UsageError("split the items", found=f"nothing on the {side} side", do="name some images for it")
        if isinstance(sides[side][0], LabelledImage) and not any(count_objects(item) for item in sides[side]):
            raise UsageError(
                f"split {sum(map(len, sides.values()))} item(s)",
                found=f"no object on the {side} side: {list_some(files)}",
                do="label more images, wish for a larger side, or try another seed",
            )
