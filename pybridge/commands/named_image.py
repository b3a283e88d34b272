"""What a macro names by an open title first, then by a path: the path's turn. Imports core only."""

from __future__ import annotations

from pathlib import Path

from pybridge.core.errors import ImageFileError, UsageError


def check_one_title(title: str, count: int) -> None:
    """Raise when a title does not say which image is meant.

    Parameters
    ----------
    title : str
        What a macro names.
    count : int
        How many open images have it, without the one that the command is called on.

    Raises
    ------
    UsageError
        If there are several.

    Examples
    --------
    >>> check_one_title("cells.tif", 1)
    """
    if count > 1:
        raise UsageError(
            f"take {title!r}",
            found=f"{count} open images have this title",
            do="rename one of them (Image > Rename… in ImageJ), or close those that are not meant",
        )


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
