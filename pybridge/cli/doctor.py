"""``pybridge doctor``: found, used, what to do."""

from __future__ import annotations

import argparse

from pybridge.cli import console

LACKS = 3  # as every error of the environment: see the exit codes in INTERFACE


def run(given: argparse.Namespace) -> int:
    """Show the findings; 3 when something that PyBridge needs is missing."""
    from pybridge.core.findings import findings_to_lines
    from pybridge.imagej.doctor import doctor

    findings = doctor()
    for line in findings_to_lines(findings):
        console.line(line)
    missing = any(finding.state == "missing" for finding in findings)
    return LACKS if missing else 0
