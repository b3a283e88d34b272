"""Compare methods on files, and write what follows: tables, plots, contact sheet, record.

Imports the command, files, reporting and tasks; itself imported when the command runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pybridge.cli.batch import run_file
from pybridge.commands.compare import Compare
from pybridge.core.comparison import ComparisonResult
from pybridge.core.comparison_metrics import label_of
from pybridge.core.record import OutputMade, Stopwatch
from pybridge.files.inputs import find_images
from pybridge.files.outputs import free_name
from pybridge.files.write import existing_output, make_folder, write_text, write_whole
from pybridge.reporting.comparison_plots import draw_scores, draw_speed
from pybridge.reporting.comparison_sheet import draw_sheet
from pybridge.reporting.comparison_table import comparison_to_json, images_table
from pybridge.reporting.comparison_text import comparison_lines
from pybridge.reporting.tables import table_to_csv
from pybridge.tasks.compare import check_methods
from pybridge.tasks.compare_inputs import OURS
from pybridge.tasks.truth import list_truths

FILES = (
    "comparison.csv",
    "comparison-images.csv",
    "comparison.json",
    "comparison-scores.png",
    "comparison-scores.svg",
    "comparison-speed.png",
    "comparison-speed.svg",
    "comparison-sheet.png",
)


@dataclass(frozen=True, slots=True)
class ComparedFiles:
    """What a comparison of files gave: its result, where the outputs are, and what the user is told."""

    result: ComparisonResult
    folder: Path
    record_path: Path
    lines: tuple[str, ...]


def compare_files(images: Sequence[str], request: Compare, *, overwrite: bool = False) -> ComparedFiles:
    """Compare methods on files.

    Parameters
    ----------
    images : sequence of str
        Files, folders and globs.
    request : Compare
        Checked parameters; ``output``, ``record`` and ``truth`` are paths.
    overwrite : bool
        Whether existing outputs may be replaced.

    Raises
    ------
    UsageError, OutputExistsError
        Before any work, if inputs, truths or outputs do not fit together.
    """
    watch = Stopwatch()
    sources = find_images(images, files=OURS)
    truths = None if request.truth is None else list_truths(request.truth, sources)
    folder = _output_folder(request.output, sources[0], overwrite=overwrite)
    check_methods(request.settings)
    record_path = run_file(request.record, folder / "run-record.json", overwrite=overwrite)
    for path in (folder, record_path.parent):
        make_folder(path)
    result = request.run(sources, truths=truths, watch=watch)
    with watch.part("write"):
        for name, content in _contents(result).items():
            if isinstance(content, str):
                write_text(folder / name, content, overwrite=overwrite)
            else:
                _write_bytes(folder / name, content, overwrite=overwrite)
    made = tuple(OutputMade(Path(name).stem.removeprefix("comparison-"), name, "") for name in FILES)
    record = dataclasses.replace(result.record.with_outputs(*made), timing_s=watch.timing())
    write_text(record_path, record.to_json(), overwrite=overwrite)
    result = dataclasses.replace(result, record=record)
    return ComparedFiles(result, folder, record_path, comparison_lines(result.comparison))


def _output_folder(asked: str | None, first: Path, *, overwrite: bool) -> Path:
    """Choose the folder: a new one beside the first image, or the one asked for, in which no output may be."""
    if asked is None:
        folder = first.parent / "comparison"
        return folder if overwrite else free_name(folder)
    folder = Path(asked)
    for name in FILES:
        if (folder / name).exists() and not overwrite:
            raise existing_output(folder / name)
    return folder


def _contents(result: ComparisonResult) -> dict[str, str | bytes]:
    """Make all outputs before the first is written: a comparison is whole or not there."""
    comparison = result.comparison
    # Most of the sheet is scaling and packing pictures, which lets Python go on: the plots are drawn meanwhile.
    with ThreadPoolExecutor(1) as beside:
        sheet = beside.submit(draw_sheet, result, metric_label=label_of(comparison.ranked_by))
        scores, speed = draw_scores(comparison), draw_speed(comparison)
    return {
        "comparison.csv": table_to_csv(result.table),
        "comparison-images.csv": table_to_csv(images_table(comparison)),
        "comparison.json": comparison_to_json(comparison),
        **{f"comparison-scores.{kind}": data for kind, data in scores.items()},
        **{f"comparison-speed.{kind}": data for kind, data in speed.items()},
        "comparison-sheet.png": sheet.result(),
    }


def _write_bytes(path: Path, data: bytes, *, overwrite: bool) -> None:
    write_whole(path, lambda temporary: temporary.write_bytes(data), overwrite=overwrite)
