"""How many tiles go through the network at once."""

from __future__ import annotations

import math

from pybridge.runtime.layout import InputLayout, Layout, OutputLayout
from pybridge.runtime.tiling import TilePlan
from pybridge.zoo.model import FixedSize

MOST_AT_ONCE = 4
# Tiles of this size keep the cores busy by themselves; several at once were slower.
_LARGE_PX = 768 * 768


def tiles_at_once(layout: Layout, plan: TilePlan, *, budget_px: int) -> int:
    """Choose a batch: 1 where graph or description fix it, where tiles are large, or where the memory has no room.

    Parameters
    ----------
    layout : Layout
        The tensors of the model.
    plan : TilePlan
        The tiles.
    budget_px : int
        Most pixels that may be in the network at once.
    """
    pixels = math.prod(plan.shape)
    ports: tuple[InputLayout | OutputLayout, ...] = (*layout.inputs, *layout.outputs)
    if pixels > _LARGE_PX or not all(_is_free(each) for each in ports):
        return 1
    return max(1, min(MOST_AT_ONCE, budget_px // pixels, len(plan)))


def _is_free(each: InputLayout | OutputLayout) -> bool:
    batch = each.spec.axis("B")
    first = each.letters[:1] == "B" and each.port.shape[:1] == (None,)
    return first and batch is not None and not isinstance(batch.size, FixedSize)
