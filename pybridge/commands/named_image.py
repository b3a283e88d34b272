"""What a macro names by an open title first, then by a path: the path's turn. Imports core only."""

from __future__ import annotations

from collections.abc import Collection
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


def check_no_title(named: str | None, titles: Collection[str]) -> None:
    """Raise when an option that takes files alone names an open image, and no file.

    Parameters
    ----------
    named : str or None
        What a macro gave for ``images``.
    titles : collection of str
        Of the open images.

    Raises
    ------
    UsageError
        If it is one of the titles.

    Examples
    --------
    >>> check_no_title("a folder", ["cells.tif"])
    """
    if named is not None and named in titles and not Path(named).exists():
        raise UsageError(
            f"compare on images=[{named}]",
            found="it is the title of an open image, and images takes a folder",
            do=f'select the image with selectImage("{named}") and leave images out',
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
