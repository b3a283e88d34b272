"""One command of Fiji's in the worker: what it needs to be sent, and its doing. The table of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pybridge.commands.declaration import Command
from pybridge.commands.macro_options import fill_variables, parse_macro_options
from pybridge.commands.named_image import check_one_title
from pybridge.core.errors import ImageError, UsageError, did_you_mean
from pybridge.core.image import Image
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
class CallOptions:
    """The options of one call.

    Parameters
    ----------
    text : str or None
        What ``Macro.getOptions()`` gave.
    variables : mapping of str to str or None
        Values of the macro variables named in the text.
    """

    text: str | None
    variables: Mapping[str, str | None]

    def parse(self, command: type[C]) -> C:
        """Check them against the declaration of a command."""
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


def form_from_wire(described: dict[str, Any] | None) -> ImagePlusForm | None:
    """Read the form of an image; None when there is none."""
    return None if described is None else ImagePlusForm(**described)
