"""What a macro names by an open title first, then by a path: the path's turn. Imports core only."""

from __future__ import annotations

from pathlib import Path

from pybridge.core.errors import ImageFileError


def path_of_named(named: str, /) -> Path:
    """Give the path that a macro means, when no open image has that title.

    Raises
    ------
    ImageFileError
        If there is no such file or folder either.

    Examples
    --------
    >>> str(path_of_named("."))
    '.'
    """
    path = Path(named)
    if not path.exists():
        raise ImageFileError(
            f"take {named!r}",
            found="no such file, and no open image has this title",
            do="check the title (getTitle) or the path",
        )
    return path
