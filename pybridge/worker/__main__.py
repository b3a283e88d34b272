"""Entry of the worker. The wire is put aside before anything that might print is imported."""

from __future__ import annotations

from pybridge.worker.wire import take_wire

wire = take_wire()


def main() -> None:
    """Serve until Fiji closes the wire."""
    import contextlib
    import logging
    import os
    import signal
    import sys

    # Ctrl-C in the terminal of Fiji is for Fiji; the worker ends when Fiji does.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # On Windows numpy must not be imported while another thread reads stdin: it would wait for ever.
    import numpy  # noqa: F401

    from pybridge.worker.calls import Calls
    from pybridge.worker.segments import remove_stale_segments
    from pybridge.worker.service import Service

    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    remove_stale_segments()
    calls = Calls()
    service = Service(wire, calls.verbs())
    try:
        service.serve()
    finally:
        calls.end_all()
    # What libraries printed goes to the log whole.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Threads in native code would keep the process alive; nothing is left that must be finished.
    os._exit(0)


if __name__ == "__main__":
    main()
