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

OPTIONS = ("result", "truth", "raw")
"""Each names an image, or is given one by a script."""


@dataclass(frozen=True, slots=True)
class EvaluateWork:
    """One call; the form is that of the active image when it is the result."""

    request: Evaluate
    form: ImagePlusForm | None
    fiji: Fiji
    given: Mapping[str, tuple[GivenImage, ...]]
    needs_painting: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The images at hand and those that may be open: those named, and the active one when no result is."""
        keys = (self._key(option) for option in OPTIONS)
        return tuple(dict.fromkeys(key for key in keys if key is not None))

    def _named(self, option: str) -> str | None:
        named = {"result": self.request.result, "truth": self.request.truth, "raw": self.request.raw}
        return named[option]

    def _key(self, option: str) -> str | None:
        """Give the name under which an image is sent; the active image has one only, however it is meant."""
        if self.given.get(option):
            return self.given[option][0].key
        name = self._named(option)
        if name is None:
            return ACTIVE if option == "result" else None
        is_active = self.form is not None and name == self.form.title and self.fiji.titles.count(name) == 1
        return ACTIVE if is_active else name

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Score."""
        from pybridge.reporting.error_image import LEGEND

        request = self.request
        result, truth, raw = (self._take(option, images) for option in OPTIONS)
        assert result is not None
        assert truth is not None
        done = request.run(result, truth, raw=raw)
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
        warnings = "; ".join(record.warnings)
        return Answer(
            images=tuple(shown),
            table=done.table if request.table else None,
            record=record.to_json(),
            failure=write_record_last(record, request.record),
            lines=(f"{Evaluate.macro_name}: {warnings}",) if warnings else (),
        )

    @property
    def _has_selection(self) -> bool:
        """Whether a part of one of the images is selected."""
        named = {self._named(option) for option in OPTIONS}
        at_hand = [each.form for images in self.given.values() for each in images if each.form is not None]
        if self.form is not None:
            at_hand.append(self.form)
        return not named.isdisjoint(self.fiji.selected) or any(form.selected for form in at_hand)

    def _take(self, option: str, images: Mapping[str, Image]) -> Image | Path | None:
        """What is at hand; else an open title first, then a path."""
        key = self._key(option)
        if key is None or key in images:
            return None if key is None else images[key]
        return path_of_named(key)


def open_evaluate(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> EvaluateWork:
    """Check a call before its pixels are sent."""
    request = options.parse(Evaluate, images=OPTIONS)
    truth = None if options.given.get("truth") else request.named_truth()
    check_record_path(request.record)
    active = None
    if request.result is None and not options.given.get("result"):
        active = require_active(form, asked=f'run("{Evaluate.macro_name}", "truth=[{truth or "…"}]")')
    for named in (request.result, truth, request.raw):
        check_title(named, active, fiji)
    return EvaluateWork(request, active, fiji, options.given)
