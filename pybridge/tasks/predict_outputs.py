"""The outputs of a prediction on their way to images: planes and tiles fall into place. Imports core and zoo."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pybridge.core.axes import CANONICAL
from pybridge.core.image import Calibration, Image
from pybridge.core.store import ImageForm, Store, Target

if TYPE_CHECKING:
    from pybridge.zoo import Model

Parts = tuple[NDArray[np.float32], ...]


class OutputImages:
    """One image for each output tensor of a model, put together from all planes or volumes of an input image.

    Parameters
    ----------
    image : Image
        The input: gives name, axes and calibration.
    model : Model
        A model of axes ``YX`` or ``ZYX``.
    extent : tuple of int
        Frames, slices, rows and columns of the input.
    scales : sequence of sequence of Fraction
        Output pixels per pixel of the input, for each output and each axis of the model.
    store : Store
        Where the images are kept.
    """

    def __init__(
        self,
        image: Image,
        model: Model,
        *,
        extent: tuple[int, int, int, int],
        scales: Sequence[Sequence[Fraction]],
        store: Store,
    ) -> None:
        self._image = image
        self._model = model
        self._extent = dict(zip("TZYX", extent, strict=True))
        self._scales = [dict(zip(model.spatial, each, strict=True)) for each in scales]
        self._store = store
        self._forms: dict[int, ImageForm] = {}
        self._targets: dict[int, Target] = {}
        self._rows: dict[int, list[NDArray[np.float32]]] = {}

    def item(self, t: int, z: int) -> ItemSink:
        """Give the sink of one plane, or of one volume (then ``z`` does not matter)."""
        return ItemSink(self, t, z)

    def take(self, t: int, z: int, outputs: Parts, region: tuple[slice, ...]) -> None:
        """Put the finished part of one item into place."""
        for number, part in enumerate(outputs):
            if part.ndim == 1:
                self._rows.setdefault(number, []).append(part)
                continue
            if number not in self._targets:
                self._forms[number] = self._form(number, channels=part.shape[0])
                self._targets[number] = self._store.make(self._forms[number])
            where: dict[str, int | slice] = {"T": t, "Z": z, "C": slice(None)}
            for letter, piece, size in zip(self._model.spatial, region, part.shape[1:], strict=True):
                start = math.floor(piece.start * self._scales[number].get(letter, Fraction(1)))
                where[letter] = slice(start, start + size)
            letters = [letter for letter in CANONICAL if letter == "C" or letter in self._model.spatial]
            ordered = part.transpose([("C" + self._model.spatial).index(letter) for letter in letters])
            kept = self._forms[number].axes
            dropped = tuple(place for place, letter in enumerate(letters) if letter not in kept)
            self._targets[number][tuple(where[letter] for letter in kept)] = np.squeeze(ordered, axis=dropped)

    def images(self) -> tuple[Image, ...]:
        """Give the finished images; an output without pixels is a row of numbers for each item."""
        made = []
        for number in range(len(self._model.outputs)):
            if number in self._rows:
                made.append(self._table(number))
                continue
            form = self._forms[number]
            image = self._image.replace(
                array=self._targets[number].stored(),
                axes=form.axes,
                name=form.name,
                channel_names=form.channel_names,
            )
            made.append(dataclasses.replace(image, calibration=form.calibration))
        return tuple(made)

    def _table(self, number: int) -> Image:
        values = np.stack(self._rows[number])
        form = ImageForm(self._model.outputs[number].id, self._name(number), "YX", values.shape, Calibration())
        target = self._store.make(form)
        target[:, :] = values
        return Image(target.stored(), "YX", name=form.name)

    def _name(self, number: int) -> str:
        return f"{self._image.stem}-{self._model.outputs[number].id}"

    def _form(self, number: int, *, channels: int) -> ImageForm:
        scales = self._scales[number]
        lengths = {letter: math.ceil(size * scales.get(letter, 1)) for letter, size in self._extent.items()}
        lengths["C"] = channels
        axes = "".join(
            letter
            for letter in CANONICAL
            if letter in "YX" or lengths[letter] > 1 or (letter in self._image.axes and letter != "C")
        )
        axis = self._model.outputs[number].axis("C")
        names = axis.channel_names if axis is not None else ()
        return ImageForm(
            role=self._model.outputs[number].id,
            name=self._name(number),
            axes=axes,
            shape=tuple(lengths[letter] for letter in axes),
            calibration=_scaled(self._image.calibration, scales),
            channel_names=names if len(names) == channels and "C" in axes else (),
        )


class ItemSink:
    """The sink of one plane or volume."""

    def __init__(self, images: OutputImages, t: int, z: int) -> None:
        self._images, self._t, self._z = images, t, z

    def write(self, outputs: Parts, region: tuple[slice, ...]) -> None:
        """Take one part: an array for each output, channels first, and where it lies in the item."""
        self._images.take(self._t, self._z, outputs, region)


def _scaled(size: Calibration, scales: dict[str, Fraction]) -> Calibration:
    """Divide pixel sizes by how many output pixels there are per input pixel; origins, in pixels, go along."""
    for letter, scale in scales.items():
        if scale != 1:
            step, origin = letter.lower(), f"origin_{letter.lower()}"
            size = dataclasses.replace(
                size, **{step: getattr(size, step) / float(scale), origin: getattr(size, origin) * float(scale)}
            )
    return size
