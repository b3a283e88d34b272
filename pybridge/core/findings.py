"""What a look at the environment found: one line for each part. Imports nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the environment.

    Parameters
    ----------
    part : str
        What was looked at, for example ``"Java"``.
    state : str
        ``ok``; ``note`` (works, but the user should know); ``missing`` (what needs it will not run).
    found : str
        What is there.
    do : str
        What the user can do; empty when all is well.
    """

    part: str
    state: str
    found: str
    do: str = ""


def findings_to_lines(findings: tuple[Finding, ...]) -> list[str]:
    """Write findings for people: a line for each part, and one for what to do.

    Examples
    --------
    >>> findings_to_lines((Finding("Java", "ok", "21"),))
    ['ok      Java  21']
    """
    width = max(len(finding.part) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:8}{finding.part:{width}}  {finding.found}")
        if finding.do:
            lines.append(f"{'':8}{'':{width}}  to do: {finding.do}")
    return lines
