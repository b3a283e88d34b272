"""``PyBridge Train`` for Fiji: from folders, or from ROIs painted in the active image, to a model of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pybridge.commands.train import Train, lines_of
from pybridge.core.errors import UsageError
from pybridge.core.image import Image
from pybridge.worker.codec import Answer, ImagePlusForm
from pybridge.worker.work import ACTIVE, CallOptions, Fiji, Painting, require_active


@dataclass(frozen=True, slots=True)
class TrainWork:
    """One call."""

    request: Train
    form: ImagePlusForm | None

    @property
    def needs(self) -> tuple[str, ...]:
        """The active image when it is what is learnt from."""
        return () if self.form is None else (ACTIVE,)

    @property
    def needs_painting(self) -> bool:
        """Whether the objects are painted."""
        return self.form is not None

    def run(self, images: Mapping[str, Image], painting: Painting | None) -> Answer:
        """Train; the lines say where the model lies and how good it is."""
        if self.form is None:
            return Answer(lines=lines_of(self.request.run()))
        if painting is None or not painting.rois:
            raise self.request.nothing_painted(self.form.title)
        if not self.request.is_forest and not painting.is_rectangle:
            raise UsageError(
                "train on the painted image",
                found="the selection is no rectangle",
                do="select the painted part with a rectangle, or nothing for the whole image",
            )
        from roifile import ImagejRoi

        rois = [ImagejRoi.frombytes(each) for each in painting.rois]
        trained = self.request.run_on_painting(images[ACTIVE], rois, name=self.form.short_title, window=painting.window)
        return Answer(lines=lines_of(trained))


def open_train(options: CallOptions, form: ImagePlusForm | None, fiji: Fiji) -> TrainWork:
    """Check a call."""
    request = options.parse(Train)
    if request.learns_from_files:
        return TrainWork(request, None)
    active = require_active(form, asked=f'run("{Train.macro_name}", "from={request.from_}")')
    request.check_start()
    return TrainWork(request, active)
