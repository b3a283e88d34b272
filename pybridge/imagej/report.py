"""``PyBridge Report`` in ImageJ: the record of the active image, or one in a file, in; page, Markdown and JSON out."""

from __future__ import annotations

from pybridge.commands.macro_options import parse_macro_options
from pybridge.commands.report import Report
from pybridge.imagej.convert import imageplus_to_image
from pybridge.imagej.images import active_image
from pybridge.imagej.jvm import java_class
from pybridge.imagej.status import shown_in_status_bar
from pybridge.imagej.variables import resolve_variables


def report_from_macro(options: str | None) -> None:
    """Answer ``run("PyBridge Report", options)``: the Log says where the page is and what is missing.

    Without ``record`` it is the record in the "Info" of the active image.
    """
    request = parse_macro_options(Report, resolve_variables(Report, options))
    with shown_in_status_bar():
        if request.record is not None:
            from pybridge.reporting.stored_record import read_record

            made = request.run([read_record(request.record)])
        else:
            imp = active_image(f'run("{Report.macro_name}", "")')
            source = imp.getOriginalFileInfo()
            folder = "" if source is None else str(source.directory or "")
            made = request.run_on_image(imageplus_to_image(imp), folder=folder or None)
    for line in made.lines():
        java_class("ij.IJ").log(line)
