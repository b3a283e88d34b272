"""What Predict can run: a model with its tensors, or a classical denoiser. Imports the rooms inside functions."""

from __future__ import annotations

from dataclasses import dataclass

from pybridge.core.baseline_names import is_baseline
from pybridge.core.record import DeviceUsed, ModelUsed

DENOISED = "denoised"


@dataclass(frozen=True, slots=True)
class PredictSource:
    """A model or method that was found and not opened yet.

    Parameters
    ----------
    id : str
        What the user typed, or the model's own id.
    version : str
        Of the model, or of PyBridge.
    used : ModelUsed
        For the record.
    outputs : tuple of str
        Ids of its output tensors; a denoiser has one, ``denoised``.
    """

    id: str
    version: str
    used: ModelUsed
    outputs: tuple[str, ...]


def find_source(reference: str) -> PredictSource:
    """Find the model or denoiser of a name.

    Raises
    ------
    ModelNotFoundError
        If there is none.

    Examples
    --------
    >>> find_source("baseline:median").outputs
    ('denoised',)
    """
    if is_baseline(reference):
        from pybridge.baselines import find_baseline

        used = find_baseline(reference, task="predict").used()
        return PredictSource(used.id, used.version, used, (DENOISED,))
    from pybridge import zoo

    model = zoo.find(reference)
    return PredictSource(model.id, model.version, model.used(), tuple(output.id for output in model.outputs))


def open_source(reference: str, *, device: str) -> DeviceUsed:
    """Open the model or denoiser and say where it runs; sessions stay warm.

    Raises
    ------
    DeviceError
        If the device asked for cannot run.
    """
    if is_baseline(reference):
        from pybridge.baselines.device import cpu_used

        return cpu_used(device, asked=f"predict with {reference!r}")
    from pybridge import zoo
    from pybridge.runtime import open_predictor

    return open_predictor(zoo.find(reference), device=device).device
