"""Errors as Java knows them: one message that says what was asked, what was found and what to do."""

from __future__ import absolute_import

from ij import Macro
from java.lang import RuntimeException


def failure(asked, found, do):
    """An error with a message in three parts."""
    return RuntimeException(u"%s: %s. To do: %s" % (asked, found.rstrip("."), do))


class WorkerDied(RuntimeException):
    """The worker's process ended while it was asked something."""


def died(how):
    """The worker's process ended; how: what is known of it."""
    return WorkerDied(
        failure(
            "work in PyBridge's Python process",
            "it ended in the middle%s" % how,
            "call the command again, which starts it anew; if it ends again, the memory may be too small for this image",
        ).getMessage()
    )


def told(message):
    """An error whose whole message comes from the worker."""
    return RuntimeException(message)


def cancelled():
    """The user stopped the work: macros end quietly."""
    return RuntimeException(Macro.MACRO_CANCELED)


def is_cancel(error):
    """Whether an error says that the user stopped the work."""
    return error.getMessage() == Macro.MACRO_CANCELED
