"""``PyBridge Report``: its declaration, how it runs, and the Python function of the same name.

Imports core; tasks and reporting inside functions.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import Command, parameter
from pybridge.core.errors import UsageError

if TYPE_CHECKING:
    from pybridge.core.image import Image
    from pybridge.core.record import RunRecord
    from pybridge.reporting.stored_record import StoredRecord
    from pybridge.tasks.report import ReportMade


@dataclass(frozen=True, kw_only=True)
class Report(Command):
    """Write a report of run records: a page with pictures and the checklist, Markdown, JSON."""

    macro_name: ClassVar[str] = "PyBridge Report"
    shell_name: ClassVar[str] = "report"
    summary: ClassVar[str] = "report on run records: page with pictures, checklist and methods text; Markdown; JSON"

    record: str | None = parameter(
        doors=("macro",),
        path="open",
        help="run record (.json), result image that carries one, or folder of a run; default the active image's record",
    )
    output: str | None = parameter(path="save", help="the page, NAME.html, or a folder; default beside the record")
    facts: str | None = parameter(path="open", help="YAML file with what only you know, as template writes it")
    template: str | None = parameter(
        path="save", help="write that YAML file, with everything known filled in, and no report"
    )

    def run(
        self, records: Sequence[StoredRecord], *, labels: Image | None = None, overwrite: bool = False
    ) -> ReportMade:
        """Report on records; what every door calls.

        Parameters
        ----------
        records : sequence of StoredRecord
            Of one command and one model.
        labels : Image, optional
            The label image of the first image, when it is at hand.
        overwrite : bool
            Replace files that exist.
        """
        from pybridge.commands.again import lines_to_repeat
        from pybridge.tasks.report import make_report

        return make_report(
            records,
            output=_path(self.output),
            facts=_path(self.facts),
            template=_path(self.template),
            again=lines_to_repeat,
            labels=labels,
            overwrite=overwrite,
        )

    def run_on_image(self, image: Image, *, folder: str | None) -> ReportMade:
        """Report on the record that an open image carries in its "Info".

        Parameters
        ----------
        image : Image
            The image; when it is the label image of the record, its pixels are shown.
        folder : str or None
            Where its file lies, if it has one.

        Raises
        ------
        UsageError
            If the image carries no record, or nothing says where the report should go.
        """
        from pybridge.reporting.record_text import record_in_text
        from pybridge.reporting.stored_record import parse_record

        asked = f"report on {image.name!r}"
        content = record_in_text(image.info)
        if content is None:
            raise UsageError(
                asked,
                found='its "Info" holds no run record',
                do="choose an image that PyBridge made, or name a record with record=",
            )
        read = parse_record(content, path=Path(image.name))
        sources = [Path(used.path).parent for used in read.inputs if used.path]
        places = [Path(folder)] if folder else sources
        if not places and not (self.output or self.template):
            raise UsageError(
                asked, found="neither it nor its input was opened from a file", do="add output=path of the report"
            )
        is_labels = image.sha256_pixels() in {made.sha256_pixels for made in read.outputs if made.role == "labels"}
        changed = f"the pixels of the open image {image.name!r} are not those of the label image of the record"
        path = (places[0] if places else Path()) / Path(image.name).name
        record = parse_record(content, path=path, notes=() if is_labels else (changed,))
        return self.run([record], labels=image if is_labels else None)


def report(
    record: str | os.PathLike[str] | RunRecord | Sequence[str | os.PathLike[str]],
    /,
    *,
    output: str | os.PathLike[str] | None = None,
    facts: str | os.PathLike[str] | None = None,
    template: str | os.PathLike[str] | None = None,
) -> ReportMade:
    """Write a report of run records: a page with pictures and the checklist, Markdown and JSON.

    Parameters
    ----------
    record : path, sequence of paths or RunRecord
        A record's ``.json``, a result image that carries its record, or the folder of a run; several make one report.
        A record that was never written (``result.record``) will do too.
    output : path-like, optional
        The page, ``NAME.html``, or a folder; default beside the record. Markdown and JSON lie beside the page.
    facts : path-like, optional
        YAML file with what only you know.
    template : path-like, optional
        Write that file, with everything known filled in, and no report.

    Returns
    -------
    ReportMade
        The files, and what is missing.

    Raises
    ------
    UsageError
        If there is no record, or records do not belong together.
    OutputExistsError
        If a file is there already.

    Examples
    --------
    >>> import tempfile, pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> result = pybridge.segment(cells, model="nuclei-fluo", truth=truth)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = pybridge.report(result.record, output=f"{folder}/report.html")
    ...     made.page.name, made.items
    ('report.html', 17)
    """
    request = Report(output=_text(output), facts=_text(facts), template=_text(template))
    return request.run(_stored(record))


def _stored(record: object) -> list[StoredRecord]:
    import json

    from pybridge.core.record import RunRecord
    from pybridge.reporting.stored_record import parse_record, read_record

    if isinstance(record, RunRecord):
        # As if it lay in the folder in which the program runs.
        return [parse_record(json.loads(record.to_json()), path=Path("run-record.json"))]
    if isinstance(record, (str, os.PathLike)):
        return [read_record(record)]
    assert isinstance(record, Sequence)
    return [read_record(each) for each in record]


def _text(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
