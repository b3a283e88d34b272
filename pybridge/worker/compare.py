"""``PyBridge Compare`` for Fiji: the same overlays, rows and words as in ImageJ that Python started."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pybridge.commands.compare import Compare
from pybridge.commands.model_command import check_record_path
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.titles import title_beside
from pybridge.worker.codec import Answer, ImagePlusForm, ShownImage
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, Painting, check_title, require_active


@dataclass(frozen=True, slots=True)
class CompareWork:
    """One call; the form is that of the active image when it is what is compared on."""

    request: Compare
    form: ImagePlusForm | None
    fiji: Fiji
    needs_painting: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The active image, and the one that may hold the truth."""
        active = () if self.form is None else (ACTIVE,)
        return active if self.request.truth is None else (*active, self.request.truth)

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Compare."""
        from pybridge.reporting.comparison_stack import overlay_stack
        from pybridge.reporting.comparison_text import comparison_lines

        request = self.request
        active = None if self.form is None else images[ACTIVE]
        result = request.run_on_open(active, truth=images.get(request.truth or ""))
        made = overlay_stack(result)
        name = made.image.name if self.form is None else f"{self.form.short_title}-comparison"
        title = title_beside(name, self.fiji.titles)
        record = record_with_imagej(
            result.record.with_outputs(*made.outputs()),
            titles={"overlays": title, "table": "Results"},
            imagej=self.fiji.imagej,
            java=self.fiji.java,
            selected=self.form is not None and self.form.selected,
            done="compared",
        )
        if request.record is not None:
            from pybridge.files.write import write_text

            write_text(Path(request.record), record.to_json())
        stack = dataclasses.replace(made.image, name=title, info="")
        overlays = ShownImage(
            "overlays", stack, hyperstack=False, slice_labels=made.labels, display=made.display, legend=made.legend
        )
        return Answer(
            images=(overlays,),
            table=result.table,
            record=record.to_json(),
            lines=(*comparison_lines(result.comparison), *record.warnings),
        )


def open_compare(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> CompareWork:
    """Check a call before its pixels are sent."""
    request = options.parse(Compare)
    check_record_path(request.record)
    if request.images is not None:
        return CompareWork(request, None, fiji)
    asked = f'run("{Compare.macro_name}", "model=[{",".join(request.model)}]")'
    active = require_active(form, asked=asked)
    check_title(request.truth, active, fiji)
    return CompareWork(request, active, fiji)
