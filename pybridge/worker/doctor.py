"""``PyBridge Doctor`` for Fiji: Java and ImageJ as the client sees them, the engine as this process does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pybridge.core.errors import UsageError
from pybridge.core.findings import Finding, findings_to_lines
from pybridge.core.image import Image
from pybridge.worker.codec import Answer, ImagePlusForm
from pybridge.worker.work import CallOptions, Fiji, Painting


@dataclass(frozen=True, slots=True)
class DoctorWork:
    """One call."""

    fiji: Fiji
    needs: tuple[str, ...] = ()
    needs_painting: bool = False

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Look, with one inference on each device."""
        import sys

        from pybridge.tasks.examine import examine_engine

        findings = (
            Finding("Java", "ok", self.fiji.java),
            Finding("ImageJ", "ok", f"{self.fiji.imagej}, {'headless' if self.fiji.headless else 'with windows'}"),
            Finding("worker", "ok", sys.executable),
            *examine_engine(),
        )
        return Answer(lines=tuple(findings_to_lines(findings)))


def open_doctor(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> DoctorWork:
    """Check a call."""
    if options.text and options.text.strip():
        raise UsageError(
            f'run("PyBridge Doctor", "{options.text}")',
            found="it takes no options",
            do='write run("PyBridge Doctor", "")',
        )
    return DoctorWork(fiji)
