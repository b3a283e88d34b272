"""Names of the outputs of a run, and the check that none is there already. Imports core."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.errors import UsageError
from pybridge.files.write import existing_output


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """Where the outputs of one input go.

    Parameters
    ----------
    source : Path
        The input.
    folder : Path
        Folder of the outputs.
    stem : str
        Their names begin with this, for example ``cells`` in ``cells-labels.tif``.
    main : Path or None
        The name of the main output when the user gave a file.
    """

    source: Path
    folder: Path
    stem: str
    main: Path | None = None

    def path_of(self, role: str, suffix: str) -> Path:
        """Name one output, for example ``cells-objects.csv`` for role ``objects`` and suffix ``.csv``."""
        if role == "labels" and self.main is not None:
            return self.main
        return self.folder / f"{self.stem}-{role}{suffix}"


def plan_outputs(
    sources: Sequence[Path], output: str | None, *, roles: Sequence[tuple[str, str]], overwrite: bool
) -> tuple[OutputPlan, ...]:
    """Decide where the outputs of each input go, before any work is done.

    Parameters
    ----------
    sources : sequence of Path
        The inputs.
    output : str or None
        A folder, or a ``.tif`` file when there is one input; None puts outputs beside the inputs.
    roles : sequence of (role, suffix)
        The outputs that each input will have, for example ``("labels", ".tif")``.
    overwrite : bool
        Whether existing outputs may be replaced.

    Raises
    ------
    UsageError
        If two inputs would give one output name, or an output would replace an input.
    OutputExistsError
        If an output is there already and may not be replaced.

    Examples
    --------
    >>> plan, = plan_outputs([Path("a/cells.tif")], "out", roles=[("labels", ".tif")], overwrite=True)
    >>> plan.path_of("labels", ".tif").as_posix()
    'out/cells-labels.tif'
    """
    as_file = output is not None and Path(output).suffix.lower() in (".tif", ".tiff") and not Path(output).is_dir()
    if as_file and len(sources) > 1:
        raise UsageError(
            f"-o {output!r} for {len(sources)} inputs", found="one file for several results", do="name a folder"
        )
    plans = []
    for source in sources:
        if output is None:
            plans.append(OutputPlan(source, source.parent, source.stem))
        elif as_file:
            main = Path(output)
            stem = main.stem.removesuffix("-labels")
            plans.append(OutputPlan(source, main.parent, stem, main=main))
        else:
            plans.append(OutputPlan(source, Path(output), source.stem))
    targets: dict[str, Path] = {}
    inputs = {os.path.abspath(source) for source in sources}
    for plan in plans:
        for role, suffix in roles:
            path = plan.path_of(role, suffix)
            # Names are compared without case: two of them are one file on Windows and macOS.
            key = os.path.abspath(path).casefold()
            if key in targets:
                raise UsageError(
                    f"outputs for {str(targets[key])!r} and {str(plan.source)!r}",
                    found=f"both would be written to {str(path)!r}",
                    do="run them apart, with an output folder each",
                )
            if os.path.abspath(path) in inputs:
                raise UsageError(
                    f"write {str(path)!r}", found="it is an input of this run", do="choose another output with -o"
                )
            if path.exists() and not overwrite:
                raise existing_output(path)
            targets[key] = plan.source
    return tuple(plans)


def free_name(path: Path) -> Path:
    """Give the path itself when it is free, else the first free one of ``name-2``, ``name-3`` …

    The record of a whole run is no result of its own: it must neither replace an earlier run's record nor be the
    reason why a further image cannot be segmented into the same folder.
    """
    if not path.exists():
        return path
    number = 2
    while (numbered := path.with_name(f"{path.stem}-{number}{path.suffix}")).exists():
        number += 1
    return numbered
