"""``PyBridge Compare`` for Fiji: the same overlays, rows and words as in ImageJ that Python started."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from pybridge.commands.compare import Compare
from pybridge.commands.model_command import check_record_path
from pybridge.commands.named_image import check_no_title
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.titles import title_beside
from pybridge.worker.codec import Answer, ImagePlusForm, ShownImage
from pybridge.worker.work import (
    ACTIVE,
    CallOptions,
    Fiji,
    GivenImage,
    Painting,
    check_title,
    require_active,
    write_record_last,
)


@dataclass(frozen=True, slots=True)
class CompareWork:
    """One call on images at hand, such as the active one, or on a folder; truths at hand, or what ``truth`` names."""

    request: Compare
    images: tuple[GivenImage, ...]
    truths: tuple[GivenImage, ...]
    fiji: Fiji
    needs_painting: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The images at hand, and the one that may hold the truth."""
        named = () if self.truths or self.request.truth is None else (self.request.truth,)
        return tuple(dict.fromkeys((*(each.key for each in (*self.images, *self.truths)), *named)))

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Compare."""
        from pybridge.reporting.comparison_stack import overlay_stack
        from pybridge.reporting.comparison_text import comparison_lines

        request = self.request
        truths = [each.take(images) for each in self.truths]
        if not truths and request.truth is not None and request.truth in images:
            truths = [images[request.truth]]
        result = request.run_on_open([each.take(images) for each in self.images], truths=truths)
        made = overlay_stack(result)
        only = self.images[0].form if len(self.images) == 1 else None
        name = made.image.name if only is None else f"{only.short_title}-comparison"
        title = title_beside(name, self.fiji.titles)
        record = record_with_imagej(
            result.record.with_outputs(*made.outputs()),
            titles={"overlays": title, "table": "Results"},
            imagej=self.fiji.imagej,
            java=self.fiji.java,
            selected=any(
                each.key in self.fiji.selected if each.form is None else each.form.selected for each in self.images
            ),
            done="compared",
        )
        stack = dataclasses.replace(made.image, name=title, info="")
        overlays = ShownImage(
            "overlays", stack, hyperstack=False, slice_labels=made.labels, display=made.display, legend=made.legend
        )
        return Answer(
            images=(overlays,),
            table=result.table,
            record=record.to_json(),
            failure=write_record_last(record, request.record),
            lines=(*comparison_lines(result.comparison), *record.warnings),
        )


def open_compare(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> CompareWork:
    """Check a call before its pixels are sent."""
    request = options.parse(Compare, images=("images", "truth"), lists=True)
    check_no_title(request.images, fiji.titles)
    check_record_path(request.record)
    images, truths = options.given.get("images", ()), options.given.get("truth", ())
    active = None
    if request.images is None and not images:
        active = require_active(form, asked=f'run("{Compare.macro_name}", "model=[{",".join(request.model)}]")')
        images = (GivenImage(ACTIVE, active),)
    for named in (request.truth, *(each.key for each in (*images, *truths) if each.form is None)):
        check_title(named, active, fiji)
    return CompareWork(request, images, truths, fiji)
