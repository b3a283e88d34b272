"""The pixel forest: ONNX equals numpy and scikit-learn, training is repeatable, the folder is a model like others."""

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pybridge
from pybridge import zoo
from pybridge.baselines.forest_features import FEATURES, find_features, kernel, margin_px
from pybridge.baselines.forest_graph import forest_to_onnx
from pybridge.baselines.forest_marks import MarkedPixels, find_marks, gather_marks, normalise
from pybridge.baselines.forest_training import ForestSettings, fit_forest, judge_forest, train_forest
from pybridge.baselines.scribbles import (
    BACKGROUND,
    BORDER,
    INSIDE,
    labels_to_classes,
    labels_to_scribbles,
    rois_to_scribbles,
)
from pybridge.core.errors import ImageError, OutputExistsError, UsageError
from pybridge.core.image import Image
from pybridge.samples import simulate_nuclei
from pybridge.tasks.verify_model import verify_model

SMALL = ForestSettings(trees=6, seed=3)


@pytest.fixture(scope="module")
def nuclei():
    return [simulate_nuclei(shape=(90, 120), count=7, seed=seed) for seed in range(3)]


@pytest.fixture(scope="module")
def forest(nuclei):
    images, truths = zip(*nuclei, strict=True)
    marks = [labels_to_scribbles(truth.array, pixels=400) for truth in truths]
    return fit_forest(gather_marks(images, marks), SMALL)


@pytest.fixture(scope="module")
def graph_of_features(forest):
    """The forest's graph with its features as the only output: they are turned before the trees take them."""
    model = forest_to_onnx(forest)
    (turned,) = [
        node
        for node in model.graph.node
        if node.op_type == "Transpose" and list(node.attribute[0].ints) == [0, 2, 3, 1]
    ]
    del model.graph.output[:]
    shape = ["batch", len(FEATURES), "y", "x"]
    model.graph.output.append(onnx.helper.make_tensor_value_info(turned.input[0], onnx.TensorProto.FLOAT, shape))
    return model


def run(model, plane):
    # The room's own engine would cut and normalise; here the graph alone is looked at.
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: plane[None, None]})[0][0]


@settings(deadline=None, max_examples=8)
@given(height=st.integers(64, 100), width=st.integers(64, 100), seed=st.integers(0, 99))
def test_the_features_of_the_graph_are_those_of_numpy(graph_of_features, height, width, seed):
    plane = np.random.default_rng(seed).random((height, width), np.float32)
    np.testing.assert_allclose(run(graph_of_features, plane), find_features(plane), atol=1e-4, rtol=0)


def test_the_features_are_what_their_names_say():
    y, x = np.mgrid[:80, :90].astype(np.float32)
    found = dict(zip(FEATURES, find_features(3 * x + 2 * y), strict=True))
    inner = (slice(40, 41), slice(45, 46))
    assert found["gradient 2"][inner] / 2 == pytest.approx(np.hypot(3, 2), rel=1e-3)
    assert abs(found["Laplacian 2"][inner]) < 1e-2
    assert found["edge 2"][inner] / 4 == pytest.approx(13, rel=1e-3)
    assert abs(found["corner 2"][inner]) < 0.01
    found = dict(zip(FEATURES, find_features((x - 45) ** 2), strict=True))
    assert found["ridge 2"][inner] / 4 == pytest.approx(2, rel=1e-2)
    assert found["pixel"][40, 50] == 25


@pytest.mark.parametrize("sigma", [0.5, 1.0, 2.3, 8.0])
def test_derivative_kernels_are_right_on_a_parabola(sigma):
    reach = (len(kernel(sigma, 0)) - 1) // 2
    place = np.arange(-reach, reach + 1, dtype=np.float64)
    parabola = 3 + 2 * place + 0.5 * place**2
    assert kernel(sigma, 1) @ parabola == pytest.approx(2 * sigma, rel=1e-4)
    assert kernel(sigma, 2) @ parabola == pytest.approx(sigma**2, rel=1e-4)


def test_the_graph_gives_the_probabilities_of_scikit_learn(forest, nuclei):
    plane = normalise(nuclei[0][0].array)
    features = find_features(plane)
    wanted = forest.predict_proba(features.reshape(len(FEATURES), -1).T).T.reshape(3, *plane.shape)
    found = run(forest_to_onnx(forest), plane)
    assert found.shape == wanted.shape
    # A feature that lies on a tree's threshold to the last digit may fall to either side.
    same = np.isclose(found[0], wanted[1] + wanted[2], atol=1e-4) & np.isclose(found[2], wanted[2], atol=1e-4)
    assert same.mean() > 0.999


def test_training_gives_a_model_that_passes_its_own_test(nuclei, tmp_path):
    images, truths = zip(*nuclei, strict=True)
    marks = [labels_to_scribbles(truth.array, pixels=600) for truth in truths]
    model = train_forest(images[:2], marks[:2], tmp_path / "mine", settings=SMALL)
    assert model.id == "mine"
    assert model.decoder.name == "boundary"
    assert model.config.training["marks"] == {"background": 600, "inside": 300, "border": 300}
    check = verify_model(model, devices=("cpu",))
    assert check.passed, check.checks
    assert {each.verdict for each in check.checks} == {"passed"}
    result = pybridge.segment(images[2], model=str(tmp_path / "mine"), truth=truths[2])
    assert result.record.scores["pooled"]["0.50"]["ap"] > 0.5
    assert "6 trees" in (tmp_path / "mine" / "README.md").read_text()


