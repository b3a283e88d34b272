"""The listener through which macros reach Python: ``run("PyBridge …")`` arrives here before ImageJ looks for it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from pybridge.core.errors import PyBridgeError, UsageError, did_you_mean
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.stack import call_stack

PREFIX = "PyBridge "
START = "PyBridge Start"
"""In a Fiji that a person started this command installs the listener; here it is there, and nothing is to be done."""

Handler = Callable[[str | None], None]
"""Does one command; its argument is the option string of the call, None when there was none."""

log = logging.getLogger("pybridge.imagej")


class CommandListener:
    """Answers the ``PyBridge …`` commands of macros.

    Parameters
    ----------
    handlers : mapping of str to callable
        What to do for each command name, such as ``"PyBridge Segment"``.
    failed : callable
        Told of each error; returns whether the one who started the macro will hear of it, so that it is not logged.
    """

    def __init__(self, handlers: Mapping[str, Handler], *, failed: Callable[[PyBridgeError], bool]) -> None:
        self._handlers = handlers
        self._failed = failed
        self._proxy: JavaObject | None = None
        self.clicked: Callable[[str], None] | None = None
        """What a click in the menu does, without waiting for its end; None leaves it to ImageJ."""

    def register(self) -> None:
        """Let ImageJ call this listener; a second time is of no effect, since listeners added twice run twice."""
        import jpype

        if self._proxy is None:
            self._proxy = jpype.JProxy("ij.CommandListener", dict={"commandExecuting": self.command_executing})
            java_class("ij.Executer").addCommandListener(self._proxy)

    def unregister(self) -> None:
        """Let ImageJ forget this listener."""
        if self._proxy is not None:
            java_class("ij.Executer").removeCommandListener(self._proxy)
            self._proxy = None

    def command_executing(self, command: JavaObject) -> JavaObject | None:
        """Do the command when it is ours and a macro calls it; this is ImageJ's ``CommandListener.commandExecuting``.

        Returns
        -------
        str or None
            The command, for ImageJ to go on with it; None when it is done.
        """
        name = str(command)
        if not name.startswith(PREFIX):
            return command
        if name == START:
            return None  # nothing to do here, whoever calls; a Fiji's own command of that name would listen as well
        options = java_class("ij.Macro").getOptions()
        # Not IJ.isMacro(): it stays true after an error. An inner macro that was aborted takes the instance away
        # from the outer one that goes on, hence the look at the stack.
        in_macro = java_class("ij.macro.Interpreter").getInstance() is not None or call_stack().macro_depth() > 0
        if options is None and not in_macro:
            if self.clicked is None:
                return command  # a click in the menu: the dialog's turn
            self.clicked(name)
            return None
        try:
            self._handler(name.removesuffix("..."))(None if options is None else str(options).strip())
        except BaseException as error:  # noqa: BLE001 - Java would lose its text, whatever it is
            self._stop(_as_ours(error, name), in_macro=in_macro)
        return None

    def _handler(self, name: str) -> Handler:
        handler = self._handlers.get(name)
        if handler is None:
            raise UsageError(
                f'run("{name}", …)', found="there is no such command", do=did_you_mean(name, [*self._handlers, START])
            )
        return handler

    def _stop(self, error: PyBridgeError, *, in_macro: bool) -> None:
        """Stop the macro with one message. A Python exception would lose its text on the way through Java."""
        import jpype

        macro = java_class("ij.Macro")
        if not self._failed(error):
            java_class("ij.IJ").log(str(error))
        macro.setOptions(None)
        if not in_macro:
            # IJ.run(imp, …) makes its image the current one of this thread and does not take that back on an error;
            # a script that goes on would find it with IJ.getImage(). A macro's is what it selected.
            java_class("ij.WindowManager").setTempCurrentImage(None)
        message = macro.MACRO_CANCELED if in_macro else str(error)
        raise jpype.JClass("java.lang.RuntimeException")(message)


def _as_ours(error: BaseException, command: str) -> PyBridgeError:
    """Give errors that nobody foresaw our form too; their traceback goes to the log."""
    if isinstance(error, PyBridgeError):
        return error
    log.error("%s failed", command, exc_info=error)
    return PyBridgeError(
        f'run("{command}", …)',
        found=f"{type(error).__name__}: {error}",
        do="report this with the log of the run (it is a fault of PyBridge)",
    )
