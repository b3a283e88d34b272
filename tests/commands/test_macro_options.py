"""Macro lines: keys, brackets, booleans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.commands.macro_options import parse_macro_options, quote_value, split_options
from pybridge.commands.segment import Segment
from pybridge.core.errors import UsageError


def test_a_line_as_the_recorder_writes_it():
    request = parse_macro_options(Segment, "model=nuclei-fluo device=cpu table=false exclude_border=true min_size=20 ")
    assert (request.model, request.device, request.table, request.exclude_border) == ("nuclei-fluo", "cpu", False, True)
    assert request.min_size == 20


def test_what_is_not_given_has_its_default():
    request = parse_macro_options(Segment, "model=m")
    assert (request.device, request.tile, request.table, request.probability) == ("auto", "auto", True, None)


def test_a_bare_boolean_key_means_true_and_an_absent_one_its_default():
    assert parse_macro_options(Segment, "model=m augment").augment
    assert not parse_macro_options(Segment, "model=m").augment


def test_values_with_spaces_stand_in_brackets_which_may_be_nested():
    request = parse_macro_options(Segment, "model=[C:\\My Models\\a (1)] truth=[stack [2] è.tif]")
    assert request.model == "C:\\My Models\\a (1)"
    assert request.truth == "stack [2] è.tif"


@given(st.text(st.characters(blacklist_characters="[]", blacklist_categories=("Cc", "Cs")), max_size=30))
def test_a_quoted_value_comes_back_as_it_was(value):
    assert list(split_options(f"model={quote_value(value)} augment")) == [("model", value), ("augment", None)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("modle=m", "no such key. To do: did you mean 'model'?"),
        ("model=m model=n", "the key is given twice"),
        ("model", "model without a value"),
        ("model=[a b", r"'\[' without '\]'\. To do: close the bracket after the value$"),
        ("model=m truth=[a[b_mask.tif]", r"value; or, for a name with a lone \[, rename the file or the image"),
        ("model=[a b truth=[c]", r"close the bracket after the value; or, for a name with a lone \["),
        ("model=m min_size=many", "min_size='many': not a whole number"),
        ("model=m min_size=-1", "it must be at least 0"),
        ("model=m probability=1.5", "it must be at least 0 and at most 1"),
        ("model=m probability=nan", "it must be at least 0"),
        ("model=m device=gpu", "device='gpu': no such value. To do: give auto, cpu, cuda or cuda:N"),
        ("model=m tile=0", "tile='0': no such value"),
        ("model=m augment=maybe", "a boolean is true or false"),
        ("model=m rois=all", "choose one of|did you mean"),
        ("model=m output=x", "no such key"),
        ("model=m truth=[odd]name.tif]", r"… name.tif\] ….*: no such key. To do: a name with a lone \] ends too early"),
        ("", "no model was given"),
    ],
)
def test_a_wrong_line_is_an_error_that_says_what_to_do(line, message):
    with pytest.raises(UsageError, match=message):
        parse_macro_options(Segment, line)
