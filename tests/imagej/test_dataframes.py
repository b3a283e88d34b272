"""ResultsTable to pandas and back."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from pybridge.core.errors import PackageMissingError, UsageError
from pybridge.imagej import Gateway

pytestmark = pytest.mark.jvm

pandas = pytest.importorskip("pandas", reason="pandas is optional")


def test_numbers_and_texts_come_back(gateway: Gateway) -> None:
    frame = pandas.DataFrame(
        {
            "Label": [3, 1, 2],
            "Area": [1.5, np.nan, 1e-12],
            "Note": ["naïve, µ", "", "7"],
            "Border": [True, False, True],
            "single": np.array([0.1, 2, 3], np.float32),
        }
    )
    table = gateway.to_results(frame)
    assert [str(name) for name in table.getHeadings()] == list(frame.columns)
    assert str(table.getStringValue("Note", 0)) == "naïve, µ"
    back = gateway.to_dataframe(table)
    expected = frame.astype({"Label": float, "Border": float, "single": float})
    pandas.testing.assert_frame_equal(back, expected, check_dtype=False)


def test_a_text_column_with_a_missing_value_is_empty_there(gateway: Gateway) -> None:
    back = gateway.to_dataframe(gateway.to_results(pandas.DataFrame({"a": ["x", None], "b": [1, 2]})))
    assert back["a"].tolist() == ["x", ""]


def test_missing_whole_numbers_become_nan(gateway: Gateway) -> None:
    frame = pandas.DataFrame({"a": pandas.array([1, None], dtype="Int64")})
    assert np.isnan(gateway.to_dataframe(gateway.to_results(frame))["a"].tolist()[1])


def test_an_index_with_a_name_is_the_first_column(gateway: Gateway) -> None:
    frame = pandas.DataFrame({"n": [1, 2]}, index=pandas.Index(["a", "b"], name="Image"))
    assert gateway.to_dataframe(gateway.to_results(frame)).columns.tolist() == ["Image", "n"]


def test_row_labels_are_the_column_label(gateway: Gateway, results: Any) -> None:
    for name in ("cells.tif", "b.tif"):
        results.incrementCounter()
        results.addLabel(name)
        results.addValue("Area", 3.0)
    assert gateway.to_dataframe().to_dict("list") == {"Label": ["cells.tif", "b.tif"], "Area": [3.0, 3.0]}


def test_what_segment_measured_is_read(gateway: Gateway, results: Any, nuclei_model: str) -> None:
    import pybridge

    image, _ = pybridge.samples.simulate_nuclei(shape=(96, 128), count=6)
    labels = gateway.segment(gateway.to_imageplus(image), model=nuclei_model)
    frame = gateway.to_dataframe()
    assert frame["Label"].tolist() == list(range(1, int(labels.getStatistics().max) + 1))


@pytest.mark.parametrize("frame", [pandas.DataFrame(), pandas.DataFrame({"a": []})])
def test_an_empty_table_is_empty(gateway: Gateway, frame: Any) -> None:
    assert len(gateway.to_dataframe(gateway.to_results(frame))) == 0


def test_what_the_table_cannot_hold_is_refused(gateway: Gateway) -> None:
    with pytest.raises(UsageError, match=r"whole numbers above 2\^53 in 'id'"):
        gateway.to_results(pandas.DataFrame({"id": [2**53 + 1]}))
    with pytest.raises(UsageError, match="several columns of the name 'a'"):
        gateway.to_results(pandas.DataFrame([[1, 2]], columns=["a", "a"]))


def test_without_pandas_the_error_names_it(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(PackageMissingError, match="pip install pandas"):
        gateway.to_dataframe()
