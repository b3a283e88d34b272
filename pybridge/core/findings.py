"""What a look at the environment found: one line for each part. Imports nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of the environment.

    Parameters
    ----------
    part : str
        What was looked at, for example ``"Java"``.
    state : str
        ``ok``; ``note`` (works, but the user should know); ``missing`` (what needs it will not run).
    found : str
        What is there.
    do : str
        What the user can do; empty when all is well.
    """

    part: str
    state: str
    found: str
    do: str = ""
