import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.errors import ImageError
from pybridge.runtime.axis_tiles import AxisRule
from pybridge.runtime.tiling import plan_tiles, whole


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(64 * 64, 512 * 512))
def test_the_chosen_tiles_keep_to_the_budget(height, width, budget):
    plan = plan_tiles((height, width), [AxisRule(16, 16, 16, 5)] * 2, tile=None, budget_px=budget)
    assert plan.shape[0] * plan.shape[1] <= budget


def test_an_image_within_the_budget_is_one_tile():
    plan = plan_tiles((500, 700), [AxisRule(16, 16, 16, 100)] * 2, tile=None, budget_px=512 * 704)
    assert (len(plan), plan.shape) == (1, (512, 704))


def test_a_wanted_edge_is_kept_to_or_lengthened_to_what_the_network_needs():
    rule = AxisRule(minimum=16, step=16, stride=16, halo=40)
    assert plan_tiles((1000,), [rule], tile=300, budget_px=1).shape[0] <= 300
    assert plan_tiles((1000,), [rule], tile=10, budget_px=1).shape == (96,)


def test_an_untiled_run_of_a_network_of_one_length_is_refused_on_longer_images():
    rule = AxisRule(minimum=512, step=0, stride=8, halo=60)
    assert len(whole((512,), [rule])) == 1
    with pytest.raises(ImageError, match="takes exactly 512"):
        whole((513,), [rule])
