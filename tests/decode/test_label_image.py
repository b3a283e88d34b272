"""What counts as a label image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pybridge.core.errors import ImageError
from pybridge.decode.label_image import labels_to_int32


@pytest.mark.parametrize("kind", [">u2", ">i4", np.float16, np.float32, np.longdouble, np.uint64, np.bool_])
def test_ids_of_any_type_and_byte_order_are_kept(kind: Any) -> None:
    ids = np.array([[0, 1, 1], [0, 1, 0]]) if kind is np.bool_ else np.array([[0, 1, 900], [0, 7, 2]])
    plane = labels_to_int32(ids.astype(kind))
    assert plane.dtype == np.int32
    assert plane.tolist() == ids.tolist()


@pytest.mark.parametrize(
    ("kind", "last"), [(np.float16, 2**11), (np.float32, 2**24), (np.float64, 2**26), (np.int64, 2**26)]
)
def test_ids_end_where_they_would_be_rounded_or_the_tables_end(kind: Any, last: int) -> None:
    assert labels_to_int32(np.full((5, 7), last, kind)).max() == last
    with pytest.raises(ImageError, match=rf"ids up to .* in which they end at {last:,}"):
        labels_to_int32(np.full((5, 7), last + 4, kind))


@pytest.mark.parametrize("value", [-1.0, 0.5, float("nan"), float("inf")])
def test_what_is_no_id_is_an_error(value: float) -> None:
    with pytest.raises(ImageError, match="values from"):
        labels_to_int32(np.array([[0.0, value]]))
    with pytest.raises(ImageError, match="not a plane of numbers"):
        labels_to_int32(np.zeros(7))
