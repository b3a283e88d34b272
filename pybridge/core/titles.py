"""Titles and names as ImageJ makes them, told without Java. Imports nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

# "c:1/2 z:3/5 - DAPI": where the plane lies, as ImageJ and Bio-Formats put it before a name.
_POSITION = re.compile(r"^(?:[czt]:\d+(?:/\d+)?[ ;,]*)+(?:-\s*)?", re.IGNORECASE)


def title_beside(title: str, taken: Collection[str]) -> str:
    """Make a title unique among those taken, as ImageJ does: by ``-1``, ``-2`` … before the extension.

    Examples
    --------
    >>> title_beside("a.tif", {"a.tif", "a-1.tif"}), title_beside("b", {"a"})
    ('a-2.tif', 'b')
    """
    if title not in taken:
        return title
    dot = title.rfind(".")
    extension = title[dot:] if dot != -1 and 1 < len(title) - dot < 6 else ""
    base = title.removesuffix(extension)
    head, dash, tail = base.rpartition("-")
    if dash and len(tail) <= 2 and tail.isdigit() and not tail.startswith("0"):
        base = head
    number = 1
    while f"{base}-{number}{extension}" in taken:
        number += 1
    return f"{base}-{number}{extension}"


def channel_names_of(labels: Sequence[str | None]) -> tuple[str, ...]:
    """Read the names of the channels from the labels of their first slices; nothing when they do not tell them apart.

    Examples
    --------
    >>> channel_names_of(["c:1/2 - DAPI", "c:2/2 - GFP"]), channel_names_of(["", None])
    (('DAPI', 'GFP'), ())
    """
    if len(labels) < 2:
        return ()
    # A label may be followed by further lines (DICOM headers): the name is on the first.
    names = tuple(_POSITION.sub("", ((label or "").splitlines() or [""])[0]).strip() for label in labels)
    return names if all(names) and len(set(names)) == len(names) else ()
