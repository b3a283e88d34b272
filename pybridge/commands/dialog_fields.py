"""The fields of a command's dialog, for an ImageJ that Python started and for the client in Fiji. Imports core only.

A parameter that names an open image or a path has two fields: a list of the open images, which each dialog fills when
it opens, and below it one for the path, which wins when something stands in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pybridge.commands.choices import Choices, dialog_parameters, label_of, preset_of
from pybridge.commands.declaration import Command, Parameter

_NOTHING = {"active": "the active image", "other": "none, or what is named below", "none": "none"}
_LIKELY = ("truth", "mask", "annot", "_gt", "-gt")
_BELOW = {"open": "… or its file", "directory": "… or its folder or file"}


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter as a dialog asks for it.

    Parameters
    ----------
    key, label, help : str
        The macro key, the words beside the field, and those of the help.
    kind : str
        ``boolean``, ``choice``, ``image``, ``text``, or the kind of a path: ``open``, ``save``, ``directory``.
    preset : str
        What is there at first; of an ``image`` ``active``, ``other`` or ``none``.
    default : str
        The answer that means the same as none.
    offered : tuple of str
        Of a ``choice``, the values.
    nothing : str
        Of an ``image``, the words for no open image at all; they come first in the list.
    below : str
        Of an ``image``, the words beside the field for its path.
    browse : str
        Of an ``image``, the kind of its path.
    likely : tuple of str
        Of an ``image`` that is another than the active one: what the title of the one that is meant often has in it.
    """

    key: str
    label: str
    help: str
    kind: str
    preset: str = ""
    default: str = ""
    offered: tuple[str, ...] = ()
    nothing: str = ""
    below: str = ""
    browse: str = ""
    likely: tuple[str, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Give what the client in Fiji must know, without what is empty."""
        return {name: value for name, value in dataclasses.asdict(self).items() if value}


def dialog_fields(command: type[Command], choices: Choices) -> tuple[Field, ...]:
    """Describe the dialog of a command.

    Examples
    --------
    >>> from pybridge.commands.evaluate import Evaluate
    >>> [field.kind for field in dialog_fields(Evaluate, Choices())][:4]
    ['image', 'image', 'choice', 'image']
    """
    return tuple(_field(each, choices.offered(each, command)) for each in dialog_parameters(command))


def _field(declared: Parameter, offered: tuple[str, ...]) -> Field:
    default = "" if declared.default is None or declared.many else str(declared.default)
    field = Field(declared.key, label_of(declared), declared.help, "text", preset_of(declared, offered), default)
    if declared.kind is bool:
        return dataclasses.replace(field, kind="boolean", preset=str(declared.default).lower(), default="")
    if declared.image:
        return dataclasses.replace(
            field,
            kind="image",
            preset=declared.image,
            nothing=_NOTHING[declared.image],
            below=_BELOW[declared.path],
            browse=declared.path,
            likely=_LIKELY if declared.image == "other" else (),
        )
    if offered:
        return dataclasses.replace(field, kind="choice", offered=offered)
    return dataclasses.replace(field, kind=declared.path or "text")


def preset_image(field: Field, titles: Sequence[str], active: int | None) -> int:
    """Give the place of the open image that is chosen at first, from 1; 0 for none.

    Parameters
    ----------
    field : Field
        Of the kind ``image``.
    titles : sequence of str
        Of the open images.
    active : int or None
        Place of the active one among them, from 0.

    Examples
    --------
    >>> truth = Field("truth", "Ground truth", "", "image", preset="other", likely=("truth", "mask"))
    >>> preset_image(truth, ["cells.tif", "raw.tif", "cells_mask.tif"], 0), preset_image(truth, ["cells.tif"], 0)
    (3, 0)
    """
    others = [place for place in range(len(titles)) if place != active]
    likely = [place for place in others if any(word in titles[place].lower() for word in field.likely)]
    return (likely + others)[0] + 1 if field.preset == "other" and others else 0
