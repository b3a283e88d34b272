"""``PyBridge Predict``: its declaration, how it runs, and the Python function of the same name.

Imports core; the tasks inside functions.
"""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pybridge.commands.declaration import parameter
from pybridge.commands.model_command import ModelCommand, check_record_path

if TYPE_CHECKING:
    from pybridge.core.image import Image
    from pybridge.core.record import Stopwatch
    from pybridge.core.results import PredictionResult
    from pybridge.core.store import Store
    from pybridge.tasks.images import ImageLike


@dataclass(frozen=True, kw_only=True)
class Predict(ModelCommand):
    """Run any bioimage.io ONNX model and give its raw output tensors as images."""

    macro_name: ClassVar[str] = "PyBridge Predict"
    shell_name: ClassVar[str] = "predict"
    summary: ClassVar[str] = "run any bioimage.io ONNX model: its output tensors as images"

    augment: bool = parameter(False, help="average the network over flips of the image: slower, often better")
    output: str | None = parameter(
        doors=("shell",), help="folder, or a .tif or .ome.zarr file for one output; default beside the input"
    )
    record: str | None = parameter(path="save", help="path of the run record; default beside the outputs")

    def run(self, image: Image, *, watch: Stopwatch | None = None, store: Store | None = None) -> PredictionResult:
        """Predict an image; what every door calls.

        Parameters
        ----------
        image : Image
            The image; its pixels may still be in its file.
        watch : Stopwatch, optional
            Where the earlier parts of this command (reading) were timed.
        store : Store, optional
            Where the outputs are kept; default in memory.
        """
        from pybridge.tasks.predict import PredictSettings, predict_image

        settings = PredictSettings(
            model=self.model, device=self.device, tile=self.tile, channel=self.channel, augment=self.augment
        )
        result = predict_image(image, settings, watch=watch, store=store)
        return dataclasses.replace(
            result, record=dataclasses.replace(result.record, parameters=self.values() | result.record.parameters)
        )


def predict(
    image: ImageLike,
    /,
    *,
    model: str,
    device: str = "auto",
    tile: str = "auto",
    channel: str | None = None,
    augment: bool = False,
    record: str | os.PathLike[str] | None = None,
) -> PredictionResult:
    """Run any bioimage.io ONNX model on an image and give its raw outputs.

    Parameters
    ----------
    image : Image, path, ndarray, xarray.DataArray or ImagePlus
        2-D to 5-D; a 2-D model runs on each plane, a 3-D model on each volume.
    model : str
        Id, folder, .zip or description file of a model.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``cuda:N``. ``cuda`` runs on CUDA or is an error.
    tile : str
        Tile edge in pixels, ``auto`` or ``none``; the result does not depend on it.
    channel : str, optional
        1-based number or name of the channel to use.
    augment : bool
        Average the network over flips of the image.
    record : path-like, optional
        Where to write the run record.

    Returns
    -------
    PredictionResult
        ``outputs``, one image for each output tensor, and ``record``.

    Raises
    ------
    ImageError
        If the image does not suit the model.
    ModelNotFoundError
        If there is no such model.
    DeviceError
        If the device asked for cannot run.

    Examples
    --------
    >>> import pybridge
    >>> cells, truth = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    >>> result = pybridge.predict(cells, model="nuclei-fluo")
    >>> result.outputs[0].axes, result.outputs[0].array.shape
    ('CYX', (3, 96, 128))
    """
    request = Predict(
        model=os.fspath(model),
        device=device,
        tile=str(tile),
        channel=None if channel is None else str(channel),
        augment=augment,
        record=None if record is None else os.fspath(record),
    )
    check_record_path(request.record)
    from pybridge.core.record import Stopwatch
    from pybridge.files.lazy import open_image
    from pybridge.tasks.images import to_image

    watch = Stopwatch()
    with watch.part("read"):
        # The pixels of a large file stay there; only the outputs have to fit into memory.
        source = open_image(image) if isinstance(image, (str, os.PathLike)) else to_image(image)
    result = request.run(source, watch=watch)
    if request.record:
        from pybridge.files.write import write_text

        write_text(Path(request.record), result.record.to_json())
    return result
