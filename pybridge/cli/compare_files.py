"""Compare methods on files, and write what follows: tables, plots, contact sheet, record.

Imports the command, files, reporting and tasks; itself imported when the command runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pybridge.cli.run_outputs import RunWriter, paths_among, run_file
from pybridge.commands.compare import Compare
from pybridge.core.comparison import ComparisonResult
from pybridge.core.comparison_metrics import label_of
from pybridge.core.errors import OutputError
from pybridge.core.record import OutputMade, Stopwatch
from pybridge.files.outputs import free_name
from pybridge.files.places import check_folders, check_name
from pybridge.reporting.comparison_plots import draw_scores, draw_speed
from pybridge.reporting.comparison_sheet import draw_sheet
from pybridge.reporting.comparison_table import comparison_to_json, images_table
from pybridge.reporting.tables import table_to_csv
from pybridge.tasks.compare import check_methods
from pybridge.tasks.compare_inputs import list_image_files
from pybridge.tasks.images import ImageLike
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
    """What a comparison of files gave: its result, where the outputs are, and which of them could not be written.

    ``has_record`` says whether the record is there and of this run.
    """

    result: ComparisonResult
    folder: Path
    record_path: Path
    has_record: bool
    unwritten: tuple[OutputError, ...]


def compare_files(
    images: Sequence[str],
    request: Compare,
    *,
    overwrite: bool = False,
    tell: Callable[[ComparisonResult], None] = lambda result: None,
) -> ComparedFiles:
    """Compare methods on files.

    Parameters
    ----------
    images : sequence of str
        Files, folders and globs.
    request : Compare
        Checked parameters; ``output``, ``record`` and ``truth`` are paths.
    overwrite : bool
        Whether existing outputs may be replaced.
    tell : callable
        Is given the result before anything is written, so that no full disk takes it from the user.

    Raises
    ------
    UsageError, OutputExistsError
        Before any work, if inputs, truths or outputs do not fit together.
    """
    watch = Stopwatch()
    sources = list_image_files(images)
    truths = None if request.truth is None else list_truths(request.truth, sources)
    return compare_sources(sources, request, truths=truths, overwrite=overwrite, tell=tell, watch=watch)


def compare_sources(
    sources: Sequence[Path],
    request: Compare,
    *,
    truths: Sequence[ImageLike] | None = None,
    overwrite: bool = False,
    tell: Callable[[ComparisonResult], None] = lambda result: None,
    watch: Stopwatch | None = None,
) -> ComparedFiles:
    """Compare methods on files whose truths are known, as ``compare_files`` does.

    Parameters
    ----------
    sources : sequence of Path
        At least one; one that stands in it twice counts twice.
    request : Compare
        Checked parameters; ``output`` and ``record`` are paths.
    truths : sequence, optional
        The truth of each.
    overwrite : bool
        Whether existing outputs may be replaced.
    tell : callable
        Is given the result before anything is written.
    watch : Stopwatch, optional
        Where what came before was timed.
    """
    watch = watch or Stopwatch()
    inputs = paths_among((*sources, *(truths or ())))
    folder = _output_folder(request.output, inputs, overwrite=overwrite)
    taken = [*inputs, *(folder / name for name in FILES)]
    record_path = run_file(request.record, folder / "run-record.json", overwrite=overwrite, taken=taken)
    check_methods(request.settings)
    check_folders((folder, record_path.parent))
    result = request.run(sources, truths=truths, watch=watch)
    tell(result)
    writer, written = RunWriter(overwrite=overwrite), list[str]()
    record = result.record
    # The numbers, and a record of them, are on the disk before the pictures are drawn, which take most of the room.
    for contents in (_tables, _pictures):
        with watch.part("write"):
            written += [name for name, content in contents(result).items() if writer.write(folder / name, content)]
        made = [OutputMade(Path(name).stem.removeprefix("comparison-"), name, "") for name in written]
        record = result.record.with_outputs(*made).with_warnings(*writer.warnings_in(record_path))
        record = dataclasses.replace(record, timing_s=watch.timing())
        writer.write(record_path, record.to_json())
    result = dataclasses.replace(result, record=record)
    return ComparedFiles(result, folder, record_path, writer.has_written(record_path), writer.unwritten)


def _output_folder(asked: str | None, inputs: Sequence[Path], *, overwrite: bool) -> Path:
    """Choose the folder: a new one beside the first image, or the one asked for, in which no output may be."""
    beside = inputs[0].parent / "comparison"
    folder = Path(asked) if asked is not None else free_name(beside, overwrite=overwrite)
    for name in FILES:
        check_name(folder / name, overwrite=overwrite, taken=inputs)
    return folder


def _tables(result: ComparisonResult) -> dict[str, str]:
    return {
        "comparison.csv": table_to_csv(result.table, exact=True),
        "comparison-images.csv": table_to_csv(images_table(result.comparison), exact=True),
        "comparison.json": comparison_to_json(result.comparison),
    }


def _pictures(result: ComparisonResult) -> dict[str, bytes]:
    comparison = result.comparison
    # Most of the sheet is scaling and packing pictures, which lets Python go on: the plots are drawn meanwhile.
    with ThreadPoolExecutor(1) as beside:
        sheet = beside.submit(draw_sheet, result, metric_label=label_of(comparison.ranked_by))
        scores, speed = draw_scores(comparison), draw_speed(comparison)
    return {
        **{f"comparison-scores.{kind}": data for kind, data in scores.items()},
        **{f"comparison-speed.{kind}": data for kind, data in speed.items()},
        "comparison-sheet.png": sheet.result(),
    }
