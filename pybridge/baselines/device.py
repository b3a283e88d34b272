"""Where classical methods run: on the CPU, and the user who asks for a GPU is told so. Imports runtime and core."""

from __future__ import annotations

from pybridge.core.errors import DeviceError
from pybridge.core.record import DeviceUsed


def cpu_used(device: str, *, asked: str) -> DeviceUsed:
    """Say for the record that a method ran on the CPU.

    Raises
    ------
    DeviceError
        If the user asked for CUDA: that means CUDA or an error.

    Examples
    --------
    >>> cpu_used("auto", asked="segment").used
    'cpu'
    """
    from pybridge.runtime.threads import cpu_name

    if device not in ("auto", "cpu"):
        raise DeviceError(
            f"{asked} on device={device}",
            found="classical methods run on the CPU alone",
            do="use device=auto or device=cpu, or a network",
        )
    return DeviceUsed(asked=device, used="cpu", provider="scipy, scikit-image", name=cpu_name(), driver="")
