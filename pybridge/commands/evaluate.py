"""``PyBridge Evaluate``: its declaration, how it runs, and the Python function of the same name.

Imports core; the tasks inside functions.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import Command, parameter
from pybridge.commands.model_command import check_record_path
from pybridge.core.errors import UsageError

if TYPE_CHECKING:
    from pybridge.core.record import Stopwatch
    from pybridge.core.results import EvaluationResult
    from pybridge.tasks.evaluate import EvaluateSettings
    from pybridge.tasks.evaluate_inputs import Source
    from pybridge.tasks.images import ImageLike


@dataclass(frozen=True, kw_only=True)
class Evaluate(Command):
    """Score a result against ground truth: objects, pixels and boundaries; restored images; classes; tracks."""

    macro_name: ClassVar[str] = "PyBridge Evaluate"
    shell_name: ClassVar[str] = "evaluate"
    summary: ClassVar[str] = "score results against ground truth: objects, restored images, classes or tracks"

    truth: str | None = parameter(
        doors=("macro",),
        path="open",
        image="other",
        help="ground truth: an open title first, then a path; label image, ROI zip, image or CSV",
    )
    result: str | None = parameter(
        doors=("macro",),
        path="open",
        image="active",
        help="what is scored: an open title first, then a path; default the active image",
    )
    task: str = parameter(
        "auto",
        choices=("auto", "segment", "restore", "classify", "track"),
        help="what the result is: labels (segment), an image (restore), classes, tracks; auto looks at the files",
    )
    raw: str | None = parameter(
        path="open",
        image="none",
        help="the raw image of a restored one: it is scored too, since the result should be nearer to the truth",
    )
    table: bool = parameter(True, help="make the table of scores")
    show_errors: bool = parameter(
        False, help="also give the errors as images: objects in colour, or RSE and SSIM maps of a restored image"
    )
    output: str | None = parameter(doors=("shell",), help="folder for the outputs; default beside the results")
    record: str | None = parameter(path="save", help="path of the run record; default beside the outputs")

    def settings(self) -> EvaluateSettings:
        """Give what the task needs to know, without what concerns the doors alone."""
        from pybridge.tasks.evaluate import EvaluateSettings

        return EvaluateSettings(task=self.task, table=self.table, show_errors=self.show_errors)

    def named_truth(self) -> str:
        """Give the truth that a macro names.

        Raises
        ------
        UsageError
            If it names none.
        """
        if not self.truth:
            raise UsageError(
                f'run("{self.macro_name}", …)',
                found="no truth was given",
                do=f"add truth=[title or path] ({self.parameter_of('truth').help})",
            )
        return self.truth

    def run(
        self, result: Source, truth: Source, *, raw: Source | None = None, watch: Stopwatch | None = None
    ) -> EvaluationResult:
        """Score one result; what every door calls.

        Parameters
        ----------
        result, truth : Image or path
            What is scored, and against what.
        raw : Image or path, optional
            The raw image of a restored one.
        watch : Stopwatch, optional
            Where the earlier parts of this command were timed.
        """
        from pybridge.tasks.evaluate import evaluate_pair

        done = evaluate_pair(result, truth, self.settings(), raw=raw, watch=watch)
        # The record names every parameter of the call, with the task that was really done.
        record = dataclasses.replace(done.record, parameters=self.values() | done.record.parameters)
        return dataclasses.replace(done, record=record)


def evaluate(
    result: ImageLike,
    truth: ImageLike,
    /,
    *,
    task: str = "auto",
    raw: ImageLike | None = None,
    table: bool = True,
    show_errors: bool = False,
    record: str | os.PathLike[str] | None = None,
) -> EvaluationResult:
    """Score a result against ground truth.

    Parameters
    ----------
    result : Image, path, ndarray, xarray.DataArray or ImagePlus
        A label image, a restored image, a CSV table or image of classes, or a folder or stack of tracked frames.
    truth : Image, path, ndarray, xarray.DataArray or ImagePlus
        The same of the ground truth; for labels also ImageJ's ROIs (``.zip`` or ``.roi``).
    task : str
        ``segment``, ``restore``, ``classify``, ``track``, or ``auto`` to look at the two.
    raw : Image, path or array, optional
        The raw image of a restored one; it is scored against the truth too.
    table : bool
        Make the table of scores.
    show_errors : bool
        Also give images of the errors: ``errors`` for objects, ``maps`` for a restored image.
    record : path-like, optional
        Where to write the run record.

    Returns
    -------
    EvaluationResult
        ``scores``, ``table``, ``record``, and perhaps ``details``, ``errors`` and ``maps``.

    Raises
    ------
    ImageError
        If the two do not fit together, or the truth is no label image.
    UsageError
        If ``auto`` cannot tell what they are.

    Examples
    --------
    >>> import pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> scores = pybridge.evaluate(truth, truth)
    >>> scores.task, float(scores.table["F1"][0]), int(scores.table["Missed"][0])
    ('segment', 1.0, 0)
    """
    request = Evaluate(
        task=task,
        raw=os.fspath(raw) if isinstance(raw, (str, os.PathLike)) else None,
        table=table,
        show_errors=show_errors,
        record=None if record is None else os.fspath(record),
    )
    check_record_path(request.record)
    from pybridge.core.record import Stopwatch
    from pybridge.tasks.evaluate_inputs import to_source

    done = request.run(
        to_source(result), to_source(truth), raw=None if raw is None else to_source(raw), watch=Stopwatch()
    )
    if request.record:
        from pybridge.files.write import write_text

        write_text(Path(request.record), done.record.to_json())
    return done
