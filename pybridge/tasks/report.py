"""Report: run records in, a page with pictures, Markdown and JSON out. All doors come here through their command.

Imports reporting, files and core, inside functions where they are heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.core.errors import UsageError
from pybridge.core.image import Image, short_stem

if TYPE_CHECKING:
    from pybridge.reporting.again import Again
    from pybridge.reporting.stored_record import StoredRecord

PAGE, MARKDOWN, JSON = ".html", ".md", ".json"


@dataclass(frozen=True, slots=True)
class ReportMade:
    """What a report gave.

    Parameters
    ----------
    page, markdown, json : Path or None
        The files; None when only the facts file was asked for.
    template : Path or None
        The facts file, when it was asked for.
    filled, items : int
        How many items of the checklist are filled, of how many.
    missing : tuple of str
        What the user is to supply, one sentence for each item.
    problems : tuple of str
        What the reader must know of records and files.
    """

    page: Path | None
    markdown: Path | None
    json: Path | None
    template: Path | None
    filled: int
    items: int
    missing: tuple[str, ...]
    problems: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Say it in a few lines, for the Log and the terminal."""
        lines = [f"report: {self.page}"] if self.page is not None else []
        lines += [f"facts to fill in: {self.template}"] if self.template is not None else []
        lines.append(f"checklist: {self.filled} of {self.items} items filled")
        return (*lines, *(f"missing: {each}" for each in self.missing))


def make_report(
    records: Sequence[StoredRecord],
    *,
    output: Path | None,
    facts: Path | None,
    template: Path | None,
    again: Callable[[StoredRecord], Again],
    labels: Image | None = None,
    overwrite: bool = False,
) -> ReportMade:
    """Report on records.

    Parameters
    ----------
    records : sequence of StoredRecord
        Of one command and one model.
    output : Path or None
        The page, or its folder; default beside the first record.
    facts : Path or None
        What the user says.
    template : Path or None
        Write the facts file here, and no report.
    again : callable
        Gives the lines that repeat a run.
    labels : Image, optional
        The label image of the first image, when it is at hand.
    overwrite : bool
        Replace files that exist.

    Raises
    ------
    UsageError
        If records do not belong together, or facts or paths are wrong.
    OutputError
        If a file is there already, or cannot be written where it is to go.
    """
    from pybridge.files.places import check_place
    from pybridge.files.write import write_text
    from pybridge.reporting.checklist import SUPPLY, count_filled, fill_checklist
    from pybridge.reporting.evidence import gather_evidence
    from pybridge.reporting.known_facts import write_template
    from pybridge.reporting.page import write_html, write_markdown
    from pybridge.reporting.report_content import make_content
    from pybridge.reporting.user_facts import read_facts

    if not records:
        raise UsageError("report on no record", found="nothing to report", do="name a record, label image or folder")
    said = None if facts is None else read_facts(facts)
    places = _places(records, output)
    for path in places if template is None else (template,):
        check_place(path, overwrite=overwrite, taken=[record.path for record in records])
    evidence = gather_evidence(records, facts=said, labels=labels)
    if template is not None:
        write_text(template, write_template(evidence), overwrite=overwrite)
        checklist, problems = fill_checklist(evidence), evidence.problems
        page = markdown = json = None
    else:
        page, markdown, json = places
        content = make_content(evidence, again=again(evidence.record), folder=page.parent)
        checklist, problems = content.checklist, content.problems
        # The page comes last: it is what people look for.
        write_text(json, content.to_json(), overwrite=overwrite)
        write_text(markdown, write_markdown(content, page=page.name), overwrite=overwrite)
        write_text(page, write_html(content), overwrite=overwrite)
    return ReportMade(
        page=page,
        markdown=markdown,
        json=json,
        template=template,
        filled=count_filled(checklist),
        items=len(checklist),
        missing=tuple(f"{each.number}. {each.title}: {each.supply}" for each in checklist if each.state == SUPPLY),
        problems=problems,
    )


def _places(records: Sequence[StoredRecord], output: Path | None) -> tuple[Path, Path, Path]:
    """Name the three files."""
    if output is None:
        path = records[0].path
        alone = len(records) == 1 and not path.name.startswith("run-record")
        stem = short_stem(path.name)
        for role in ("-record", "-labels"):
            stem = stem.removesuffix(role)
        page = path.parent / (f"{stem}-report{PAGE}" if alone else f"report{PAGE}")
    elif output.suffix.lower() in (PAGE, ".htm"):
        page = output
    elif output.is_dir() or not output.suffix:
        page = output / f"report{PAGE}"
    else:
        raise UsageError(
            f"write the report to {str(output)!r}",
            found=f"a name that ends in {output.suffix!r}",
            do=f"name a file that ends in {PAGE} (Markdown and JSON are put beside it), or a folder",
        )
    return page, page.with_suffix(MARKDOWN), page.with_suffix(JSON)
