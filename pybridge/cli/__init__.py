"""The shell door: ``pybridge COMMAND …``.

It only translates: options to commands and back. What the user reads goes through ``console``; imports of the rooms
below happen inside the functions of each command, so that ``pybridge --help`` is quick.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from pybridge.cli import console
from pybridge.cli.advice import in_shell_words
from pybridge.cli.parser import build_parser
from pybridge.core.errors import PyBridgeError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one shell command.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``pybridge``; default those of this process.

    Returns
    -------
    int
        0 all done; 1 something failed or existed; 2 wrong usage; 3 the environment lacks something; 130 interrupted.
    """
    console.use_utf8()
    given = build_parser().parse_args(arguments)
    console.log_to_stderr(logging.DEBUG if given.verbose else logging.WARNING)
    try:
        with console.progress_bar(quiet=given.quiet):
            return int(given.handler(given))
    except PyBridgeError as error:
        console.error(in_shell_words(error))
        return error.exit_code
    except KeyboardInterrupt:
        console.error("interrupted: outputs that were finished are whole, nothing else was left behind")
        return INTERRUPTED
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader of our output went away (`pybridge … | head`); Python would complain once more at exit.
            sys.stderr.close()
            return 1
        console.error(
            f"{error.filename or given.command}: {error.strerror or error}. To do: check folder, space and rights"
        )
        return 1


def entry() -> None:
    """Be the console script."""
    code = main()
    if code == INTERRUPTED:
        # Python would end by the signal itself when the interrupt fell into generated code; scripts read the code.
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
