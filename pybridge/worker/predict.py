"""``PyBridge Predict`` for Fiji: an image for each output tensor, described for the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from pybridge.commands.model_command import check_record_path
from pybridge.commands.predict import Predict
from pybridge.core.image import Image
from pybridge.core.imagej_record import record_with_imagej
from pybridge.core.titles import title_beside
from pybridge.worker.codec import Answer, ImagePlusForm, ShownImage
from pybridge.worker.segment import warning_lines
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, Painting, require_active, write_record_last


@dataclass(frozen=True, slots=True)
class PredictWork:
    """One call."""

    request: Predict
    form: ImagePlusForm
    fiji: Fiji
    needs: tuple[str, ...] = (ACTIVE,)
    needs_painting: bool = False

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Predict."""
        result = self.request.run(images[ACTIVE])
        titles: dict[str, str] = {}
        shown = []
        for made, output in zip(result.record.outputs, result.outputs, strict=True):
            taken = {*self.fiji.titles, *titles.values()}
            titles[made.role] = title_beside(f"{self.form.short_title}-{made.role}", taken)
            image = dataclasses.replace(output, name=titles[made.role], info="")
            shown.append(ShownImage(made.role, image, image.size_of("C") > 1 or image.size_of("T") > 1))
        record = record_with_imagej(
            result.record,
            titles=titles,
            imagej=self.fiji.imagej,
            java=self.fiji.java,
            selected=self.form.selected,
            done="predicted",
        )
        # The first output is the active image afterwards.
        return Answer(
            images=tuple(reversed(shown)),
            record=record.to_json(),
            failure=write_record_last(record, self.request.record),
            lines=warning_lines(Predict.macro_name, self.form, record.warnings),
        )


def open_predict(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> PredictWork:
    """Check a call before its pixels are sent."""
    request = options.parse(Predict)
    active = require_active(form, asked=f'run("{Predict.macro_name}", "model={request.model}")')
    check_record_path(request.record)
    return PredictWork(request, active, fiji)
