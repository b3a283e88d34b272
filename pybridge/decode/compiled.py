"""The one way in which this room compiles a loop. Imported by the kernel modules only: numba takes a second to load."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pybridge.files.home import numba_cache

numba_cache()  # before numba is imported, or its cache lies beside the package

import numba  # noqa: E402

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a loop with numba when it is first called; kept on disk, and other threads run meanwhile.

    Never ``parallel=True``: numba's threading layer aborts the process when two threads enter such loops.
    """
    loop: Callable[Arguments, Result] = numba.njit(cache=True, nogil=True)(function)
    return loop
