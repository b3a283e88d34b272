"""Which decoders there are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pybridge.core.errors import ModelError
from pybridge.decode import DECODERS, field_for


@pytest.mark.parametrize("name", DECODERS)
def test_every_decoder_in_the_mapping_exists(name):
    assert field_for(name, (5, 7)).probability_map().shape == (5, 7)


def test_an_unknown_decoder_is_an_error_that_names_the_nearest():
    with pytest.raises(ModelError, match="decode with 'offset'.*did you mean 'offsets'"):
        field_for("offset", (5, 7))


def test_importing_decode_loads_no_compiler():
    code = "import sys, pybridge.decode; print('numba' in sys.modules, 'scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
