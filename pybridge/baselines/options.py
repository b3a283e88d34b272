"""The options of a classical method: declared as fields, read from ``name=value`` texts, hashed for the record.

Imports core only.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pybridge.core.errors import UsageError, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Base of the options of all methods; None stands for "found from each image"."""


def option(
    default: Any, *, help: str, minimum: float | None = None, maximum: float | None = None, choices: Sequence[str] = ()
) -> Any:
    """Declare one option; the field's annotation gives the kind.

    Parameters
    ----------
    default : float, int, str or None
        Value when it is not given.
    help : str
        One sentence for people.
    minimum, maximum : float, optional
        Range of a number, both ends included.
    choices : sequence of str
        The texts allowed.
    """
    metadata = {"help": help, "minimum": minimum, "maximum": maximum, "choices": tuple(choices)}
    return dataclasses.field(default=default, metadata=metadata)


def read_options(kind: type[Options], texts: Sequence[str], *, asked: str) -> Options:
    """Make the options of a method out of texts such as ``sigma=2``.

    Parameters
    ----------
    kind : type of Options
        The method's declaration.
    texts : sequence of str
        One ``name=value`` each; ``auto`` stands for None.
    asked : str
        What the user wrote, for the message.

    Raises
    ------
    UsageError
        If a name is unknown, given twice, or a value of a wrong kind or out of range.
    """
    fields = {each.name: each for each in dataclasses.fields(kind)}
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if name not in fields:
            raise UsageError(asked, found=f"no option {name!r}", do=_known(name, fields))
        if not equals or name in values:
            found = f"{name!r} is there twice" if name in values else f"no value for {name!r}"
            raise UsageError(asked, found=found, do=f"write {name}=value once: {fields[name].metadata['help']}")
        values[name] = _value(fields[name], value, asked=asked)
    return kind(**values)


def options_text(options: Options) -> str:
    """Write the options that differ from their defaults as they are typed, each with a colon before it.

    Read again, they are the same numbers to the last digit: a run that is repeated by them is the same run.
    """
    return "".join(
        f":{each.name}={_typed(value)}"
        for each in dataclasses.fields(options)
        if (value := getattr(options, each.name)) != each.default
    )


def sha256_of_options(name: str, options: Options) -> str:
    """Hash the canonical JSON of a method's name and all its options: what makes two runs the same method."""
    content = {"method": name, "options": dataclasses.asdict(options)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _typed(value: Any) -> str:
    """Write a value as short as it can be read back equal: ``2`` for 2.0."""
    if not isinstance(value, float):
        return str(value)
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _value(field: dataclasses.Field[Any], text: str, *, asked: str) -> Any:
    kind = str(field.type).removesuffix(" | None")
    rule = field.metadata
    if text == "auto" and field.default is None:
        return None
    if kind == "str":
        if text not in rule["choices"]:
            raise UsageError(asked, found=f"{field.name}={text!r}", do=did_you_mean(text, rule["choices"]))
        return text
    try:
        number = int(text) if kind == "int" else float(text)
    except ValueError:
        whole = "a whole number" if kind == "int" else "a number"
        raise UsageError(asked, found=f"{field.name}={text!r} is not {whole}", do=rule["help"]) from None
    low = rule["minimum"] is not None and not number >= rule["minimum"]
    high = rule["maximum"] is not None and not number <= rule["maximum"]
    if low or high or number != number or number in (float("inf"), float("-inf")):
        limits = [f"at least {rule['minimum']:g}"] if rule["minimum"] is not None else []
        limits += [f"at most {rule['maximum']:g}"] if rule["maximum"] is not None else []
        raise UsageError(asked, found=f"{field.name}={text!r}; it must be {' and '.join(limits)}", do=rule["help"])
    return number


def _known(name: str, fields: dict[str, Any]) -> str:
    return did_you_mean(name, fields) if fields else "leave it out: this method has no options"
