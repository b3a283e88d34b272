"""``PyBridge Evaluate`` for Fiji: the same row and images of errors as in ImageJ that Python started."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pybridge.commands.evaluate import Evaluate
from pybridge.commands.model_command import check_record_path
from pybridge.commands.named_image import path_of_named
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.titles import title_beside
from pybridge.worker.codec import Answer, ImagePlusForm, ShownImage
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, Painting, check_title, require_active


@dataclass(frozen=True, slots=True)
class EvaluateWork:
    """One call; the form is that of the active image when it is the result."""

    request: Evaluate
    truth: str
    form: ImagePlusForm | None
    fiji: Fiji
    needs_painting: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The images that may be open: those named, and the active one when no result is."""
        named = (self.request.result or ACTIVE, self.truth, self.request.raw)
        return tuple(dict.fromkeys(self._key(name) for name in named if name is not None))

    def _key(self, name: str) -> str:
        """Give the name under which an image is sent; the active image has one only, however it is meant."""
        is_active = self.form is not None and name == self.form.title and self.fiji.titles.count(name) == 1
        return ACTIVE if is_active else name

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Score."""
        from pybridge.reporting.error_image import LEGEND

        request = self.request
        result, truth = (self._take(name, images) for name in (request.result or ACTIVE, self.truth))
        done = request.run(result, truth, raw=None if request.raw is None else self._take(request.raw, images))
        titles = {"table": "Results"}
        shown = []
        for role, image in done.pictures():
            titles[role] = title_beside(image.name, {*self.fiji.titles, *titles.values()})
            made = dataclasses.replace(image, name=titles[role], info="")
            is_hyperstack = made.size_of("C") > 1 or made.size_of("T") > 1
            shown.append(ShownImage(role, made, is_hyperstack, legend=LEGEND if made.is_rgb else ()))
        record = record_with_imagej(
            done.record,
            titles=titles,
            imagej=self.fiji.imagej,
            java=self.fiji.java,
            selected=self._has_selection,
            done="scored",
        )
        if request.record is not None:
            from pybridge.files.write import write_text

            write_text(Path(request.record), record.to_json())
        warnings = "; ".join(record.warnings)
        return Answer(
            images=tuple(shown),
            table=done.table if request.table else None,
            record=record.to_json(),
            lines=(f"{Evaluate.macro_name}: {warnings}",) if warnings else (),
        )

    @property
    def _has_selection(self) -> bool:
        """Whether a part of one of the images is selected."""
        named = {self.request.result, self.truth, self.request.raw}
        return not named.isdisjoint(self.fiji.selected) or (self.form is not None and self.form.selected)

    def _take(self, named: str, images: Mapping[str, Image]) -> Image | Path:
        """An open title first, then a path."""
        key = self._key(named)
        return images[key] if key in images else path_of_named(named)


def open_evaluate(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> EvaluateWork:
    """Check a call before its pixels are sent."""
    request = options.parse(Evaluate)
    truth = request.named_truth()
    check_record_path(request.record)
    active = None
    if request.result is None:
        active = require_active(form, asked=f'run("{Evaluate.macro_name}", "truth=[{truth}]")')
    for named in (request.result, truth, request.raw):
        check_title(named, active, fiji)
    return EvaluateWork(request, truth, active, fiji)
