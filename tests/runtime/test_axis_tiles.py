import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pybridge.core.errors import ImageError
from pybridge.runtime.axis_tiles import AxisRule, plan_axis, tile_lengths


@st.composite
def rules(draw):
    grain = draw(st.sampled_from([1, 1, 2, 4]))
    return AxisRule(
        minimum=draw(st.integers(1, 60)),
        step=draw(st.sampled_from([0, 1, 1, 2, 4, 8, 16])),
        stride=draw(st.sampled_from([1, 2, 3, 4, 8, 16])),
        halo=draw(st.integers(0, 40)),
        margin=draw(st.sampled_from([0, 0, grain, 2 * grain])),
        grain=grain,
    )


@given(rules(), st.integers(1, 700), st.integers(0, 30))
def test_cores_cover_the_axis_once_and_every_tile_sees_enough(rule, length, choice):
    lengths = tile_lengths(length, rule)
    tile = lengths[min(choice, len(lengths) - 1)]
    try:
        plan = plan_axis(length, rule, tile=tile)
    except ImageError:
        assert rule.fixed
        assume(False)
    assert plan.canvas >= length + 2 * rule.margin
    assert rule.fixed or (tile >= rule.minimum and (tile - rule.minimum) % rule.step == 0)
    assert plan.origins[0] == 0
    assert plan.origins[-1] + plan.tile == plan.canvas
    position = 0
    for index, (origin, (start, stop)) in enumerate(zip(plan.origins, plan.cores, strict=True)):
        low, high = plan.window(index)
        assert (start, high - low) == (position, tile)
        assert origin % rule.stride == 0
        assert start % rule.grain == 0 or start == length
        position = stop
        if stop == start:
            continue
        assert origin == 0 or start - low >= rule.halo
        assert origin + tile == plan.canvas or high - stop >= rule.halo
        assert min(start - low, high - stop) >= rule.margin
    assert position == length


@given(rules(), st.integers(1, 700))
def test_more_tiles_are_shorter_tiles(rule, length):
    lengths = tile_lengths(length, rule)
    assert list(lengths) == sorted(set(lengths), reverse=True)
    assert lengths[0] == (min(rule.minimum, rule.canvas(length)) if rule.fixed else rule.canvas(length))


def test_a_network_of_one_length_shorter_than_its_receptive_field_is_refused_on_longer_images():
    rule = AxisRule(minimum=64, step=0, stride=16, halo=32)
    assert len(plan_axis(60, rule, tile=64).origins) == 1
    with pytest.raises(ImageError, match="needs 32 pixels around each tile"):
        plan_axis(100, rule, tile=64)
