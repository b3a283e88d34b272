"""What the fields of all decoders have in common: what they refuse, and that nothing written is nothing found."""

from __future__ import annotations

import numpy as np
import pytest

from pybridge.core.errors import ImageError, ModelError, UsageError
from pybridge.decode import DECODERS, field_for

WHOLE = (slice(0, 5), slice(0, 7))
CHANNELS = {"offsets": 3, "foreground": 1, "boundary": 3, "star_convex": 9}
THRESHOLDS = {"probability": 0.5, "overlap": 0.5, "min_size": 1}

pytestmark = pytest.mark.parametrize("decoder", DECODERS)


def test_an_empty_field_has_no_objects(decoder: str) -> None:
    plane = field_for(decoder, (5, 7)).labels(**THRESHOLDS | {"probability": 0.0})
    assert (plane.labels.shape, plane.labels.dtype, plane.confidence.shape) == ((5, 7), np.int32, (0,))
    assert not plane.labels.any()


@pytest.mark.parametrize("wrong", [{"probability": 1.5}, {"overlap": -0.1}, {"min_size": -1}])
def test_thresholds_out_of_range_are_an_error(decoder: str, wrong: dict[str, float]) -> None:
    name, value = next(iter(wrong.items()))
    with pytest.raises(UsageError, match=f"{name}={value}"):
        field_for(decoder, (5, 7)).labels(**THRESHOLDS | wrong)


@pytest.mark.parametrize("shape", [(0, 7), (5,), (2, 5, 7), (100_000, 100_000)])
def test_planes_that_cannot_be_decoded_are_an_error(decoder: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match="decode a plane of shape"):
        field_for(decoder, shape)


def test_a_wrong_number_of_channels_is_an_error(decoder: str) -> None:
    with pytest.raises(ModelError, match=rf"'{decoder}', which needs \d+ channel.*probability.*\(2, 5, 7\)"):
        field_for(decoder, (5, 7)).write((np.zeros((2, 5, 7), np.float32),), WHOLE)


def test_outputs_of_another_size_than_their_region_are_an_error(decoder: str) -> None:
    count = CHANNELS[decoder]
    with pytest.raises(ModelError, match=rf"\({count}, 7, 5\)"):
        field_for(decoder, (5, 7)).write((np.zeros((count, 7, 5), np.float32),), WHOLE)
