"""Finding the model of an earlier run again, by id and by the hash of its weights. Imports zoo, reporting and core."""

from __future__ import annotations

from pybridge.core.baseline_names import is_baseline
from pybridge.core.errors import ModelError, ModelNotFoundError
from pybridge.reporting.stored_record import StoredRecord


def find_model(record: StoredRecord) -> str | None:
    """Give the reference of the model with which a run can be done again; None when it used none, or several.

    A model of the recorded hash is taken wherever it is now; else one of the recorded name, and the comparison of the
    records says that it is another one.

    Raises
    ------
    ModelNotFoundError
        If there is neither.
    """
    named = record.parameters.get("model", record.model.id if record.model is not None else None)
    if not isinstance(named, str) or is_baseline(named) or record.model is None:
        # A classical method has its name; the methods of a comparison are looked up by it.
        return named if isinstance(named, str) else None
    from pybridge import zoo

    wanted = record.model.sha256
    references = [named, record.model.id] if record.model.id != named else [named]
    there = []
    for reference in references:
        try:
            model = zoo.find(reference)
        except (ModelNotFoundError, ModelError):
            continue
        if model.sha256 == wanted:
            return reference
        there.append(reference)
    same = next((model for model in zoo.list_models() if model.sha256 == wanted), None)
    if same is not None:
        return str(same.folder)
    if there:
        return there[0]
    raise ModelNotFoundError(
        f"find the model {record.model.id!r} {record.model.version} of the record {str(record.path)!r}",
        found=f"no model of that id or path, and none whose weights have SHA-256 {wanted}",
        do="add it with `pybridge models add`",
    )
