"""What a command declaration is: a frozen dataclass whose fields carry name, type, default, range and help.

Shell options, macro keys, ``#@`` script lines and the checks of values are all derived from these fields. Imports
core only, and nothing heavier than the standard library.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from pybridge.core.errors import UsageError, did_you_mean

Value = str | bool | int | float | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a command, the same in every door.

    Parameters
    ----------
    name : str
        Python argument; one that would be a word of the language ends in ``_``, which other doors leave out.
    kind : type
        ``str``, ``bool``, ``int`` or ``float``.
    default : str, bool, int, float, tuple or None
        Value when it is not given; None means "as the model or the image says".
    help : str
        One sentence for people.
    required : bool
        Whether the command refuses to run without it.
    choices : tuple of str
        The values allowed, or empty.
    pattern : str
        What a text must look like, as a regular expression for all of it; empty for anything.
    form : str
        The same in words, for people.
    minimum, maximum : float or None
        Range of a number, both ends included.
    doors : tuple of str
        The doors that have it: ``shell``, ``macro``, ``python``.
    path : str
        What a dialog looks for when the text is a path: ``open`` or ``save`` for a file, ``directory``; else empty.
    image : str
        For a text that is the title of an open image or else a path: what a dialog presets, ``active`` for the active
        image, ``other`` for one that is not, ``none``; else empty.
    many : bool
        Whether it is a list of texts: an option given several times in the shell, a comma list in macros.
    """

    name: str
    kind: type[str] | type[bool] | type[int] | type[float]
    default: Value | None
    help: str
    required: bool = False
    choices: tuple[str, ...] = ()
    pattern: str = ""
    form: str = ""
    minimum: float | None = None
    maximum: float | None = None
    doors: tuple[str, ...] = ("shell", "macro", "python")
    path: str = ""
    image: str = ""
    many: bool = False

    @property
    def key(self) -> str:
        """The macro's spelling, for example ``min_size``; for ``from_`` it is ``from``."""
        return self.name.removesuffix("_")

    @property
    def option(self) -> str:
        """The shell's spelling, for example ``--min-size``."""
        return "--" + self.key.replace("_", "-")

    def parse(self, text: str) -> Value:
        """Turn the text of a macro or a shell into a checked value.

        Raises
        ------
        UsageError
            If the text is no value of this kind, or out of range.
        """
        value: Value = text
        if self.many:
            value = tuple(part.strip() for part in text.split(",") if part.strip())
        elif self.kind is bool:
            if text.lower() not in ("true", "false"):
                raise self._wrong(text, "a boolean is true or false")
            value = text.lower() == "true"
        elif self.kind is not str:
            try:
                value = self.kind(text)
            except ValueError:
                raise self._wrong(text, f"not {'a whole' if self.kind is int else 'a'} number") from None
        checked: Value = self.check(value)
        return checked

    def check(self, value: Any) -> Any:
        """Return the value when it suits, raise ``UsageError`` when it does not; None stands for "not given"."""
        if value is None:
            return None
        if self.many:
            if isinstance(value, str) or not all(isinstance(each, str) for each in value):
                raise self._wrong(value, "it must be a list of texts")
            return tuple(value)
        if self.kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, self.kind) or (self.kind is not bool and isinstance(value, bool)):
            raise self._wrong(value, f"{type(value).__name__}, not {self.kind.__name__}")
        if self.choices and value not in self.choices:
            raise self._wrong(value, "no such value", do=did_you_mean(str(value), self.choices))
        if self.pattern and not re.fullmatch(self.pattern, str(value)):
            raise self._wrong(value, "no such value")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            low = self.minimum is not None and not value >= self.minimum
            high = self.maximum is not None and not value <= self.maximum
            if low or high:
                raise self._wrong(value, f"it must be {self._range}")
        return value

    @property
    def _range(self) -> str:
        ends = [f"at least {self.minimum:g}" if self.minimum is not None else ""]
        ends += [f"at most {self.maximum:g}" if self.maximum is not None else ""]
        return " and ".join(end for end in ends if end)

    def _wrong(self, value: object, found: str, *, do: str = "") -> UsageError:
        return UsageError(f"{self.key}={value!r}", found=found, do=do or f"give {self._allowed}")

    @property
    def _allowed(self) -> str:
        """What may be given, in words."""
        if self.form:
            return self.form
        kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
        kind = "a list of texts" if self.many else kinds[self.kind]
        return f"{kind}{f', {self._range}' if self._range else ''} ({self.help})"


def parameter(
    default: Any = None,
    *,
    help: str,
    required: bool = False,
    choices: tuple[str, ...] = (),
    pattern: str = "",
    form: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    doors: tuple[str, ...] = ("shell", "macro", "python"),
    path: str = "",
    image: str = "",
) -> Any:
    """Declare one field of a command; the field's annotation gives the kind."""
    metadata = {
        "help": help,
        "required": required,
        "choices": choices,
        "pattern": pattern,
        "form": form,
        "minimum": minimum,
        "maximum": maximum,
        "doors": doors,
        "path": path,
        "image": image,
    }
    return dataclasses.field(default=default, metadata=metadata)


_MANY = "tuple[str, ...]"
_KINDS: dict[str, type[str] | type[bool] | type[int] | type[float]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": float,
    _MANY: str,
}


@dataclass(frozen=True, kw_only=True)
class Command:
    """Base of all commands; an instance holds the checked values of one call."""

    macro_name: ClassVar[str] = ""
    shell_name: ClassVar[str] = ""
    summary: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for declared in self.parameters():
            value = declared.check(getattr(self, declared.name))
            object.__setattr__(self, declared.name, value)
            if declared.required and value in (None, "", ()):
                raise UsageError(
                    f"{self.macro_name or self.shell_name}",
                    found=f"no {declared.key} was given",
                    do=f"add {declared.key}=… ({declared.help})",
                )

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """List the parameters in the order of declaration."""
        return tuple(
            Parameter(
                name=each.name,
                kind=_KINDS[str(each.type).removesuffix(" | None")],
                default=cast("Value | None", each.default),
                many=str(each.type) == _MANY,
                **each.metadata,
            )
            for each in dataclasses.fields(cls)
        )

    @classmethod
    def parameter_of(cls, name: str) -> Parameter:
        """Find one parameter by name; an unknown name is an error that names the nearest."""
        for declared in cls.parameters():
            if declared.name == name:
                return declared
        raise UsageError(
            f"{cls.macro_name} with {name!r}",
            found="no such parameter",
            do=did_you_mean(name, [declared.name for declared in cls.parameters()]),
        )

    def values(self) -> dict[str, Any]:
        """Give the values by name, for the run record."""
        return {declared.key: getattr(self, declared.name) for declared in self.parameters()}
