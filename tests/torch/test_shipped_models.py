"""What we ship: the ONNX file gives the labels that the torch network gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pybridge
from pybridge import zoo
from pybridge.decode import field_for
from pybridge.export.state import load_weights
from pybridge.files.read import read_image
from pybridge.networks.build import build_network
from pybridge.training.config import NormalisationConfig
from pybridge.training.examples import normalise
from pybridge.training.validation import predict


def labels_with_torch(model: zoo.Model, image: pybridge.Image) -> np.ndarray:
    """Go from pixels to labels without ONNX and without the engine."""
    weights = load_weights(model)
    network = build_network(weights.network, weights.head, channels=weights.channels)
    network.load_state_dict(weights.state)
    _, activated = predict(network.eval(), normalise(image.array[None], NormalisationConfig()))
    field = field_for(model.decoder.name, image.array.shape)
    field.write((activated,), tuple(slice(0, extent) for extent in image.array.shape))
    chosen = model.decoder
    return field.labels(probability=chosen.probability, overlap=chosen.overlap, min_size=chosen.min_size).labels


@pytest.mark.parametrize("name", ["nuclei-fluo", "nuclei-fluo-small"])
def test_torch_and_onnx_give_the_same_labels_on_validation_images(name: str, shared_data: Path) -> None:
    model = zoo.find(name)
    paths = sorted((shared_data / "nuclei" / "val" / "images").glob("*.tif"))
    assert len(paths) > 40
    for path in paths[::6]:
        image = read_image(path)
        found = pybridge.segment(image, model=name, device="cpu", table=False).labels.array
        assert found.max() > 0
        # A pixel whose probability is the threshold to the last digit may fall on either side; one image has one.
        assert np.count_nonzero(found != labels_with_torch(model, image)) <= 1, path.name
