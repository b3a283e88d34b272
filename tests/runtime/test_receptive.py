import json

import numpy as np
import pytest

from pybridge.runtime import receptive
from pybridge.runtime.session import close_all, open_model

# Worked out by hand: convolutions add their radius times the stride they run at, pooling and its undoing stride - 1.
EXPECTED = {
    "plain": (2, 1),
    "deep": (6, 1),
    "half": (5, 2),
    "shorter": (2, 1),
    "volume": (2, 1),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_reach_of_simple_networks_is_found_to_the_pixel(built, name):
    reach = open_model(built(name), device="cpu").reach
    halo, stride = EXPECTED[name]
    assert set(reach.halo.values()) == {halo}
    assert set(reach.stride.values()) == {stride}
    assert reach.exact


def test_a_pooling_network_has_the_stride_of_its_pooling(built):
    reach = open_model(built("unet"), device="cpu").reach
    assert set(reach.stride.values()) == {4}
    assert 11 <= reach.halo["Y"] <= 16


def test_a_network_that_looks_half_a_probe_far_is_measured_on_a_longer_one(built):
    reach = open_model(built("far"), device="cpu").reach
    assert reach.exact
    assert set(reach.stride.values()) == {64}
    assert 190 <= reach.halo["Y"] <= 300


def test_the_reach_is_measured_once(built, monkeypatch):
    model = built("plain")
    first = open_model(model, device="cpu").reach
    close_all()

    def fail(*_):
        raise AssertionError("measured again")

    monkeypatch.setattr(receptive._Probe, "measure", fail)
    assert open_model(model, device="cpu").reach == first


@pytest.mark.parametrize("content", ["", "{}", '{"halo": 5}', json.dumps({"halo": {}, "stride": None})])
def test_a_damaged_measurement_is_made_anew(built, monkeypatch, tmp_path, content):
    monkeypatch.setenv("PYBRIDGE_HOME", str(tmp_path))
    close_all()
    first = open_model(built("plain"), device="cpu").reach
    (file,) = (tmp_path / "cache" / "networks").glob("*.json")
    file.write_text(content)
    close_all()
    again = open_model(built("plain"), device="cpu").reach
    assert (again.halo, again.stride, again.exact) == (first.halo, first.stride, first.exact)
    assert np.isfinite(json.loads(file.read_text())["bytes_per_px"])
