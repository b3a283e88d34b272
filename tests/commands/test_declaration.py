"""One declaration per command: shell options and Python signatures are the same as the declaration."""

import inspect

import pytest

import pybridge
from pybridge.cli.options import read_options
from pybridge.cli.parser import build_parser
from pybridge.commands.compare import Compare
from pybridge.commands.evaluate import Evaluate
from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.predict import Predict
from pybridge.commands.report import Report
from pybridge.commands.rerun import Rerun
from pybridge.commands.segment import Segment
from pybridge.commands.train import Train
from pybridge.core.errors import UsageError
from pybridge.imagej import Gateway

KINDS = {"str": str, "bool": bool, "int": int, "float": float, "Sequence[str]": str}
COMMANDS = (Segment, Predict, Evaluate, Compare, Report)


def names_of(command):
    return [declared.name for declared in command.parameters()]


@pytest.mark.parametrize(
    ("command", "function"),
    [
        (Segment, pybridge.segment),
        (Predict, pybridge.predict),
        (Evaluate, pybridge.evaluate),
        (Compare, pybridge.compare),
        (Report, pybridge.report),
        (Segment, Gateway.segment),
    ],
    ids=lambda given: given.__qualname__,
)
def test_a_python_signature_equals_its_declaration(command, function):
    signature = inspect.signature(function)
    keyword = {name: p for name, p in signature.parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY}
    declared = {p.name: p for p in command.parameters() if "python" in p.doors}
    assert list(keyword) == list(declared)
    for name, parameter in keyword.items():
        assert parameter.default == (inspect.Parameter.empty if declared[name].required else declared[name].default)
        if name not in ("truth", "raw"):  # Python also takes an image there
            kind = str(parameter.annotation).removesuffix(" | None").removesuffix(" | os.PathLike[str]")
            assert KINDS[kind] is declared[name].kind
            assert (kind == "Sequence[str]") == declared[name].many


@pytest.mark.parametrize("command", COMMANDS)
def test_the_shell_has_an_option_for_every_parameter_with_the_same_default(command):
    words = ["a.tif", "--model", "m"] if "model" in names_of(command) else ["a.tif", "b.tif"]
    given = build_parser().parse_args([command.shell_name, *words])
    for declared in command.parameters():
        if "shell" in declared.doors:
            named = ["m"] if declared.many else "m"
            assert getattr(given, declared.name) == (named if declared.name == "model" else declared.default)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_parameter_has_a_help_text_and_a_lower_case_name(command):
    for declared in command.parameters():
        assert declared.help
        assert declared.name == declared.name.lower()


@pytest.mark.parametrize(
    ("name", "value"), [("min_size", 1.5), ("augment", 1), ("probability", "0.5"), ("min_size", True)]
)
def test_a_python_value_of_the_wrong_type_is_refused(name, value):
    with pytest.raises(UsageError, match=f"{name}="):
        Segment(model="m", **{name: value})


def test_an_unknown_parameter_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="did you mean 'min_size'"):
        Segment.parameter_of("minsize")


def test_a_list_is_given_in_every_door():
    parsed = parse_macro_options(Compare, "model=[nuclei-fluo, baseline:otsu-watershed]")
    shell = ["compare", "a.tif", "--model", "nuclei-fluo", "--model", "baseline:otsu-watershed"]
    assert read_options(Compare, build_parser().parse_args(shell)).model == parsed.model
    assert parsed.model == ("nuclei-fluo", "baseline:otsu-watershed")


@pytest.mark.parametrize("value", ["nuclei-fluo", [1], ["a", None]])
def test_a_list_must_be_one_of_texts(value):
    with pytest.raises(UsageError, match="model=.*a list of texts"):
        Compare(model=value)


@pytest.mark.parametrize("value", [(), []])
def test_a_list_that_is_required_must_not_be_empty(value):
    with pytest.raises(UsageError, match="no model was given"):
        Compare(model=value)


@pytest.mark.parametrize(
    ("command", "given", "message"),
    [
        (
            Train,
            {"name": "m y ü"},
            r"name='m y ü': no such value\. To do: give at most 63 small letters a to z, digits",
        ),
        (
            Train,
            {"seed": -1},
            r"seed=-1: it must be at least 0\. To do: give a whole number, at least 0 \(seed: the same",
        ),
        (Train, {"steps": "many"}, r"steps='many': str, not int\. To do: give a whole number, at least 1 \("),
        (Segment, {"model": "m", "tile": "big"}, r"no such value\. To do: give auto, none or a whole number of pixels"),
        (Segment, {"model": "m", "augment": 1}, r"augment=1: int, not bool\. To do: give true or false \("),
        (Segment, {"model": "m", "rois": "overlays"}, r"no such value\. To do: did you mean 'overlay'\?"),
    ],
)
def test_a_wrong_value_is_answered_with_what_may_be_given(command, given, message):
    with pytest.raises(UsageError, match=message):
        command(**given)


@pytest.mark.parametrize("command", [*COMMANDS, Train, Rerun])
def test_a_text_of_a_fixed_form_says_the_form_in_words(command):
    assert all(declared.form for declared in command.parameters() if declared.pattern)
