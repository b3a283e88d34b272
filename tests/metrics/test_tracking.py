"""Tracking scores: against py-ctcmetrics on files, on real sequences, and for each kind of error by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tifffile

from pybridge.core.errors import ImageError, UsageError
from pybridge.metrics.tracking import TrackingScores, score_tracks

MISSED, SPURIOUS, MERGED, ADD_LINK, DROP_LINK, CHANGE_LINK = 10, 1, 5, 1.5, 1, 1  # prices of Matula et al., table 1

# Four cells in five frames; cell 1 divides into 3 and 4 after frame 2; cell 2 stays, cell 5 comes in frame 3.
TRACKS = np.array([(1, 0, 2, 0), (2, 0, 4, 0), (3, 3, 4, 1), (4, 3, 4, 1), (5, 3, 4, 0)])
OBJECTS, LINKS = 3 + 5 + 2 + 2 + 2, 2 + 4 + 1 + 1 + 1 + 2
WHOLE = MISSED * OBJECTS + ADD_LINK * LINKS


def sequence():
    """Draw the tracks: each cell a square of its own, 5 × 5 pixels."""
    labels = np.zeros((5, 13, 41), np.uint16)
    for track, begin, end, _ in TRACKS:
        labels[begin : end + 1, 2:7, 8 * track - 6 : 8 * track - 1] = track
    return labels


def score(labels, tracks):
    return score_tracks(sequence(), TRACKS, labels, np.array(tracks))


def tracks_with(*changed, without=()):
    rows = {int(row[0]): tuple(int(value) for value in row) for row in TRACKS}
    rows.update({row[0]: row for row in changed})
    return [row for track, row in rows.items() if track not in without]


def errors_of(scores):
    names = ("missed_objects", "spurious_objects", "merged_objects", "missing_links", "spurious_links", "wrong_links")
    return {name: getattr(scores, name) for name in names if getattr(scores, name)}


def test_the_truth_against_itself_is_perfect():
    scores = score(sequence(), TRACKS)
    assert (scores.det, scores.seg, scores.tra, scores.lnk) == (1.0, 1.0, 1.0, 1.0)
    assert (scores.truth_objects, scores.truth_links) == (OBJECTS, LINKS)
    assert errors_of(scores) == {}


def test_other_ids_of_tracks_change_nothing():
    labels = np.array([0, 70, 9, 3, 60000, 1], np.uint16)[sequence()]
    tracks = [(70, 0, 2, 0), (9, 0, 4, 0), (3, 3, 4, 70), (60000, 3, 4, 70), (1, 3, 4, 0)]
    assert score(labels, tracks) == score(sequence(), TRACKS)


def test_a_missed_object_lowers_all():
    labels = sequence()
    labels[0][labels[0] == 2] = 0
    scores = score(labels, tracks_with((2, 1, 4, 0)))
    assert errors_of(scores) == {"missed_objects": 1, "missing_links": 1}
    assert scores.det == pytest.approx(1 - 1 / OBJECTS)
    assert scores.seg == pytest.approx(1 - 1 / OBJECTS)
    assert scores.tra == pytest.approx(1 - (MISSED + ADD_LINK) / WHOLE)
    assert scores.lnk == pytest.approx(1 - 1 / LINKS)


def test_a_spurious_object_lowers_detection_and_not_seg():
    labels = sequence()
    labels[1, 9:12, 1:4] = 9
    scores = score(labels, tracks_with((9, 1, 1, 0)))
    assert errors_of(scores) == {"spurious_objects": 1}
    assert scores.det == pytest.approx(1 - SPURIOUS / (MISSED * OBJECTS))
    assert scores.tra == pytest.approx(1 - SPURIOUS / WHOLE)
    assert (scores.seg, scores.lnk) == (1.0, 1.0)


def test_two_cells_found_as_one_are_to_be_split():
    labels = sequence()
    labels[0, 2:7, 2:15] = 2
    scores = score(labels, tracks_with((1, 1, 2, 0)))
    assert errors_of(scores) == {"merged_objects": 1, "missing_links": 2}
    assert scores.det == pytest.approx(1 - MERGED / (MISSED * OBJECTS))
    assert scores.seg < 1


def test_a_track_cut_in_two_misses_a_link():
    labels = sequence()
    labels[2:][labels[2:] == 2] = 8
    scores = score(labels, tracks_with((2, 0, 1, 0), (8, 2, 4, 0)))
    assert errors_of(scores) == {"missing_links": 1}
    assert (scores.det, scores.seg) == (1.0, 1.0)
    assert scores.tra == pytest.approx(1 - ADD_LINK / WHOLE)


def test_a_missed_division_misses_two_links():
    scores = score(sequence(), tracks_with((3, 3, 4, 0), (4, 3, 4, 0)))
    assert errors_of(scores) == {"missing_links": 2}


def test_a_daughter_taken_for_the_mother_is_a_wrong_link():
    labels = sequence()
    labels[labels == 3] = 1
    scores = score(labels, tracks_with((1, 0, 4, 0), (4, 3, 4, 0), without=(3,)))
    assert errors_of(scores) == {"missing_links": 1, "wrong_links": 1}
    assert scores.tra == pytest.approx(1 - (ADD_LINK + CHANGE_LINK) / WHOLE)


def test_swapped_identities_have_spurious_and_missing_links():
    labels = sequence()
    one, two = labels[1:3] == 1, labels[1:3] == 2
    labels[1:3][one], labels[1:3][two] = 2, 1
    scores = score(labels, TRACKS)
    # 0 → 1 both are crossed; 2 → 3 the tracks are again where they were: 2 goes on from 1's place, both daughters too
    assert errors_of(scores) == {"missing_links": 5, "spurious_links": 5}
    assert (scores.det, scores.seg) == (1.0, 1.0)
    assert scores.lnk < 1


def test_smaller_objects_lower_seg_alone():
    labels = sequence()
    labels[:, 2] = 0
    scores = score(labels, TRACKS)
    assert (scores.det, scores.tra, scores.seg) == (1.0, 1.0, pytest.approx(0.8))


def random_result(seed):
    """The tracks with objects left out, joined, added, and links changed; each object that is left is its own track."""
    rng = np.random.default_rng(seed)
    labels, tracks, name = np.zeros_like(sequence()), [], 0
    for frame, truth in enumerate(sequence()):
        for track in np.unique(truth[truth > 0]):
            draw = rng.random()
            if draw < 0.2:
                continue
            if draw < 0.8 or not name:
                name += 1
                parents = [row for row in tracks if row[2] < frame] if rng.random() < 0.7 else []
                parent = parents[int(rng.random() * len(parents))][0] if parents else 0
                tracks.append((name, frame, frame, parent))
            elif tracks[-1][1] != frame:
                continue
            labels[frame][truth == track] = name
    return labels, np.array(tracks)


@pytest.mark.filterwarnings("ignore:Empty frame:UserWarning")
@pytest.mark.parametrize("seed", range(8))
def test_scores_equal_those_of_ctcmetrics_on_files(tmp_path, seed):
    from ctc_metrics import evaluate_sequence

    labels, tracks = random_result(seed)
    write_frames(tmp_path / "01_GT" / "TRA", sequence(), "man_track", TRACKS)
    write_frames(tmp_path / "01_GT" / "SEG", sequence(), "man_seg")
    write_frames(tmp_path / "01_RES", labels, "mask", tracks)
    theirs = evaluate_sequence(
        str(tmp_path / "01_RES"), str(tmp_path / "01_GT"), ["Valid", "DET", "SEG", "TRA", "LNK"], threads=1
    )
    ours = score(labels, tracks)
    assert theirs["Valid"] == 1
    assert (ours.det, ours.seg, ours.tra, ours.lnk) == pytest.approx(
        tuple(theirs[name] for name in ("DET", "SEG", "TRA", "LNK")), abs=1e-12
    )
    assert ours.missed_objects == theirs["AOGM_FN"]
    assert ours.merged_objects == theirs["AOGM_NS"]
    assert ours.spurious_links == theirs["AOGM_ED"]


def long_tracks(seed):
    """The sequence as a result of its own: tracks cut, with or without a parent, left out, swapped, joined, moved."""
    rng = np.random.default_rng(seed)
    labels, rows, name = sequence(), [row.tolist() for row in TRACKS], 10
    for row in [row for row in rows if rng.random() < 0.6]:
        kind, (track, begin, end, _) = rng.random(), row
        if kind < 0.3:
            labels[labels == track] = 0
            rows.remove(row)
        elif kind < 0.7 and end > begin:
            cut = int(rng.integers(begin + 1, end + 1))
            labels[cut:][labels[cut:] == track] = name
            for other in rows:
                other[3] = name if other[3] == track else other[3]
            rows.append([name, cut, end, track if rng.random() < 0.5 else 0])
            row[2], name = cut - 1, name + 1
        elif kind < 0.85:
            labels[begin : end + 1, 9:12, 8 * track - 5] = track  # outlines that are not the same
        else:
            row[3] = 0
    present = {row[0] for row in rows}
    for row in rows:
        row[3] = row[3] if row[3] in present else 0
    ends = {row[0]: row[2] for row in rows}
    late = [track for track, end in ends.items() if end == 4]
    if len(late) > 1 and rng.random() < 0.7:
        one, other = late[:2]
        last = labels[4].copy()
        labels[4][last == one], labels[4][last == other] = other, one
    return labels, np.array(rows).reshape(-1, 4)


@pytest.mark.filterwarnings("ignore:Empty frame:UserWarning")
@pytest.mark.parametrize("depth", [None, 3], ids=["planes", "volumes"])
@pytest.mark.parametrize("seed", range(6))
def test_tracks_over_many_frames_score_as_in_ctcmetrics_on_files(tmp_path, seed, depth):
    from ctc_metrics import evaluate_sequence

    truth, (labels, tracks) = sequence(), long_tracks(seed)
    if depth:
        truth, labels = (np.repeat(frames[:, None], depth, 1) for frames in (truth, labels))
        labels[:, 0] = 0
    for folder, frames, stem in (("01_GT/TRA", truth, "man_track"), ("01_GT/SEG", truth, "man_seg")):
        write_frames(tmp_path / folder, frames, stem, TRACKS if stem == "man_track" else None)
    write_frames(tmp_path / "01_RES", labels, "mask", tracks)
    names = ["DET", "SEG", "TRA", "LNK"]
    theirs = evaluate_sequence(str(tmp_path / "01_RES"), str(tmp_path / "01_GT"), ["Valid", *names], threads=1)
    ours = score_tracks(truth, TRACKS, labels, tracks)
    assert theirs["Valid"] == 1
    assert (ours.det, ours.seg, ours.tra, ours.lnk) == pytest.approx(tuple(theirs[name] for name in names), abs=1e-12)
    assert tuple(getattr(ours, name) for name in OPERATIONS.values()) == tuple(theirs[name] for name in OPERATIONS)
    assert ours.tra < 1


OPERATIONS = {
    "AOGM_FN": "missed_objects",
    "AOGM_FP": "spurious_objects",
    "AOGM_NS": "merged_objects",
    "AOGM_EA": "missing_links",
    "AOGM_ED": "spurious_links",
    "AOGM_EC": "wrong_links",
}


def write_frames(folder, frames, stem, table=None):
    folder.mkdir(parents=True)
    for frame, image in enumerate(frames):
        tifffile.imwrite(folder / f"{stem}{frame:03d}.tif", image)
    if table is not None:
        np.savetxt(folder / ("man_track.txt" if stem == "man_track" else "res_track.txt"), table, "%d")


def read_sequence(folder):
    labels = np.stack([tifffile.imread(path) for path in sorted(folder.glob("man_track*.tif"))])
    return labels, np.loadtxt(folder / "man_track.txt", dtype=np.int64, ndmin=2)


@pytest.mark.parametrize("name", ["Fluo-N2DH-SIM+_01", "Fluo-N2DH-GOWT1_01"])
def test_real_truth_against_itself_is_perfect(shared_data, name):
    labels, tracks = read_sequence(shared_data / "tracking" / name / "01_GT" / "TRA")
    scores = score_tracks(labels, tracks, labels, tracks)
    assert (scores.det, scores.seg, scores.tra, scores.lnk) == (1.0, 1.0, 1.0, 1.0)
    assert scores.truth_objects > 1000


def test_errors_in_real_tracks_lower_what_they_should(shared_data):
    labels, tracks = read_sequence(shared_data / "tracking" / "Fluo-N2DH-SIM+_01" / "01_GT" / "TRA")

    def scored(pixels, table):
        return score_tracks(labels, tracks, pixels, np.array(table))

    first = int(tracks[tracks[:, 1] < tracks[:, 2]][0, 0])
    whole = tracks.tolist()
    begin, end = next((b, e) for t, b, e, _ in whole if t == first)
    # its first frame left out
    missing = labels.copy()
    missing[begin][missing[begin] == first] = 0
    scores = scored(missing, [(t, b + (t == first), e, p) for t, b, e, p in whole])
    assert errors_of(scores) == {"missed_objects": 1, "missing_links": 1}
    assert max(scores.det, scores.seg, scores.tra) < 1
    # cut in two
    cut = labels.copy()
    cut[end][cut[end] == first] = 60000
    rows = [(t, b, e - (t == first), 60000 if p == first else p) for t, b, e, p in whole]
    scores = scored(cut, [*rows, (60000, end, end, 0)])
    assert errors_of(scores) == {"missing_links": 1}
    assert scores.tra < 1 == scores.det == scores.seg
    # one object too many
    more = labels.copy()
    corner = np.argwhere(more[0] == 0)[0]
    more[0, corner[0], corner[1]] = 60001
    scores = scored(more, [*whole, (60001, 0, 0, 0)])
    assert errors_of(scores) == {"spurious_objects": 1}
    assert max(scores.det, scores.tra) < 1 == scores.seg
    # divisions forgotten
    scores = scored(labels, [(t, b, e, 0) for t, b, e, _ in whole])
    assert errors_of(scores) == {"missing_links": int((tracks[:, 3] > 0).sum())}
    # everything a pixel too far right
    assert scored(np.roll(labels, 1, 2), whole).seg < 1


def test_seg_can_have_a_truth_of_its_own(shared_data):
    folder = shared_data / "tracking" / "Fluo-N2DH-GOWT1_01" / "01_GT"
    markers, tracks = read_sequence(folder / "TRA")
    outlines = {frame: tifffile.imread(folder / "SEG" / f"man_seg{frame:03d}.tif") for frame in (21, 31)}
    scores = score_tracks(markers, tracks, markers, tracks, segmentation_truth=outlines)
    assert scores.det == scores.tra == 1.0
    assert scores.seg < 1.0  # markers are smaller than the nuclei


def test_stacks_are_scored_as_a_whole():
    labels = np.repeat(sequence()[:, None], 3, axis=1)
    labels[:, 2] = 0
    scores = score_tracks(labels, TRACKS, labels, TRACKS)
    assert (scores.det, scores.tra, scores.truth_objects) == (1.0, 1.0, OBJECTS)


def test_an_empty_result_scores_zero_and_an_empty_truth_nothing():
    empty, none = np.zeros_like(sequence()), np.zeros((0, 4), int)
    scores = score_tracks(sequence(), TRACKS, empty, none)
    assert (scores.det, scores.seg, scores.tra, scores.lnk) == (0.0, 0.0, 0.0, 0.0)
    assert (scores.missed_objects, scores.missing_links) == (OBJECTS, LINKS)
    scores = score_tracks(empty, none, sequence(), TRACKS)
    assert all(math.isnan(value) for value in (scores.det, scores.seg, scores.tra, scores.lnk))
    assert scores.spurious_objects == OBJECTS


def test_a_single_frame_has_no_links():
    labels, tracks = sequence()[:1], np.array([(1, 0, 0, 0), (2, 0, 0, 0)])
    scores = score_tracks(labels, tracks, labels, tracks)
    assert (scores.det, scores.tra) == (1.0, 1.0)
    assert math.isnan(scores.lnk)


def test_scores_are_plain_numbers():
    scores = score(sequence(), TRACKS)
    for name in TrackingScores.__slots__:
        assert type(getattr(scores, name)) in (int, float)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((2, 0, 5, 0), "track 2 runs from frame 0 to 5, there are the frames 0 to 4"),
        ((2, 3, 1, 0), "track 2 runs from frame 3 to 1"),
        ((3, 3, 4, 77), "track 3 has the parent 77, which is not there"),
        ((3, 3, 4, 2), "track 3 begins in frame 3, its parent 2 ends in 4"),
    ],
)
def test_a_table_that_makes_no_sense_is_an_error(row, message):
    with pytest.raises(UsageError, match=f"table of the result: {message}"):
        score(sequence(), tracks_with(row))


def test_tables_of_another_form_are_an_error():
    with pytest.raises(UsageError, match="a track id is there twice"):
        score(sequence(), [*TRACKS, (1, 0, 2, 0)])
    with pytest.raises(UsageError, match=r"it has shape \(5, 3\)"):
        score(sequence(), TRACKS[:, :3])
    with pytest.raises(UsageError, match="holds float64"):
        score(sequence(), TRACKS.astype(float))


def test_labels_and_tables_must_agree():
    labels = sequence()
    labels[1][labels[1] == 2] = 0
    with pytest.raises(ImageError, match="in frame 1, track 2 is only in the table"):
        score(labels, TRACKS)
    labels[1, 0, 0] = 9
    with pytest.raises(ImageError, match="in frame 1, track 9 is only in the image"):
        score(labels, TRACKS)


def test_images_that_do_not_fit_are_an_error():
    with pytest.raises(ImageError, match=r"labels of shape \(4, 13, 41\), the truth \(5, 13, 41\)"):
        score(sequence()[:4], TRACKS)
    with pytest.raises(UsageError, match="segmentation of frame 9"):
        score_tracks(sequence(), TRACKS, sequence(), TRACKS, segmentation_truth={9: sequence()[0]})


def test_single_slices_of_a_volume_can_be_the_truth_of_seg():
    markers = np.zeros((5, 4, 13, 41), np.uint16)
    markers[:, 1:3] = sequence()[:, None]
    result = markers.copy()
    result[0, 2, 2] = 0  # of five rows in slice 2 of frame 0 four are left
    one, other = markers[0, 1], np.where(markers[0, 2] == 2, 7, 0)

    def seg(**truths):
        return score_tracks(markers, TRACKS, result, TRACKS, segmentation_truth=truths["truths"]).seg

    assert seg(truths={(0, 1): one}) == 1.0
    assert seg(truths={(0, 2): other}) == 0.8
    # each object of each slice counts once: two in the first, one in the second
    assert seg(truths={(0, 1): one, (0, 2): other}) == pytest.approx((1 + 1 + 0.8) / 3)
    assert seg(truths={(0, 2): other, 4: markers[4]}) == pytest.approx((0.8 + 4) / 5)
    with pytest.raises(UsageError, match="slice 4 of frame 0: there are the slices 0 to 3"):
        seg(truths={(0, 4): one})
    with pytest.raises(UsageError, match="slice 1 of frame 9: there are the frames 0 to 4"):
        seg(truths={(9, 1): one})
    with pytest.raises(UsageError, match="slice 0 of frame 0: its frames have no slices"):
        score_tracks(sequence(), TRACKS, sequence(), TRACKS, segmentation_truth={(0, 0): one})
