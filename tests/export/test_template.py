"""Templates: from YAML or an existing model to tensors; what cannot be is named before torch is imported."""

import subprocess
import sys

import numpy as np
import pytest

from pybridge.cli import main
from pybridge.core.errors import ModelNotFoundError, UsageError
from pybridge.export.example import EXAMPLE
from pybridge.export.sample import image_for
from pybridge.export.template import read_template
from pybridge.export.template_file import TemplateFile
from pybridge.export.tensors import channel_names_of, halo_of, stepped
from pybridge.files.yaml_file import parse_yaml
from pybridge.zoo.model import DecoderSpec, FixedSize, SteppedSize, TiedSize
from pybridge.zoo.processing import EnsureDtype, ScaleLinear, ScaleRange, Sigmoid, ZeroMeanUnitVariance
from tests.builders.folders import channel, tied_axes, write_model
from tests.builders.networks import half_resolution, plain


def read(tmp_path, text, *, id="new"):
    path = tmp_path / "like.yaml"
    path.write_text(text, encoding="utf-8")
    return read_template(path, id=id)


def test_the_template_in_the_help_is_one(tmp_path):
    template = read(tmp_path, EXAMPLE)
    assert template.id == "my-cells"
    assert channel_names_of(template.input) == ("membrane", "nuclei")
    assert [axis.size for axis in template.input.axes[2:]] == [SteppedSize(16, 16)] * 2
    assert template.input.steps == (EnsureDtype("float32"), ScaleRange(("y", "x"), 1.0, 99.8, 1e-6))
    assert template.output.steps == (Sigmoid(),)
    assert template.output.axis("X").size == TiedSize("image", "x")
    assert template.config.decoder == DecoderSpec("foreground", 0.5, 0.5, 20)
    assert template.text.license == "CC-BY-4.0"


def test_help_shows_the_template(capsys):
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    shown = capsys.readouterr().out
    for line in EXAMPLE.splitlines():
        assert line in shown
    assert "--architecture" in shown


@pytest.mark.parametrize(
    ("normalisation", "step"),
    [
        ("{kind: mean_std}", ZeroMeanUnitVariance(("z", "y", "x"), 1e-6)),
        ("{kind: linear, gain: 0.5, offset: -1}", ScaleLinear((0.5,), (-1.0,))),
        ("{low_percentile: 3, high_percentile: 99, kind: percentiles}", ScaleRange(("z", "y", "x"), 3.0, 99.0, 1e-6)),
    ],
)
def test_a_volume_of_one_size_with_a_normalisation(tmp_path, normalisation, step):
    template = read(
        tmp_path,
        f"{{name: vol, dims: 3, size: [5, 24, 32], normalisation: {normalisation}, output: {{channel_names: [a]}}}}",
    )
    assert template.input.letters == "BCZYX"
    assert [axis.size for axis in template.input.axes[2:]] == [FixedSize(5), FixedSize(24), FixedSize(32)]
    assert template.input.steps[1] == step
    assert template.config.task == "predict"
    assert image_for(template.input).shape == (1, 5, 24, 32)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: a\nstep: 8\ndecoder: {name: offsett}", "did you mean 'offsets'"),
        ("name: a\nstep: 8", "output.channel_names is needed"),
        ("name: a\nstep: 8\ndecoder: {name: star_convex}", "output.channel_names is needed"),
        ("name: a\ndecoder: {name: offsets}", "give either step"),
        ("name: a\nstep: 8\nsize: [8, 8]\ndecoder: {name: offsets}", "give either step"),
        ("name: a\nsize: [8]\ndecoder: {name: offsets}", "size has 1 numbers for 2 dimensions"),
        ("name: a\nstep: 8\nminimum: 12\ndecoder: {name: offsets}", "no multiple of step 8"),
        ("name: a\nstpe: 8\ndecoder: {name: offsets}", "stpe: Extra inputs are not permitted"),
        ("name: A b\nstep: 8\ndecoder: {name: offsets}", "name: String should match"),
        ("name: a\nstep: 8\nabout: {cite: [{text: Me}]}\ndecoder: {name: offsets}", "give doi or url"),
        ("- 1", "all: Input should be"),
        ("a: [", "read the template"),
    ],
)
def test_a_wrong_template_is_refused_with_the_setting(tmp_path, text, message):
    with pytest.raises(UsageError, match=message):
        read(tmp_path, text)


def test_a_model_as_template_gives_tensors_decoder_and_texts_but_not_its_scores(tmp_path):
    folder = write_model(
        tmp_path / "m",
        plain(channels_in=2, channels_out=3),
        channels_in=2,
        channels_out=3,
        size={"min": 24, "step": 8},
        halo=10,
        preprocessing=[
            {"id": "scale_range", "kwargs": {"axes": ["y", "x"], "min_percentile": 2, "max_percentile": 98}}
        ],
        config={
            "task": "segment",
            "decoder": {"name": "offsets", "probability": 0.4, "min_size": 9},
            "scores": {"val": {"ap_0.50": 0.9}},
        },
    )
    template = read_template(folder, id="new one")
    assert template.id == "new-one"
    assert [axis.size for axis in template.input.axes[2:]] == [SteppedSize(24, 8)] * 2
    assert ScaleRange(("y", "x"), 2.0, 98.0, 1e-6) in template.input.steps
    assert template.output.axis("Y").halo == 10
    assert template.config.decoder == DecoderSpec("offsets", 0.4, 0.5, 9)
    assert template.config.scores == {}
    assert (template.text.license, template.text.authors) == ("MIT", ("A. Tester",))
    assert (template.text.cite[0].text, template.text.cite[0].doi) == ("Nobody 2026", "10.1000/xyz123")
    assert template.input.test_tensor is None


def test_a_model_of_another_form_is_no_template(tmp_path):
    outputs = [
        {
            "id": "o",
            "axes": [{"type": "batch"}, channel("a", "b"), *tied_axes("yx", scale=0.5)],
            "test_tensor": {"source": "test_output.npy"},
        }
    ]
    folder = write_model(tmp_path / "m", half_resolution(), size={"min": 2, "step": 2}, outputs=outputs)
    with pytest.raises(UsageError, match="its output axis 'y' has not the length of the input's"):
        read_template(folder, id="x")
    with pytest.raises(ModelNotFoundError, match="did you mean"):
        read_template("nuclei-flou", id="x")


def test_a_test_image_of_the_template_is_used_where_it_fits(tmp_path):
    template = read(tmp_path, "name: a\nstep: 8\noutput: {channel_names: [b]}")
    mine = np.ones((1, 24, 40))
    assert image_for(template.input, mine).shape == (1, 24, 40)
    for wrong in (np.ones((1, 24, 41)), np.ones((2, 24, 40)), np.ones((24, 40)), None):
        assert image_for(template.input, wrong).shape == (1, 192, 256)


def test_halos_are_less_than_half_the_smallest_image():
    for step in (1, 2, 8, 16, 96):
        size = stepped(step)
        assert halo_of(size) <= 3 * step // 2
        assert 2 * halo_of(size) < size.minimum
    assert halo_of(FixedSize(64)) == 0


def test_templates_are_read_without_torch():
    code = "import sys, pybridge.export.template, pybridge.export.package; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_field_of_the_example_is_known():
    assert TemplateFile.model_validate(parse_yaml(EXAMPLE, asked="", do="")).output.activation == "sigmoid"
