"""A forest as a model folder: graph, description, test tensors, README.

Imports the half of export that knows no torch, runtime, zoo, files and core.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge import __version__
from pybridge.baselines.forest_features import COARSE_PX, FEATURES, SCALES_PX, margin_px
from pybridge.baselines.forest_graph import OPSET, forest_to_onnx
from pybridge.baselines.scribbles import CLASSES
from pybridge.core.errors import OutputExistsError, PyBridgeError
from pybridge.zoo import load
from pybridge.zoo.catalogue import DESCRIPTIONS
from pybridge.zoo.model import DecoderSpec, Model, PyBridgeConfig, SteppedSize, TensorSpec
from pybridge.zoo.processing import Step

if TYPE_CHECKING:
    from pybridge.baselines.forest_training import ForestSettings
    from pybridge.export.about import ModelText

# More than twice the halo, as the format wants; the graph reflects an image by less than this around its border.
LEAST_PX = 128
_PERCENTILES = (1.0, 99.8)
# Marks sampled near edges make a forest see more foreground than there is, hence the high probability.
_DECODERS = {
    2: DecoderSpec("foreground", probability=0.5, overlap=0.5, min_size=16),
    3: DecoderSpec("boundary", probability=0.75, overlap=0.75, min_size=16),
}
_NAMES = {2: ("foreground",), 3: ("foreground", "distance", "boundary")}
_BREIMAN = {"text": "Breiman, Random forests. Machine Learning 45, 2001", "doi": "10.1023/A:1010933404324"}
_ILASTIK = {
    "text": "Berg et al., ilastik: interactive machine learning for (bio)image analysis. Nature Methods 16, 2019 "
    "(the kind of features)",
    "doi": "10.1038/s41592-019-0582-9",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestText:
    """What people say of a forest; what they do not say is left out.

    Parameters
    ----------
    title, description, version : str
        For lists and citations.
    authors : tuple of str
        Names.
    license : str or None
        SPDX identifier.
    limits : str
        What the model is not for.
    data : dict of str to Any
        Fields of ``pybridge.export.about.DatasetText``: where the training images come from.
    scores : dict of str to Any
        Measured scores, for the description.
    measured : str
        Markdown: how the scores were measured.
    decoder : dict of str to float
        Thresholds that were tuned: ``probability``, ``overlap``, ``min_size``.
    """

    title: str = ""
    description: str = "Random forest on the pixels of one channel, trained from sparse marks."
    version: str = "0.1.0"
    authors: tuple[str, ...] = ()
    license: str | None = None
    limits: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    measured: str = ""
    decoder: dict[str, float] = field(default_factory=dict)


def normalisation() -> tuple[Step, ...]:
    """Give the steps before the features: the plane's percentiles 1 and 99.8 become 0 and 1.

    Examples
    --------
    >>> [type(step).__name__ for step in normalisation()]
    ['EnsureDtype', 'ScaleRange']
    """
    from pybridge.export.tensors import percentile_steps

    return percentile_steps(*_PERCENTILES)


def check_forest_folder(folder: Path, text: ForestText, *, overwrite: bool) -> None:
    """Raise when a model folder could not be written there, or with such a text: before the training.

    Raises
    ------
    OutputExistsError
        If it is there and may not be replaced, or holds something else than a model.
    ModelError
        If the format does not take the text, for example a licence that is no SPDX identifier.
    """
    from pybridge.export.description import check_text
    from pybridge.files.write import existing_output

    check_text(folder.name, _about(text))
    if not folder.exists():
        return
    if not overwrite:
        raise existing_output(folder)
    if not any((folder / name).is_file() for name in DESCRIPTIONS):
        raise OutputExistsError(
            f"replace {str(folder)!r} by a model", found="it is no model folder", do="name a new folder"
        )


def write_forest_folder(
    forest: Any,
    folder: Path,
    *,
    settings: ForestSettings,
    text: ForestText,
    channel: str | None,
    marks: list[int],
    images: int,
    overwrite: bool = False,
) -> Model:
    """Write a fitted forest as a model folder, whole or not at all.

    Parameters
    ----------
    forest : sklearn.ensemble.RandomForestClassifier
        From ``fit_forest``.
    folder : Path
        The model folder; its name is the model's id.
    settings : ForestSettings
        How it grew.
    text : ForestText
        What people say of it.
    channel : str or None
        The channel that it takes of an image with several.
    marks : list of int
        Marked pixels of each class.
    images : int
        How many images had marks.
    overwrite : bool
        Replace an earlier model.
    """
    from pybridge.export.description import (
        DESCRIPTION,
        ONNX,
        README,
        TEST_INPUT,
        TEST_OUTPUT,
        Described,
        write_description,
    )
    from pybridge.files.write import make_folder, publish, unwritable_output

    count = len(forest.classes_)
    tensor, output = _tensors(count)
    usual = _DECODERS[count]
    decoder = dataclasses.replace(
        usual,
        probability=text.decoder.get("probability", usual.probability),
        overlap=text.decoder.get("overlap", usual.overlap),
        min_size=int(text.decoder.get("min_size", usual.min_size)),
    )
    training = {
        "from": "scratch",
        "images": images,
        "marks": dict(zip(CLASSES[:count], marks[:count], strict=True)),
        "forest": dataclasses.asdict(settings),
        "features": list(FEATURES),
    }
    config = PyBridgeConfig(task="segment", decoder=decoder, channel=channel, scores=text.scores, training=training)
    make_folder(folder.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=".pybridge-", dir=folder.parent, ignore_cleanup_errors=True) as held:
            temporary = Path(held) / "model"
            temporary.mkdir()
            content = forest_to_onnx(forest).SerializeToString()
            (temporary / ONNX).write_bytes(content)
            test = _test_image(tensor)
            np.save(temporary / TEST_INPUT, test)
            about = _about(text)
            (temporary / README).write_text(
                _readme(folder.name, text, training, len(content), decoder), encoding="utf-8", newline="\n"
            )
            model = _model_of(folder.name, text, temporary / ONNX, tensor, output, config)
            np.save(temporary / TEST_OUTPUT, _run(model, test))
            described = Described(folder.name, about, tensor, output, config, OPSET)
            write_description(described, temporary)
            assert (temporary / DESCRIPTION).is_file()
            load(temporary)
            publish(temporary, folder, overwrite=overwrite)
    except PyBridgeError:
        raise
    except OSError as error:
        raise unwritable_output(folder, error) from error
    return load(folder)


def _tensors(classes: int) -> tuple[TensorSpec, TensorSpec]:
    from pybridge.export.tensors import input_tensor, output_tensor

    tensor = input_tensor(
        ["intensity"],
        sizes=[SteppedSize(LEAST_PX, 1)] * 2,
        steps=normalisation(),
        description="one channel, as stored",
    )
    meaning = (
        "probability of lying in an object"
        if classes == 2
        else "probability of lying in an object, smoothed probability of lying in its inside, of lying on its border"
    )
    output = output_tensor(_NAMES[classes], of=tensor, description=meaning)
    margin = margin_px() + (0 if classes == 2 else 8)
    axes = tuple(dataclasses.replace(axis, halo=margin) if axis.kind == "space" else axis for axis in output.axes)
    return tensor, dataclasses.replace(output, axes=axes)


def _test_image(tensor: TensorSpec) -> NDArray[np.float32]:
    from pybridge.export.sample import image_for

    return image_for(tensor)[np.newaxis]


def _run(model: Model, test: NDArray[np.float32]) -> NDArray[np.float32]:
    from pybridge.runtime import Gather, open_predictor

    sink = Gather(test.shape[2:])
    open_predictor(model, device="cpu").predict(test[0], "CYX", tile="none", sink=sink)
    return sink.arrays[0][np.newaxis]


def _model_of(
    id: str, text: ForestText, weights: Path, tensor: TensorSpec, output: TensorSpec, config: PyBridgeConfig
) -> Model:
    """Make a model of the ONNX file before there is a description to read."""
    content = weights.read_bytes()
    return Model(
        id=id,
        name=text.title or id,
        version=text.version,
        description=text.description,
        license=text.license or "",
        cite=(),
        authors=text.authors,
        source="",
        format_version="",
        folder=weights.parent,
        weights=weights,
        sha256=hashlib.sha256(content).hexdigest(),
        weights_bytes=len(content),
        inputs=(tensor,),
        outputs=(output,),
        opset=OPSET,
        config=config,
    )


def _about(text: ForestText) -> ModelText:
    from pybridge.export.about import CitationText, DatasetText, ModelText

    return ModelText(
        title=text.title,
        description=text.description,
        version=text.version,
        authors=text.authors,
        license=text.license,
        tags=("random-forest", "pixel-classification", "instance-segmentation", "2d"),
        limits=text.limits,
        cite=(CitationText(**_BREIMAN), CitationText(**_ILASTIK)),
        training_data=DatasetText(**text.data),
    )


def _readme(id: str, text: ForestText, training: dict[str, Any], size: int, decoder: DecoderSpec) -> str:
    forest, marks = training["forest"], training["marks"]
    told = ", ".join(f"{count} of {name}" for name, count in marks.items())
    parts = [
        f"# {text.title or id}",
        text.description,
        f"A random forest of {forest['trees']} trees on {len(FEATURES)} features of each pixel: brightness, gradient, "
        f"Laplacian, Hessian and structure-tensor eigenvalues at {', '.join(f'{s:g}' for s in SCALES_PX)} pixels, and "
        f"the brightness around it at {COARSE_PX:g} pixels. Features and trees are one ONNX graph "
        f"({size / 2**20:.1f} MiB). PyBridge's decoder `{decoder.name}` turns its output into labels, with probability "
        f"{decoder.probability:g}, overlap {decoder.overlap:g}, min_size {decoder.min_size}.",
        f"Version {text.version}, made with PyBridge {__version__}. Licence: {text.license or 'not stated'}.",
        "## Training",
        f"Marked pixels of {training['images']} image(s): {told}. At most {forest['depth']} questions from root to "
        f"leaf, at least {forest['leaf']} marks in a leaf, seed {forest['seed']}.",
    ]
    if text.data:
        parts.append(f"Data: {text.data.get('name', '')}. {text.data.get('description', '')}")
    if text.measured:
        parts += ["## Scores", text.measured]
    if text.limits:
        parts += ["## Limits", text.limits]
    return "\n\n".join(parts) + "\n"