def test_the_same_marks_and_seed_give_the_same_forest(nuclei, tmp_path):
    (image, truth), *_ = nuclei
    marks = labels_to_scribbles(truth.array, pixels=300, border=False)
    made = [
        train_forest([image], [marks], tmp_path / name, settings=ForestSettings(trees=4, seed=seed))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert made[0].sha256 == made[1].sha256 != made[2].sha256
    assert made[0].decoder.name == "foreground"


def test_small_images_and_stacks_can_be_learnt_from(tmp_path):
    planes = [simulate_nuclei(shape=(50, 60), count=3, seed=seed) for seed in range(2)]
    image = Image(np.stack([each.array for each, _ in planes]), "ZYX")
    marks = np.stack([labels_to_scribbles(truth.array, pixels=200) for _, truth in planes])
    marks[1] = 0
    model = train_forest([image], [marks], tmp_path / "m", settings=SMALL)
    assert pybridge.segment(image, model=str(model.folder)).labels.array.shape == (2, 50, 60)


def test_the_features_of_a_large_plane_are_computed_in_blocks(monkeypatch):
    from pybridge.baselines import forest_marks

    image = Image(np.random.default_rng(2).random((230, 190), np.float32), "YX")
    marks = np.zeros((230, 190), np.uint8)
    marks[::23, ::17], marks[100:, 100:] = 1, 0
    marks[-1, -1] = 2
    whole = find_marks(image, marks)
    monkeypatch.setattr(forest_marks, "_BLOCK_PX", 67)
    parts = find_marks(image, marks)

    def rows(found):
        return found.features[np.lexsort(found.features.T)]

    np.testing.assert_array_equal(rows(parts), rows(whole))
    assert parts.counts == whole.counts


@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (6, 5, 7)])
def test_scribbles_of_a_stack_have_its_frames_and_slices(shape):
    image = Image(np.random.default_rng(2).random((2, 3, 5, 7), np.float32), "TZYX")
    assert find_marks(image, np.ones(shape, np.uint8)).counts == (210, 0, 0)


@pytest.mark.parametrize("shape", [(3, 2, 5, 7), (2, 3, 7, 5), (5, 7), (210,)])
def test_scribbles_of_other_frames_and_slices_are_refused(shape):
    image = Image(np.zeros((2, 3, 5, 7), np.float32), "TZYX")
    with pytest.raises(ImageError, match=r"2 frame\(s\), 3 slice\(s\) of 5 x 7"):
        find_marks(image, np.ones(shape, np.uint8))


def test_images_without_scribbles_are_not_counted(nuclei, tmp_path):
    (image, truth), (other, _), *_ = nuclei
    marks = labels_to_scribbles(truth.array, pixels=100, border=False)
    model = train_forest([image, other], [marks, np.zeros((90, 120), np.uint8)], tmp_path / "m", settings=SMALL)
    assert model.config.training["images"] == 1


def test_a_forest_that_grows_in_steps_is_the_same_forest(nuclei, monkeypatch):
    from pybridge.baselines import forest_training

    image, truth = nuclei[0]
    marks = find_marks(image, labels_to_scribbles(truth.array, pixels=400))
    whole = fit_forest(marks, SMALL)
    monkeypatch.setattr(forest_training, "_MANY_MARKS", 10)
    steps = fit_forest(marks, SMALL)
    assert forest_to_onnx(whole).SerializeToString() == forest_to_onnx(steps).SerializeToString()


def test_out_of_bag_is_what_scikit_learn_says(nuclei):
    from sklearn.ensemble import RandomForestClassifier

    images, truths = zip(*nuclei, strict=True)
    marks = gather_marks(images, [labels_to_scribbles(truth.array, pixels=400) for truth in truths])
    settings = ForestSettings(trees=30, seed=5)
    judged = judge_forest(fit_forest(marks, settings), marks)
    theirs = RandomForestClassifier(
        30, max_depth=14, min_samples_leaf=5, max_features="sqrt", random_state=5, oob_score=True
    ).fit(marks.features, marks.classes)
    assert judged.right == pytest.approx(theirs.oob_score_, abs=1e-9)
    assert judged.marks == marks.classes.size
    share = np.bincount(marks.classes)[1:] / marks.classes.size
    assert np.dot(judged.right_of, share) == pytest.approx(judged.right, abs=1e-9)


def test_thinned_marks_keep_the_shares_of_the_classes():
    classes = np.repeat(np.array([1, 2, 3], np.uint8), [700, 200, 100])
    marks = MarkedPixels(np.arange(1000, dtype=np.float32)[:, None], classes)
    few = marks.thinned(100, seed=1)
    assert few.counts == (70, 20, 10)
    np.testing.assert_array_equal(few.features, marks.thinned(100, seed=1).features)
    assert marks.thinned(1000, seed=1) is marks


