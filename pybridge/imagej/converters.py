"""The converters of the gateway, the same whatever ImageJ runs: images, tables and ROIs, both ways."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.core.image import Image
from pybridge.imagej.convert import image_to_imageplus, imageplus_to_image
from pybridge.imagej.datasets import dataset_to_imageplus, imageplus_to_dataset, is_imagej2_image
from pybridge.imagej.jvm import JavaObject, java_class, java_errors
from pybridge.imagej.rois import labels_to_rois, rois_to_labels

if TYPE_CHECKING:
    import pandas


class Converters:
    """What a gateway turns into what.

    Parameters
    ----------
    imagej2 : object or None
        PyImageJ's gateway, when there is one: it knows ImageJ2's images.
    """

    def __init__(self, imagej2: Any = None) -> None:
        self.imagej2 = imagej2

    def to_image(self, data: Any, *, axes: str | None = None) -> Image:
        """Copy what holds an image into an ``Image``.

        Parameters
        ----------
        data : ij.ImagePlus, Dataset or Img of ImageJ2, ndarray, xarray.DataArray, path-like, or Image
            Of an ImagePlus, look-up tables, display ranges and overlay come along too (``Image.display``).
        axes : str, optional
            Axes of a bare array, for example ``"ZCYX"``; default YX, ZYX, ZCYX or TZCYX.
        """
        from pybridge.tasks.images import to_image

        if isinstance(data, java_class("ij.ImagePlus")):
            with java_errors("read an ImagePlus"):
                return imageplus_to_image(data, display=True)
        if is_imagej2_image(data):
            return imageplus_to_image(dataset_to_imageplus(self.imagej2, data), display=True)
        if axes is not None and isinstance(data, np.ndarray):
            return Image(data, axes)
        return to_image(data)

    def to_imageplus(self, data: Any, *, axes: str | None = None) -> JavaObject:
        """Copy what holds an image into a new ImagePlus, not shown; takes what ``to_image`` takes."""
        if is_imagej2_image(data):
            return dataset_to_imageplus(self.imagej2, data)
        with java_errors("make an ImagePlus"):
            return image_to_imageplus(self.to_image(data, axes=axes))

    def to_dataset(self, data: Any, *, axes: str | None = None) -> JavaObject:
        """Give what holds an image as a Dataset of ImageJ2.

        Raises
        ------
        ImageJError
            If this ImageJ has no ImageJ2, as the embedded one.
        """
        is_imageplus = isinstance(data, java_class("ij.ImagePlus"))
        return imageplus_to_dataset(self.imagej2, data if is_imageplus else self.to_imageplus(data, axes=axes))

    def to_array(self, data: Any) -> NDArray[Any]:
        """Copy the pixels of what ``to_image`` takes: axes out of TZCYX in this order, RGB samples last."""
        return np.asarray(self.to_image(data).array)

    def to_xarray(self, data: Any, *, axes: str | None = None) -> Any:
        """Copy what holds an image into an ``xarray.DataArray``.

        Dimensions are PyImageJ's, in its order: ``t, pln, row, col, ch``; coordinates are calibrated.
        ``to_imageplus`` of the result gives calibration, colours, display ranges, overlay and Info back.
        """
        from pybridge.tasks.xarrays import image_to_xarray

        return image_to_xarray(self.to_image(data, axes=axes))

    def to_dataframe(self, table: JavaObject | None = None) -> pandas.DataFrame:
        """Copy a ResultsTable, by default ImageJ's Results, into a pandas DataFrame."""
        from pybridge.imagej.dataframes import results_to_dataframe

        with java_errors("read a results table"):
            results = java_class("ij.measure.ResultsTable").getResultsTable()
            return results_to_dataframe(results if table is None else table)

    def to_results(self, frame: pandas.DataFrame) -> JavaObject:
        """Copy a pandas DataFrame into a new ResultsTable, not shown."""
        from pybridge.imagej.dataframes import dataframe_to_results

        with java_errors("make a results table"):
            return dataframe_to_results(frame)

    def labels_to_rois(self, labels: Any, *, axes: str | None = None) -> list[JavaObject]:
        """Trace the objects of a label image as ROIs, named by their labels, placed at their slice and frame.

        Parameters
        ----------
        labels : what ``to_image`` takes
            Label image, for example what ``segment`` gave.
        """
        with java_errors("trace labels as ROIs"):
            imp = labels if isinstance(labels, java_class("ij.ImagePlus")) else self.to_imageplus(labels, axes=axes)
            return list(labels_to_rois(self.to_image(labels, axes=axes), imp=imp))

    def rois_to_labels(
        self, rois: JavaObject | Iterable[JavaObject] | str | os.PathLike[str], *, image: Image | JavaObject
    ) -> Image:
        """Paint ROIs as a label image; names that are whole numbers are the labels.

        Parameters
        ----------
        rois : Overlay, RoiManager, iterable of ij.gui.Roi, or path-like
            What was drawn, or a ``.roi`` or ``.zip`` file of it.
        image : Image or ij.ImagePlus
            The image that it was drawn on.
        """
        with java_errors("paint ROIs as labels"):
            return rois_to_labels(rois, image=image)

    def read_pixels(self, data: Any) -> Image:
        """Read an ImagePlus or an image of ImageJ2 for a task, which needs no display."""
        imp = dataset_to_imageplus(self.imagej2, data) if is_imagej2_image(data) else data
        return imageplus_to_image(imp)
