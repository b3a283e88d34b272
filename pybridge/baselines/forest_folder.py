"""A forest as a model folder: graph, description, test tensors, README.

Imports the half of export that knows no torch, runtime, zoo, files and core.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pybridge.baselines.forest_features import FEATURES, margin_px
from pybridge.baselines.forest_graph import OPSET, forest_to_onnx
from pybridge.baselines.forest_readme import ForestText, model_text, write_readme
from pybridge.baselines.scribbles import CLASSES
from pybridge.core.errors import OutputExistsError, PyBridgeError
from pybridge.zoo import load
from pybridge.zoo.catalogue import DESCRIPTIONS
from pybridge.zoo.model import DecoderSpec, Model, PyBridgeConfig, SteppedSize, TensorSpec
from pybridge.zoo.processing import Step

if TYPE_CHECKING:
    from pybridge.baselines.forest_training import ForestSettings

# More than twice the halo, as the format wants; the graph reflects an image by less than this around its border.
LEAST_PX = 128
_PERCENTILES = (1.0, 99.8)
# Marks sampled near edges make a forest see more foreground than there is, hence the high probability.
_DECODERS = {
    2: DecoderSpec("foreground", probability=0.5, overlap=0.5, min_size=16),
    3: DecoderSpec("boundary", probability=0.75, overlap=0.75, min_size=16),
}
_NAMES = {2: ("foreground",), 3: ("foreground", "distance", "boundary")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a training leaves in the folder besides the model.

    Parameters
    ----------
    training : mapping
        Added to the block ``training`` of the description.
    told : sequence of str
        Paragraphs for the README.
    files : mapping of str to bytes
        Further files by name; the description has their hashes.
    """

    training: Mapping[str, Any] = field(default_factory=dict)
    told: Sequence[str] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


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

    check_text(folder.name, model_text(text))
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
    marks: Sequence[int],
    images: int,
    evidence: Evidence | None = None,
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
    marks : sequence of int
        Marked pixels of each class.
    images : int
        How many images had marks.
    evidence : Evidence, optional
        What the training leaves in it.
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
    evidence = evidence or Evidence()
    training = {
        "from": "scratch",
        "images": images,
        "marks": dict(zip(CLASSES[:count], marks[:count], strict=True)),
        "forest": dataclasses.asdict(settings),
        "features": list(FEATURES),
        **evidence.training,
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
            for name, file in evidence.files.items():
                (temporary / name).write_bytes(file)
            readme = write_readme(
                folder.name, text, training, size_bytes=len(content), decoder=decoder, told=evidence.told
            )
            (temporary / README).write_text(readme, encoding="utf-8", newline="\n")
            model = _model_of(folder.name, text, temporary / ONNX, tensor, output, config)
            np.save(temporary / TEST_OUTPUT, _run(model, test))
            described = Described(
                folder.name, model_text(text), tensor, output, config, OPSET, attachments=tuple(evidence.files)
            )
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
