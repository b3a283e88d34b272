"""Reading YAML (and so JSON) that people wrote. Imports core; the YAML reader inside functions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.errors import UsageError

if TYPE_CHECKING:
    from pydantic import ValidationError


def read_yaml(path: Path, *, asked: str, do: str) -> object:
    """Read a YAML or JSON file.

    Parameters
    ----------
    path : Path
        UTF-8 text.
    asked, do : str
        What a message begins with, and what it advises.

    Raises
    ------
    UsageError
        If it is missing or no YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(asked, found=" ".join(str(error).split()), do=do) from error
    return parse_yaml(text, asked=asked, do=do)


def parse_yaml(text: str, *, asked: str, do: str) -> object:
    """Understand the text of a YAML or JSON file.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> parse_yaml("{widths: [4, 8]}", asked="read it", do="mend it")
    {'widths': [4, 8]}
    """
    from ruyaml import YAML
    from ruyaml.error import YAMLError

    try:
        found: object = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise UsageError(asked, found=" ".join(str(error).split()), do=do) from error
    return found


def list_wrong_settings(error: ValidationError) -> str:
    """Name each setting that pydantic found wrong, with the reason."""
    wrong = [f"{'.'.join(map(str, each['loc'])) or 'all'}: {each['msg']}" for each in error.errors()]
    return "; ".join(wrong)
