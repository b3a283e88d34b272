"""What is said of scores and tests, without running any method."""

from __future__ import annotations

import numpy as np
import pytest

import pybridge
from pybridge.core.comparison import ComparedMethod
from pybridge.samples import simulate_nuclei
from pybridge.tasks.compare_forest import LeftOut
from pybridge.tasks.compare_scores import SCOUT_METRICS, compare_pairs, mean_counts, pool_counts, score_method
from pybridge.tasks.compare_task import is_simple
from pybridge.tasks.compare_words import describe_differences, start_simple

METRIC = SCOUT_METRICS[0]
NETWORK, SIMPLE = "nuclei-fluo", "baseline:otsu-watershed"


def compared(values: dict[str, list[float]], weights: list[float] | None = None):
    """Score methods by the mean of given values; the weights say how much an image counts."""
    heavy = np.ones(len(next(iter(values.values())))) if weights is None else np.array(weights)
    counts = {
        name: np.array([np.tile(mean_counts(value), 2) for value in each]) * heavy[:, None]
        for name, each in values.items()
    }
    pooled = {name: pool_counts(each, np.ones(len(heavy), bool)) for name, each in counts.items()}
    order = sorted(values, key=lambda name: -pooled[name].value(METRIC))
    methods = [
        ComparedMethod(
            model=name,
            is_baseline=name.startswith("baseline:"),
            place=place,
            scores=score_method(counts[name], pooled[name], [METRIC]),
            objects=(),
            seconds=(),
            load_s=0,
            train_s=0,
            own_memory_mib=0,
            used=None,
            device=None,
        )
        for place, name in enumerate(order, 1)
    ]
    return methods, compare_pairs(order, [pooled[name] for name in order], [METRIC])


def test_a_clear_difference_is_called_one_with_its_numbers() -> None:
    methods, tests = compared({NETWORK: [0.8, 0.9, 0.7, 0.85, 0.95, 0.75], SIMPLE: [0.2, 0.25, 0.3, 0.1, 0.15, 0.35]})
    (line,) = describe_differences(methods, tests, METRIC.name)
    assert line.startswith(f"{NETWORK} is steadier than {SIMPLE}: consistency under perturbation 0.825 against 0.225")
    assert line.endswith("p = 0.031 over 6 images.")
    assert start_simple(methods, tests, METRIC.name) == ()


def test_the_correction_is_named() -> None:
    values = {NETWORK: [0.8, 0.9, 0.7], SIMPLE: [0.2, 0.25, 0.3], "third": [0.1, 0.2, 0.3]}
    methods, tests = compared(values)
    line = describe_differences(methods, tests, METRIC.name)[0]
    assert "no difference could be shown" in line
    assert "p = 0.75 over 3 images, corrected for 3 pairs; so few images cannot show any, take at least 7" in line


def test_methods_that_are_alike_are_called_so_and_the_simple_one_is_praised() -> None:
    rng = np.random.default_rng(0)
    first = rng.uniform(0.4, 0.9, 12)
    methods, tests = compared({NETWORK: list(first + 0.001), SIMPLE: list(first + rng.normal(0, 0.05, 12))})
    assert "no difference could be shown" in describe_differences(methods, tests, METRIC.name)[0]
    (line,) = start_simple(methods, tests, METRIC.name)
    assert line.startswith(f"Start simple: {SIMPLE} is as good as {NETWORK} here, as far as 12 images tell")


def test_a_network_that_is_ahead_over_all_images_together_is_not_called_equal() -> None:
    network = [0.5, 0.52, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    simple = [0.51, 0.53, 0.51, 0.51, 0.0, 0.0, 0.0, 0.51]
    methods, tests = compared({NETWORK: network, SIMPLE: simple})
    assert not tests[0].is_shown
    assert tests[0].interval[0] > 0
    assert (
        f"no difference could be shown image by image, though {NETWORK} is ahead"
        in describe_differences(methods, tests, METRIC.name)[0]
    )
    (line,) = start_simple(methods, tests, METRIC.name)
    assert line.startswith("Start simple? Image by image no difference could be shown")


def test_with_too_few_images_a_baseline_that_scores_lower_is_not_praised() -> None:
    methods, tests = compared({NETWORK: [0.8, 0.9, 0.7], SIMPLE: [0.2, 0.3, 0.1]})
    assert start_simple(methods, tests, METRIC.name) == ()
    methods, tests = compared({NETWORK: [0.1, 0.3, 0.1], SIMPLE: [0.2, 0.3, 0.1]})
    assert len(start_simple(methods, tests, METRIC.name)) == 1


def test_a_better_baseline_is_called_better() -> None:
    methods, tests = compared({SIMPLE: [0.8, 0.9, 0.7, 0.85, 0.95, 0.75], NETWORK: [0.2, 0.25, 0.3, 0.1, 0.15, 0.35]})
    assert start_simple(methods, tests, METRIC.name)[0].startswith(f"Start simple: {SIMPLE} is better")


def test_without_a_baseline_or_a_network_nothing_is_praised() -> None:
    for names in (("a", "b"), (SIMPLE, "baseline:li-watershed")):
        methods, tests = compared({name: [0.5, 0.6] for name in names})
        assert start_simple(methods, tests, METRIC.name) == ()


def test_one_large_image_against_many_small_ones_is_no_difference() -> None:
    many = [0.5 + 0.01 * place for place in range(12)]
    values = {NETWORK: [*many, 0.52], SIMPLE: [*(each + 0.02 + each / 100 for each in many), 0.5]}
    methods, tests = compared(values, [1] * 12 + [1000])
    assert (methods[0].model, tests[0].is_contradictory, tests[0].is_shown) == (NETWORK, True, False)
    (line,) = describe_differences(methods, tests, METRIC.name)
    assert "no difference could be shown that holds both ways" in line
    assert f"{SIMPLE} on most images" in line


@pytest.mark.parametrize("value", [0.3, float("nan")])
def test_one_image_has_no_interval(value: float) -> None:
    methods, tests = compared({NETWORK: [value], SIMPLE: [0.2]})
    assert all(np.isnan(bound) for method in methods for bound in method.score(METRIC.name).interval)
    assert describe_differences(methods, tests, METRIC.name)


def test_a_forest_that_a_user_trained_is_a_simple_method(tmp_path) -> None:
    scribbled, truth = simulate_nuclei(shape=(96, 128), count=6, seed=0)
    trainer = LeftOut([scribbled] * 2, [truth.tzcyx()[:, :, 0].astype(np.int32)] * 2, folder=tmp_path, channel=None)
    assert is_simple(trainer.model_for(0))
    assert is_simple("pixel-forest")
    assert not is_simple(NETWORK)


def test_the_caveats_never_name_an_interval_that_is_not_there() -> None:
    pairs = [simulate_nuclei(shape=(96, 128), count=6, seed=seed) for seed in range(2)]
    images, truths = (list(each) for each in zip(*pairs, strict=True))
    models = [SIMPLE, "baseline:li-watershed:max_size=150"]
    one = pybridge.compare(images[0], model=models, truth=truths[0]).comparison.caveats
    assert one[0].startswith("From 1 image there is no interval")
    assert not any("interval of the difference" in each for each in one)
    two = pybridge.compare(images, model=models, truth=truths).comparison.caveats
    assert two[0].startswith("95 % intervals from 2 images are too narrow")
    assert any("look at the interval of the difference" in each for each in two)
