"""The options of a classical method as they are typed and read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.baselines import find_baseline
from pybridge.baselines.denoising import GaussianOptions
from pybridge.baselines.options import options_text


@given(sigma=st.floats(0.1, 50))
def test_the_id_of_a_run_finds_the_same_method_again(sigma):
    chosen = find_baseline(f"baseline:gaussian:sigma={sigma!r}")
    again = find_baseline(chosen.id)
    assert again.options == chosen.options
    assert (again.id, again.used().sha256) == (chosen.id, chosen.used().sha256)


@pytest.mark.parametrize(
    ("sigma", "text"), [(2.0, "2"), (0.5, "0.5"), (1.23456789, "1.23456789"), (1 / 3, repr(1 / 3))]
)
def test_numbers_are_written_as_short_as_they_read_back_equal(sigma, text):
    assert options_text(GaussianOptions(sigma=sigma)) == f":sigma={text}"
