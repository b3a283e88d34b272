"""``PyBridge Report`` for Fiji: the record of the active image, or one in a file, to page, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pybridge.commands.report import Report
from pybridge.core.image import Image
from pybridge.worker.codec import Answer, ImagePlusForm
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, Painting, require_active


@dataclass(frozen=True, slots=True)
class ReportWork:
    """One call; the form is that of the active image when it carries the record."""

    request: Report
    form: ImagePlusForm | None
    needs_painting: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The active image when it is what is reported on."""
        return () if self.form is None else (ACTIVE,)

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Report; the lines say where the page is and what is missing."""
        if self.form is not None:
            return Answer(lines=self.request.run_on_image(images[ACTIVE], folder=self.form.folder).lines())
        from pybridge.reporting.stored_record import read_record

        return Answer(lines=self.request.run([read_record(self.request.record or "")]).lines())


def open_report(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> ReportWork:
    """Check a call before pixels are sent."""
    request = options.parse(Report)
    if request.record is not None:
        return ReportWork(request, None)
    return ReportWork(request, require_active(form, asked=f'run("{Report.macro_name}", "")'))
