"""Which decoders there are. Imports nothing of them until one is asked for."""

from __future__ import annotations

import importlib

from pybridge.core.errors import ModelError, did_you_mean
from pybridge.decode.plane import LabelField

DECODERS = {
    "offsets": "pybridge.decode.offsets:OffsetField",
    "foreground": "pybridge.decode.foreground:ForegroundField",
    "star_convex": "pybridge.decode.star_convex:StarConvexField",
    "boundary": "pybridge.decode.boundary:BoundaryField",
}


def field_for(decoder: str, shape: tuple[int, int]) -> LabelField:
    """Make the field that gathers and decodes the outputs of one plane.

    Parameters
    ----------
    decoder : str
        Name of the decoder, as in a model's ``config.pybridge``.
    shape : (int, int)
        Height and width of the plane in pixels.

    Returns
    -------
    LabelField

    Raises
    ------
    ModelError
        If there is no such decoder.

    Examples
    --------
    >>> type(field_for("offsets", (5, 7))).__name__
    'OffsetField'
    """
    if decoder not in DECODERS:
        raise ModelError(
            f"decode with {decoder!r}",
            found="no decoder of that name",
            do=did_you_mean(decoder, DECODERS),
        )
    module, name = DECODERS[decoder].split(":")
    field: LabelField = getattr(importlib.import_module(module), name)(shape)
    return field
