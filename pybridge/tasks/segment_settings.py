"""What the task Segment needs to know, checked by whoever makes it. Imports nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSettings:
    """Settings of one segmentation; the names and meanings are those of the command.

    ``None`` for a threshold means "as the model says"; ``channel`` is a 1-based number or a name.
    """

    model: str
    device: str = "auto"
    tile: str = "auto"
    channel: str | None = None
    probability: float | None = None
    overlap: float | None = None
    min_size: int | None = None
    exclude_border: bool = False
    table: bool = True
    measure: str = "basic"
    show_probability: bool = False
    augment: bool = False
