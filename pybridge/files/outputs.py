"""Names of the outputs of a run, and the check that none is there already. Imports core."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pybridge.core.advice import OTHER_FOLDER
from pybridge.core.errors import UsageError
from pybridge.core.image import short_stem
from pybridge.files.ome_zarr import is_zarr
from pybridge.files.places import place_of
from pybridge.files.write import existing_output

# The role of an output and its suffix; None for an image that is an OME-Zarr when the input is one, else a TIFF.
Role = tuple[str, str | None]


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
    main_role : str
        Which output that is.
    """

    source: Path
    folder: Path
    stem: str
    main: Path | None = None
    main_role: str = "labels"

    def path_of(self, role: str, suffix: str | None) -> Path:
        """Name one output, for example ``cells-objects.csv`` for role ``objects`` and suffix ``.csv``."""
        if role == self.main_role and self.main is not None:
            return self.main
        if suffix is None:
            suffix = ".ome.zarr" if is_zarr(self.source) else ".tif"
        return self.folder / f"{self.stem}-{role}{suffix}"


def plan_outputs(
    sources: Sequence[Path],
    output: str | None,
    *,
    roles: Sequence[Role],
    overwrite: bool,
    main: str = "labels",
    stem_of: Callable[[Path], str] = lambda source: short_stem(source.name),
    further: Sequence[Path] = (),
) -> tuple[OutputPlan, ...]:
    """Decide where the outputs of each input go, before any work is done.

    Parameters
    ----------
    sources : sequence of Path
        The inputs.
    output : str or None
        A folder, or, for one input with one image of a result, a ``.tif`` file or an OME-Zarr (``.zarr``; only where
        a role has no suffix of its own); None puts outputs beside the inputs.
    roles : sequence of (role, suffix)
        The outputs that each input will have, for example ``("labels", ".tif")``.
    overwrite : bool
        Whether existing outputs may be replaced.
    main : str
        The role that a file named by ``output`` has.
    stem_of : callable
        With what the names of an input's outputs begin; default its own name without extension.
    further : sequence of Path
        Inputs that have no outputs of their own, such as ground truths: they are not replaced either.

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
    images = sum(suffix is None for _, suffix in roles)
    as_file = output is not None and _names_a_file(output, zarr=images > 0)
    if as_file and len(sources) * max(images, 1) > 1:
        raise UsageError(
            f"-o {output!r} for {len(sources)} input(s) with {max(images, 1)} output(s) each",
            found="one file for several results",
            do="name a folder",
        )
    plans = []
    for source in sources:
        if output is None:
            plans.append(OutputPlan(source, source.parent, stem_of(source)))
        elif as_file:
            file = Path(output)
            stem = short_stem(file.name).removesuffix(".ome").removesuffix(f"-{main}")
            plans.append(OutputPlan(source, file.parent, stem, main=file, main_role=main))
        else:
            plans.append(OutputPlan(source, Path(output), stem_of(source)))
    targets: dict[str, Path] = {}
    inputs = {place_of(each) for each in (*sources, *further)}
    for plan in plans:
        for role, suffix in roles:
            path = plan.path_of(role, suffix)
            key = place_of(path)
            if key in targets:
                raise UsageError(
                    f"outputs for {str(targets[key])!r} and {str(plan.source)!r}",
                    found=f"both would be written to {str(path)!r}",
                    do="run them apart, with an output folder each",
                )
            if key in inputs:
                raise UsageError(f"write {str(path)!r}", found="it is an input of this run", do=OTHER_FOLDER)
            if path.exists() and not overwrite:
                raise existing_output(path)
            targets[key] = plan.source
    return tuple(plans)


def _names_a_file(output: str, *, zarr: bool) -> bool:
    path = Path(output)
    if path.suffix.lower() == ".zarr":
        return zarr
    return path.suffix.lower() in (".tif", ".tiff") and not path.is_dir()


def free_name(path: Path, *, overwrite: bool = False, taken: Collection[str] = ()) -> Path:
    """Give the path itself when it is free, else the first free one of ``name-2``, ``name-3`` …

    The record of a whole run is no result of its own: it must neither replace an earlier run's record nor be the
    reason why a further image cannot be segmented into the same folder.

    Parameters
    ----------
    path : Path
        The name wanted.
    overwrite : bool
        Whether a file of that name may be replaced.
    taken : collection of str
        What ``place_of`` gives for the inputs and the other outputs.
    """
    free, number = path, 1
    while place_of(free) in taken or (free.exists() and not overwrite):
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
