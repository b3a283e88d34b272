"""The gateway: one object through which Python drives ImageJ, however that ImageJ was started."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from pybridge.core.doors import register_imageplus_reader
from pybridge.imagej.commands import macro_commands
from pybridge.imagej.gateway_commands import GatewayCommands
from pybridge.imagej.jvm import JavaObject, java_class
from pybridge.imagej.listener import CommandListener
from pybridge.imagej.open_image import open_imageplus
from pybridge.imagej.versions import check_versions


class Gateway(GatewayCommands):
    """ImageJ or Fiji, driven from Python. Made by ``start`` and ``attach``, one for each process.

    Parameters
    ----------
    imagej2 : object or None
        PyImageJ's gateway, when there is one.
    """

    def __init__(self, imagej2: Any = None) -> None:
        check_versions(with_imagej2=imagej2 is not None)
        super().__init__(imagej2)
        self._listener = CommandListener(macro_commands(), failed=self._macros.failed)
        self._at_close = contextlib.ExitStack()
        # Let ImageJ read its menus and settings, which it otherwise does at the first command.
        java_class("ij.IJ").runMacro("")
        self._listener.register()
        self._at_close.callback(self._listener.unregister)
        if self.has_window:
            self._at_close.callback(self._add_menu())
        register_imageplus_reader(self.read_pixels)

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Gateway(ImageJ {self.version}, Java {self.java_version})"

    @property
    def version(self) -> str:
        """ImageJ's version, for example ``"1.54p"``."""
        return str(java_class("ij.IJ").getVersion())

    @property
    def java_version(self) -> str:
        """Version of the Java that runs, for example ``"21.0.8"``."""
        return str(java_class("java.lang.System").getProperty("java.version"))

    @property
    def has_window(self) -> bool:
        """Whether ImageJ shows a window; False when it runs headless."""
        return java_class("ij.IJ").getInstance() is not None and not bool(
            java_class("java.awt.GraphicsEnvironment").isHeadless()
        )

    def open(self, path: str | os.PathLike[str]) -> JavaObject:
        """Open an image file with ImageJ; it is not shown.

        Parameters
        ----------
        path : path-like
            A file of any kind that this ImageJ opens.

        Returns
        -------
        ij.ImagePlus

        Raises
        ------
        ImageFileError
            If the file is missing or cut short, or ImageJ cannot open it.
        """
        return open_imageplus(Path(path))

    def run_macro(self, text_or_path: str | os.PathLike[str], argument: str = "") -> str | None:
        """Run an ImageJ macro and wait for its end.

        Macros from several threads run one after the other. Images that the macro leaves open in batch mode are
        closed afterwards. Ctrl-C stops the macro and raises ``KeyboardInterrupt``.

        Parameters
        ----------
        text_or_path : str or path
            The macro's text, a file that ends in ``.ijm`` or ``.txt``, or the name of a macro that comes with PyBridge.
        argument : str
            What the macro reads with ``getArgument()``.

        Returns
        -------
        str or None
            What the macro returned with ``return "…"``.

        Raises
        ------
        MacroError
            With the macro's own message, if it failed: an error of PyBridge or of ImageJ, ``exit("text")``, a syntax
            error or an unknown command. A plain ``exit();`` is a normal end.
        """
        return self._macros.run(text_or_path, argument)

    def run_script(self, path: str | os.PathLike[str], values: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Run a Jython (``.py``) or Groovy (``.groovy``) script with ``#@`` parameters and wait for its end.

        The first script brings the engines: the embedded ImageJ fetches them from Maven Central once.

        Parameters
        ----------
        path : path-like
            The script.
        values : mapping of str to str, optional
            Its parameters by name, as texts. An ImagePlus is given by the path of its file; a single one that is not
            given is the active image. What is left out takes the script's default, not what was typed last.

        Returns
        -------
        dict of str to object
            Its outputs by name: numbers, texts, and Java objects such as an ImagePlus, not shown.

        Raises
        ------
        UsageError
            If a name or a value does not suit the script's parameters, or a required one is missing.
        MacroError
            With the script's own message, if it failed; or if there is no such file or no engine for it.
        """
        from pybridge.imagej.scripts import run_script

        with self._macros.alone():
            outputs = run_script(Path(path), values or {}, imagej2=self.imagej2, open_image=open_imageplus)
        return {output.name: output.value for output in outputs}

    def close(self) -> None:
        """Leave ImageJ: macros no longer reach Python. Java itself ends with the process, it cannot start twice."""
        from pybridge.imagej.launch import forget

        self._at_close.close()
        forget(self)

    def _add_menu(self) -> Callable[[], None]:
        from pybridge.imagej.window import add_menu

        return add_menu(self._listener, alone=self._macros.alone)
