"""One command of Fiji's in the worker: what it needs to be sent, and its doing. The table of all of them."""

from __future__ import annotations

import glob
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pybridge.commands.declaration import Command
from pybridge.commands.macro_options import fill_variables, parse_macro_options
from pybridge.commands.model_command import failure_to_write
from pybridge.commands.named_image import check_one_title, path_of_named
from pybridge.core.errors import ImageError, OutputError, UsageError, did_you_mean
from pybridge.core.image import Image
from pybridge.core.record import RunRecord
from pybridge.worker.codec import Answer, ImagePlusForm

ACTIVE = "\0active"
"""The active image, in what a command needs; other names are titles of images that may be open, and this is none."""

C = TypeVar("C", bound=Command)


@dataclass(frozen=True, slots=True)
class Fiji:
    """What the client says of the ImageJ that it runs in.

    Parameters
    ----------
    imagej, java : str
        Versions.
    headless : bool
        Whether there are no windows.
    titles : sequence of str
        Of the open images.
    selected : sequence of str
        Titles of those in which a part is selected.
    """

    imagej: str
    java: str
    headless: bool
    titles: Sequence[str]
    selected: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class GivenImage:
    """An image at hand, which needs no title; or what names one in a list of a script.

    Parameters
    ----------
    key : str
        Under which its pixels are sent: ``ACTIVE``, or one that is no title. Without a form it is the title of an image
        that may be open, else a path.
    form : ImagePlusForm or None
        What the image at hand is.
    """

    key: str
    form: ImagePlusForm | None = None

    def take(self, images: Mapping[str, Image]) -> Image | Path:
        """Give the image that was sent, else the path that is meant.

        Raises
        ------
        ImageFileError
            If there is no such file, folder or open image.
        """
        if self.key in images:
            return images[self.key]
        return Path(self.key) if glob.has_magic(self.key) else path_of_named(self.key)


@dataclass(frozen=True, slots=True)
class CallOptions:
    """The options of one call.

    Parameters
    ----------
    text : str or None
        What ``Macro.getOptions()`` gave.
    variables : mapping of str to str or None
        Values of the macro variables named in the text.
    given : mapping of str to tuple of GivenImage
        By the name of an option, what a script gave for it instead of a text.
    """

    text: str | None
    variables: Mapping[str, str | None]
    given: Mapping[str, tuple[GivenImage, ...]] = field(default_factory=dict)

    def parse(self, command: type[C], *, images: Sequence[str] = (), lists: bool = False) -> C:
        """Check them against the declaration of a command.

        Parameters
        ----------
        command : type of Command
            The declaration.
        images : sequence of str
            The options for which a script may give an image.
        lists : bool
            Whether it may give several for one of them.

        Raises
        ------
        UsageError
            If a value does not suit, or a script gave an image where a text is wanted, or too many of them.
        """
        for option, given in self.given.items():
            asked = f'run("{command.macro_name}", "{option}=…")'
            if option not in images:
                raise UsageError(
                    asked,
                    found="an image in the place of a text",
                    do=f"images can be given for {' and '.join(images)}" if images else "give a text",
                )
            if not given:
                raise UsageError(asked, found="an empty list", do="give at least one image, title or path")
            if len(given) > 1 and not lists:
                raise UsageError(asked, found=f"a list of {len(given)}", do="give one; call it for each of them")
        return parse_macro_options(command, fill_variables(command, self.text, value_of=self.variables.get))


@dataclass(frozen=True, slots=True)
class Painting:
    """What is painted on the active image.

    Parameters
    ----------
    rois : tuple of bytes
        ROIs as ImageJ's files hold them.
    window : tuple of int or None
        Left, top, width and height of the selection.
    is_rectangle : bool
        Whether the selection is one, or there is none.
    """

    rois: tuple[bytes, ...]
    window: tuple[int, int, int, int] | None
    is_rectangle: bool = True


class Work(Protocol):
    """A command whose options are checked."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The images that it wants: ``ACTIVE``, or titles of images that may be open."""

    @property
    def needs_painting(self) -> bool:
        """Whether it wants the ROIs and the selection of the active image."""

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Do it; titles that are not open are missing among the images."""


Opener = Callable[[CallOptions, ImagePlusForm | None, Fiji], Work]


def open_work(name: str, options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> Work:
    """Find a command by name and check its options.

    Raises
    ------
    UsageError
        If there is no such command, or an option is wrong.
    """
    from pybridge.worker.compare import open_compare
    from pybridge.worker.doctor import open_doctor
    from pybridge.worker.evaluate import open_evaluate
    from pybridge.worker.open_image import open_open_image
    from pybridge.worker.predict import open_predict
    from pybridge.worker.report import open_report
    from pybridge.worker.segment import open_segment
    from pybridge.worker.train import open_train

    openers: dict[str, Opener] = {
        "PyBridge Segment": open_segment,
        "PyBridge Predict": open_predict,
        "PyBridge Evaluate": open_evaluate,
        "PyBridge Compare": open_compare,
        "PyBridge Report": open_report,
        "PyBridge Train": open_train,
        "PyBridge Open": open_open_image,
        "PyBridge Doctor": open_doctor,
    }
    plain = name.removesuffix("...")
    if plain not in openers:
        raise UsageError(
            f'run("{plain}", …)',
            found="there is no such command",
            do=did_you_mean(plain, [*openers, "PyBridge Start"]),
        )
    return openers[plain](options, form, fiji)


def require_active(form: ImagePlusForm | None, *, asked: str) -> ImagePlusForm:
    """Give the form of the active image, whose file must be whole.

    Raises
    ------
    ImageError
        If no image is open.
    ImageFileError
        If its file is there and cut short.
    """
    if form is None:
        raise ImageError(asked, found="no image is open", do="open an image first, or check that open(…) worked")
    check_source(form)
    return form


def check_source(form: ImagePlusForm) -> None:
    """Raise when an image was opened from a file that is cut short: ImageJ shows what is left as if it were all.

    Raises
    ------
    ImageFileError
        If the file of the image is there and is truncated.
    """
    if form.path is not None:
        import os

        from pybridge.files.read import check_whole_file

        if os.path.isfile(form.path):
            check_whole_file(form.path)


def check_title(named: str | None, active: ImagePlusForm | None, fiji: Fiji) -> None:
    """Raise when several open images have a title; the active one, when it is part of the call, does not count.

    Raises
    ------
    UsageError
        If it is not clear which is meant.
    """
    if named is not None:
        check_one_title(named, fiji.titles.count(named) - (active is not None and active.title == named))


def write_record_last(record: RunRecord, path: str | Path | None) -> OutputError | None:
    """Write the record where it was asked for, after all else; an error is for the end of the answer."""
    from pybridge.files.write import write_text

    if not path:
        return None
    place = Path(path)
    return failure_to_write(place, lambda: write_text(place, record.to_json()))


def form_from_wire(described: dict[str, Any] | None) -> ImagePlusForm | None:
    """Read the form of an image; None when there is none."""
    return None if described is None else ImagePlusForm(**described)


def given_from_wire(described: Mapping[str, Any] | None) -> dict[str, tuple[GivenImage, ...]]:
    """Read what a script gave for which options; keys without a form are titles and paths."""
    if not described:
        return {}
    forms = {key: form_from_wire(form) for key, form in described["forms"].items()}
    return {
        option: tuple(GivenImage(key, forms.get(key)) for key in keys) for option, keys in described["options"].items()
    }
