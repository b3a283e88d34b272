"""The report as HTML and as Markdown, by the templates beside this module. jinja2 inside functions.

All text of a report may come from outside: HTML is escaped by jinja2, Markdown by ``escape_markdown``.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pybridge.reporting.batch import MOST_ROWS
from pybridge.reporting.checklist import FILLED, NOT_APPLICABLE, SUPPLY
from pybridge.reporting.report_content import ReportContent
from pybridge.reporting.score_summary import format_score

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_MARKS = {FILLED: "✓", SUPPLY: "!", NOT_APPLICABLE: "–"}
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\]+")
_SPECIAL = re.compile(r"([\\`*_{}\[\]|~#$])")


class _Written(str):
    """Markdown that is meant as such."""

    __slots__ = ()


def write_html(content: ReportContent) -> str:
    """Write the page: one file, which needs no other and no script."""
    return _render("report.html.jinja", content, html=True)


def write_markdown(content: ReportContent, *, page: str) -> str:
    """Write the same as Markdown, without the pictures.

    Parameters
    ----------
    content : ReportContent
        The report.
    page : str
        Name of the HTML file, which has the pictures.
    """
    return _render("report.md.jinja", content, html=False, page=page)


def escape_markdown(text: str) -> str:
    r"""Keep a text from being read as Markdown or HTML, on one line.

    Examples
    --------
    >>> print(escape_markdown("<script> a_b |\n# c"))
    &lt;script&gt; a\_b \| \# c
    """
    flat = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\1", flat)


def fenced(text: str) -> str:
    r"""Put lines into a block of code, whose fence is longer than any row of backticks inside.

    Examples
    --------
    >>> print(fenced("a ``` b"))
    ````
    a ``` b
    ````
    """
    longest = max((len(found) for found in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return _Written(f"{fence}\n{text.rstrip()}\n{fence}")


def is_address(text: str) -> bool:
    """Whether a text as a whole is an address that a page may link to.

    Examples
    --------
    >>> is_address("https://bbbc.broadinstitute.org"), is_address("javascript:alert(1)")
    (True, False)
    """
    return bool(_ADDRESS.fullmatch(text))


def _render(name: str, content: ReportContent, *, html: bool, page: str = "") -> str:
    return (
        _environment(html=html)
        .get_template(name)
        .render(
            report=content,
            evidence=content.evidence,
            record=content.evidence.record,
            card=content.evidence.card,
            marks=_MARKS,
            rows=content.rows[:MOST_ROWS],
            page=page,
        )
    )


@functools.cache
def _environment(*, html: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=None if html else _finalize,
    )
    made.filters |= {"score": format_score, "fenced": fenced, "known": _known, "link": _link}
    made.tests["address"] = is_address
    return made


def _finalize(value: object) -> str:
    return value if isinstance(value, _Written) else escape_markdown(str(value))


def _link(text: str) -> str:
    """Write an address as a link in Markdown."""
    return _Written(f"<{text}>") if is_address(text) else _Written(escape_markdown(text))


def _known(value: float | int | None) -> str:
    """Write a number of a table; nothing where it is not known."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
