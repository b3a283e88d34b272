"""The parts of a description: what is written is what the zoo reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pybridge.core.errors import ModelError
from pybridge.export.about import CitationText, DatasetText, ModelText
from pybridge.export.description import check_text, config_content, steps_to_content
from pybridge.export.readme import complete_readme, missing_texts, plain_readme
from pybridge.zoo import processing as p
from pybridge.zoo.config import read_config
from pybridge.zoo.model import DecoderSpec, PyBridgeConfig
from pybridge.zoo.steps_from_spec import steps_of_v05

WHOLE = ModelText(
    title="Nuclei (test)",
    description="Made for a test.",
    license="MIT",
    authors=("A. Maker",),
    limits="Not for use.",
    cite=(CitationText(text="Nobody 2026", doi="10.1000/xyz123"),),
    training_data=DatasetText(name="Simulated nuclei", license="CC0-1.0", source="https://example.org/data"),
)

STEPS = [
    p.EnsureDtype("float32"),
    p.Binarize((0.5,)),
    p.Binarize((0.25, 0.5), "channel"),
    p.Clip(minimum=0.0, maximum=255.0),
    p.ScaleLinear((0.5,), (-1.0,)),
    p.ScaleLinear((0.5, 2.0), (0.0, 1.0), "channel"),
    p.Sigmoid(),
    p.Softmax("channel"),
    p.FixedZeroMeanUnitVariance((10.0,), (3.0,)),
    p.FixedZeroMeanUnitVariance((10.0, 20.0), (3.0, 4.0), "channel"),
    p.ZeroMeanUnitVariance(("y", "x"), 1e-6),
    p.ScaleRange(("y", "x"), 1.0, 99.8, 1e-6),
    p.ScaleRange(("y", "x"), 1.0, 99.8, 1e-6, "image"),
    p.ScaleMeanVariance("image", ("y", "x"), 1e-6),
]
NAMES = {
    "ensure_dtype": "EnsureDtype",
    "binarize": "Binarize",
    "clip": "Clip",
    "scale_linear": "ScaleLinear",
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
    "fixed_zero_mean_unit_variance": "FixedZeroMeanUnitVariance",
    "zero_mean_unit_variance": "ZeroMeanUnitVariance",
    "scale_range": "ScaleRange",
    "scale_mean_variance": "ScaleMeanVariance",
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_step_is_read_back_as_it_was(step):
    from bioimageio.spec.model import v0_5
    from pydantic import TypeAdapter

    (content,) = steps_to_content((step,))
    assert NAMES[content["id"]] == type(step).__name__
    kinds = v0_5.PreprocessingDescr if not isinstance(step, p.ScaleMeanVariance) else v0_5.PostprocessingDescr
    described = TypeAdapter(kinds).validate_python(content)
    assert steps_of_v05([described], tensor="image") == (step,)


def test_no_kind_of_step_is_left_out():
    assert {type(step) for step in STEPS} == set(p.STEPS)


@given(
    st.builds(
        PyBridgeConfig,
        task=st.sampled_from(["segment", "predict", None]),
        decoder=st.none()
        | st.builds(
            DecoderSpec,
            name=st.sampled_from(["offsets", "boundary"]),
            probability=st.floats(0, 1),
            overlap=st.floats(0, 1),
            min_size=st.integers(0, 100),
            parameters=st.just((("reach", 2.5),)),
        ),
        channel=st.none() | st.just("nuclei"),
        scores=st.dictionaries(st.text(max_size=5), st.floats(0, 1), max_size=3),
        network=st.just({"channels": 2}),
        training=st.just({"config": {"steps": 5}}),
    )
)
def test_our_block_is_read_back_as_it_was(config):
    assert read_config({"pybridge": config_content(config)}, asked="read it") == config


def test_a_text_that_the_format_takes_passes():
    check_text("nuclei", WHOLE)
    check_text("abc", ModelText())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"license": "free for all"}, "license"),
        ({"title": "A/B: test?"}, "name"),
        ({"cite": (CitationText(text="x", doi="not a doi"),)}, "cite"),
    ],
)
def test_a_text_that_it_does_not_take_is_named_before_any_work(changes, field):
    with pytest.raises(ModelError, match=field):
        check_text("nuclei", WHOLE.model_copy(update=changes))


def test_a_citation_says_where():
    with pytest.raises(ValueError, match="give doi or url"):
        CitationText(text="Me")


def test_what_is_missing_is_listed_and_nothing_is_made_up():
    assert missing_texts(WHOLE) == ()
    assert "Not stated" not in complete_readme("# A", WHOLE, parity="| a |", parity_limit=1e-4)
    silent = complete_readme("# A", WHOLE.model_copy(update={"license": None}), parity="| a |", parity_limit=1e-4)
    assert silent.endswith("## Not stated\n\nNobody has said yet: licence. Ask its makers before relying on it.\n")
    assert "more than 0.0001 would have been refused" in silent


def test_a_plain_readme_says_what_its_makers_said():
    text = plain_readme("tiny", WHOLE, made_from="best.pt", how="Its outputs are images.")
    for said in ("# Nuclei (test)", "`best.pt`", "Licence: CC0-1.0", "https://doi.org/10.1000/xyz123", "Not for use."):
        assert said in text
