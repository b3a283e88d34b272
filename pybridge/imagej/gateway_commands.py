"""The commands of the gateway: what macros can do on an ImagePlus, as methods for Python."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pybridge.commands.compare import Compare
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.predict import Predict
from pybridge.commands.segment import Segment
from pybridge.core.errors import ImageError
from pybridge.imagej.compare import ComparedImagePlus, compare_in_imagej
from pybridge.imagej.converters import Converters
from pybridge.imagej.evaluate import EvaluatedImagePlus, evaluate_in_imagej
from pybridge.imagej.jvm import JavaObject, java_class, java_errors
from pybridge.imagej.macro import MacroRunner
from pybridge.imagej.predict import predict_imageplus
from pybridge.imagej.segment import segment_imageplus
from pybridge.tasks.images import ImageLike, to_image


class GatewayCommands(Converters):
    """Segment, predict, evaluate and compare.

    Parameters
    ----------
    imagej2 : object or None
        PyImageJ's gateway, when there is one.
    """

    def __init__(self, imagej2: Any = None) -> None:
        super().__init__(imagej2)
        self._macros = MacroRunner()

    @contextmanager
    def _working(self, asked: str) -> Iterator[None]:
        """Let no macro run beside the block, and give errors of Java our form."""
        with self._macros.alone(), java_errors(asked):
            yield

    def segment(
        self,
        imp: JavaObject,
        /,
        *,
        model: str,
        device: str = "auto",
        tile: str = "auto",
        channel: str | None = None,
        probability: float | None = None,
        overlap: float | None = None,
        min_size: int | None = None,
        exclude_border: bool = False,
        rois: str = "none",
        table: bool = True,
        measure: str = "basic",
        show_probability: bool = False,
        augment: bool = False,
        truth: ImageLike | None = None,
        record: str | os.PathLike[str] | None = None,
    ) -> JavaObject:
        """Find the objects in an ImagePlus; what a macro's ``run("PyBridge Segment", …)`` does, without showing.

        Parameters
        ----------
        imp : ij.ImagePlus
            The image; it stays as it is.
        model, device, tile, channel, probability, overlap, min_size, exclude_border, augment
            As in ``pybridge.segment``.
        rois : str
            ``none``, ``overlay`` on the label image, ``manager`` (needs a display) or ``zip``.
        table : bool
            Append the objects to ImageJ's Results table.
        measure : str
            What that table holds, as in ``pybridge.segment``.
        show_probability : bool
            Keep the foreground probability as the label image's property ``"PyBridge probability"``.
        truth : str, path, Image, ij.ImagePlus or array, optional
            Ground-truth labels: the title of an open image, else a path, or the image itself.
        record : path-like, optional
            Where to write the run record, which is in the label image's "Info" too.

        Returns
        -------
        ij.ImagePlus
            The label image; not shown, and not in ImageJ's table of open images.

        Raises
        ------
        PyBridgeError
            As ``pybridge.segment``.
        """
        _check_imageplus(imp, "segment in ImageJ", instead="pybridge.segment")
        request = Segment(
            model=os.fspath(model),
            device=device,
            tile=str(tile),
            channel=None if channel is None else str(channel),
            probability=probability,
            overlap=overlap,
            min_size=min_size,
            exclude_border=exclude_border,
            rois=rois,
            table=table,
            measure=measure,
            show_probability=show_probability,
            augment=augment,
            truth=_text(truth),
            record=_text(record),
        )
        expected = None
        if truth is not None and request.truth is None:
            expected = to_image(truth)
        with self._working("segment in ImageJ"):
            outputs = segment_imageplus(imp, request, truth=expected)
        if outputs.probability is not None:
            outputs.labels.setProperty("PyBridge probability", outputs.probability)
        return outputs.labels

    def predict(
        self,
        imp: JavaObject,
        /,
        *,
        model: str,
        device: str = "auto",
        tile: str = "auto",
        channel: str | None = None,
        augment: bool = False,
        record: str | os.PathLike[str] | None = None,
    ) -> tuple[JavaObject, ...]:
        """Run any model on an ImagePlus; what a macro's ``run("PyBridge Predict", …)`` does, without showing.

        Parameters
        ----------
        imp : ij.ImagePlus
            The image; it stays as it is.
        model, device, tile, channel, augment
            As in ``pybridge.predict``.
        record : path-like, optional
            Where to write the run record, which is in the "Info" of each output too.

        Returns
        -------
        tuple of ij.ImagePlus
            One for each output tensor, 32-bit; not shown, and not in ImageJ's table of open images.

        Raises
        ------
        PyBridgeError
            As ``pybridge.predict``.
        """
        _check_imageplus(imp, "predict in ImageJ", instead="pybridge.predict")
        request = Predict(
            model=os.fspath(model),
            device=device,
            tile=str(tile),
            channel=None if channel is None else str(channel),
            augment=augment,
            record=_text(record),
        )
        with self._working("predict in ImageJ"):
            return predict_imageplus(imp, request).outputs

    def evaluate(
        self,
        result: ImageLike,
        truth: ImageLike,
        /,
        *,
        task: str = "auto",
        raw: ImageLike | None = None,
        table: bool = True,
        show_errors: bool = False,
        record: str | os.PathLike[str] | None = None,
    ) -> EvaluatedImagePlus:
        """Score a result; what a macro's ``run("PyBridge Evaluate", …)`` does, without showing.

        Parameters
        ----------
        result : ij.ImagePlus, Image, ndarray, xarray.DataArray, path or str
            Labels, a restored image or an image of classes; it stays as it is. A text is the title of an open image,
            else a path.
        truth : the same
            Ground truth.
        task : str
            As in ``pybridge.evaluate``.
        raw : the same, optional
            The raw image of a restored one.
        table : bool
            Append the row of scores to ImageJ's Results table.
        show_errors : bool
            Also make images of the errors.
        record : path-like, optional
            Where to write the run record, which is in the "Info" of the images made too.

        Returns
        -------
        EvaluatedImagePlus
            ``result`` with the scores, ``errors``: images that are not shown, and ``record``.

        Raises
        ------
        PyBridgeError
            As ``pybridge.evaluate``.
        """
        request = Evaluate(
            result=_text(result),
            truth=_text(truth),
            task=task,
            raw=_text(raw),
            table=table,
            show_errors=show_errors,
            record=_text(record),
        )
        with self._working("evaluate in ImageJ"):
            return evaluate_in_imagej(result, truth, request, raw=raw)

    def compare(
        self,
        images: ImageLike | Sequence[ImageLike],
        /,
        *,
        model: Sequence[str],
        truth: ImageLike | Sequence[ImageLike] | None = None,
        task: str = "auto",
        rank_by: str = "auto",
        device: str = "auto",
        tile: str = "auto",
        channel: str | None = None,
        record: str | os.PathLike[str] | None = None,
    ) -> ComparedImagePlus:
        """Compare methods on images; what a macro's ``run("PyBridge Compare", …)`` does, without showing.

        Parameters
        ----------
        images : ij.ImagePlus, Image, ndarray, xarray.DataArray, path or str, or a list of them
            They stay as they are. A text is the title of an open image, else a file, folder or glob.
        model, task, rank_by, device, tile, channel
            As in ``pybridge.compare``.
        truth : the same, optional
            Ground truth: one for each image in the same order, or a folder with files of the same stems.
        record : path-like, optional
            Where to write the run record, which is in the "Info" of the stack too.

        Returns
        -------
        ComparedImagePlus
            ``result`` with scores and places, ``overlays``: a stack that is not shown, and ``record``.

        Raises
        ------
        PyBridgeError
            As ``pybridge.compare``.
        """
        request = Compare(
            model=(model,) if isinstance(model, str) else tuple(map(os.fspath, model)),
            truth=_text(truth),
            task=task,
            rank_by=rank_by,
            device=device,
            tile=str(tile),
            channel=None if channel is None else str(channel),
            record=_text(record),
        )
        with self._working("compare in ImageJ"):
            at_hand = () if truth is None or request.truth is not None else _listed(truth)
            return compare_in_imagej(_listed(images), request, truths=at_hand)


def _text(given: object) -> str | None:
    """Give what the record of a run can name: a title or a path, but no image."""
    return os.fspath(given) if isinstance(given, (str, os.PathLike)) else None


def _listed(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)


def _check_imageplus(imp: Any, asked: str, *, instead: str) -> None:
    if not isinstance(imp, java_class("ij.ImagePlus")):
        raise ImageError(
            asked,
            found=f"{type(imp).__name__}, no ImagePlus",
            do=f"turn it into one with to_imageplus(array, axes=…), or use {instead}",
        )