def test_classes_of_labels_know_touching_objects():
    labels = np.zeros((9, 14), np.uint16)
    labels[1:8, 1:7], labels[1:8, 7:13] = 5, 9
    classes = labels_to_classes(labels)
    assert classes[4].tolist() == [1, 3, 2, 2, 2, 2, 3, 3, 2, 2, 2, 2, 3, 1]
    assert set(np.unique(labels_to_classes(labels, border=False))) == {BACKGROUND, INSIDE}


def roi_of(points, kind=None, *, name="", group=0):
    from roifile import ROI_TYPE, ImagejRoi

    roi = ImagejRoi.frompoints(points, name=name)
    roi.roitype = ROI_TYPE.POLYGON if kind is None else getattr(ROI_TYPE, kind)
    roi.group = group
    return roi


def test_rois_become_scribbles_by_group_or_name():
    square = [[1, 1], [4, 1], [4, 4], [1, 4]]
    rois = [roi_of(square, name="Background 1"), roi_of([[x + 5, y] for x, y in square], name="0002", group=BORDER)]
    marks = rois_to_scribbles(rois, shape=(6, 12))
    assert marks.values[2].tolist() == [0, 1, 1, 1, 0, 0, 3, 3, 3, 0, 0, 0]
    assert marks.repainted == 0


@pytest.mark.parametrize(
    ("group", "name", "message"),
    [
        (0, "cell", "'cell' is in group 0 and its name begins with no class"),
        (7, "cell", "'cell' is in group 7"),
        (1, "inside 3", "'inside 3' is in group 1, background, but its name says inside"),
    ],
)
def test_a_roi_that_says_no_class_or_two_is_refused(group, name, message):
    with pytest.raises(ImageError, match=message):
        rois_to_scribbles([roi_of([[1, 1], [4, 1], [4, 4]], name=name, group=group)], shape=(6, 12))


def test_lines_and_points_are_scribbles_and_the_later_one_is_on_top():
    line = roi_of([[1, 2], [9, 2]], "FREELINE", group=BACKGROUND)
    line.stroke_width = 3
    rois = [line, roi_of([[9, 0], [9, 5]], "POLYLINE", group=INSIDE), roi_of([[0, 5], [2, 4]], "POINT", group=BORDER)]
    marks = rois_to_scribbles(rois, shape=(6, 11))
    assert marks.values.tolist() == [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0],
        [0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0],
        [0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0],
        [0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0],
        [0, 0, 3, 0, 0, 0, 0, 0, 0, 2, 0],
        [3, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0],
    ]
    assert marks.repainted == 3


@pytest.mark.parametrize(
    ("roi", "message"),
    [
        (
            roi_of([[30, 2], [40, 2]], "POLYLINE", name="inside", group=INSIDE),
            "'inside' cover.* of the 11 × 6",
        ),
        (roi_of([[-9, -9]], "POINT", name="inside", group=INSIDE), "cover.* no pixel"),
        (roi_of([[1, 2], [4, 2], [4, 4]], "ANGLE", name="inside", group=INSIDE), "an? angle covers no area"),
    ],
)
def test_marks_outside_and_angles_are_refused(roi, message):
    with pytest.raises(ImageError, match=message):
        rois_to_scribbles([roi], shape=(6, 11))


@pytest.mark.parametrize(
    ("marks", "error", "message"),
    [
        (np.zeros((90, 120), np.uint8), UsageError, "no pixel is marked"),
        (np.eye(90, 120, dtype=np.uint8), UsageError, "background 90, inside 0"),
        (np.ones((120, 90), np.uint8), ImageError, r"shape \(120, 90\) for 1 frame"),
        (np.full((90, 120), 4), ImageError, "values 4 to 4"),
        (np.ones((90, 120), np.float32), ImageError, "type float32"),
    ],
)
def test_marks_that_teach_nothing_are_refused(nuclei, tmp_path, marks, error, message):
    with pytest.raises(error, match=message):
        train_forest([nuclei[0][0]], [marks], tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_what_is_there_is_not_overwritten(nuclei, tmp_path):
    with pytest.raises(OutputExistsError):
        train_forest([nuclei[0][0]], [np.ones((90, 120), np.uint8)], tmp_path)
    with pytest.raises(OutputExistsError, match="no model folder"):
        train_forest([nuclei[0][0]], [np.ones((90, 120), np.uint8)], tmp_path, overwrite=True)


def test_the_shipped_forest_is_a_baseline_and_a_model():
    model = zoo.find("pixel-forest")
    assert model.weights_bytes < 10 * 2**20
    assert 2 * margin_px() < 128
    image, truth = simulate_nuclei(shape=(128, 160), count=8)
    result = pybridge.segment(image, model="baseline:pixel-forest", truth=truth, probability=0.5)
    assert result.record.model.id == "baseline:pixel-forest"
    assert result.record.model.sha256 == model.sha256
    assert result.record.scores["pooled"]["0.50"]["ap"] > 0.5
