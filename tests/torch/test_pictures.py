"""Pictures that need matplotlib: curves and the contact sheet."""

import io

import numpy as np
from PIL import Image

from pybridge.training.curves import draw_curves
from pybridge.training.pictures import Picture, draw_contact_sheet
from tests.builders.records import history_of


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def share(picture, colour):
    return (np.abs(picture.astype(int) - colour).max(-1) < 12).mean()


BLUE, ORANGE, GREEN, GREY = (0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73), (0x59, 0x59, 0x59)


def test_both_losses_and_three_scores_are_drawn_and_the_best_step_is_marked():
    drawn = pixels(draw_curves(history_of([0.5, 0.6, 0.65, 0.62]), title="squares"))
    losses, scores = np.hsplit(drawn, 2)
    for panel, colours in ((losses, (BLUE, ORANGE)), (scores, (BLUE, ORANGE, GREEN))):
        for colour in (*colours, GREY):
            assert share(panel, colour) > 1e-4
    # Dotted line over the whole height: the column of the best step has grey above and below the middle.
    grey = (np.abs(scores.astype(int) - GREY).max(-1) < 12).sum(0)
    assert grey.max() > scores.shape[0] / 4


def test_a_single_validation_and_a_title_with_dollars_can_be_drawn():
    assert pixels(draw_curves(history_of([0.4]), title="a $ b $")).shape[2] == 3
    assert pixels(draw_curves(history_of([float("nan")] * 3))).any()


def picture(shape, name="cells"):
    truth, result = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    truth[3:9, 2:11] = 1
    result[20:28, 12:19] = 1
    return Picture(name, "worst", 0.25, np.linspace(0, 1, shape[0] * shape[1]).reshape(shape), truth, result)


def test_each_row_has_the_image_its_truth_and_the_result_pixel_by_pixel():
    sheet = pixels(draw_contact_sheet([picture((40, 64), "a $x$ b"), picture((40, 64))], title="squares"))
    colours = np.ptp(sheet.astype(int), axis=2) > 30
    columns = [colours[:, 8 + n * 520 : 8 + n * 520 + 512] for n in range(3)]
    assert [bool(column.any()) for column in columns] == [False, True, True]
    # Threefold enlarged: outlines of 6 × 9 and 8 × 7 pixels, one pixel wide, in two rows.
    assert columns[1].sum() == 2 * (2 * (18 + 27) - 4)
    assert columns[2].sum() == 2 * (2 * (24 + 21) - 4)


def test_a_large_image_is_shrunk_into_its_place():
    sheet = pixels(draw_contact_sheet([picture((600, 1100))]))
    assert sheet.shape[1] == 3 * 512 + 4 * 8
    assert sheet.shape[0] < 400
