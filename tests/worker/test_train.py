"""``PyBridge Train`` in the worker: what is wrong with a call before anything is sent or painted."""

from __future__ import annotations

import numpy as np
import pytest

from pybridge.core.errors import ModelNotFoundError, UsageError
from pybridge.worker.train import open_train
from pybridge.worker.work import CallOptions, Fiji, form_from_wire
from tests.builders.fiji_side import form_of

FIJI = Fiji(imagej="1.54p", java="21", headless=True, titles=["cells.tif"])


def opened(options: str):
    form = form_from_wire(form_of(np.zeros((1, 1, 1, 5, 7), np.uint8)))
    return open_train(CallOptions(options, {}), form, FIJI)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ("from=baseline:pixel-forst", ModelNotFoundError, "no such classical method.*did you mean 'baseline:pixel-for"),
        ("from=baseline:otsu-watershed", UsageError, "a classical method with nothing in it that is learnt"),
        ("from=nuclei-flou", ModelNotFoundError, "did you mean 'nuclei-fluo'"),
        ("name=mine", UsageError, "nothing was given to start from.*add from="),
    ],
)
def test_what_to_start_from_is_looked_up_first(options: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        opened(options)


def test_a_forest_and_a_model_are_started_from() -> None:
    assert opened("from=baseline:pixel-forest").needs_painting
    assert opened("from=nuclei-fluo").needs_painting
