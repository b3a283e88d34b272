"""What a person does at ImageJ's window, done by the window's own events; run in a process of its own with a display.

Called with an output folder; writes ``seen.json`` and pictures of the screen into it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pybridge import imagej
from pybridge.core.errors import MacroError
from pybridge.files.write import write_imagej_tiff
from pybridge.imagej.images import open_images
from pybridge.imagej.jvm import java_class
from pybridge.samples import simulate_nuclei


def wait_for(look: Callable[[], Any], what: str, *, timeout_s: float = 240) -> Any:
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise TimeoutError(what)


def picture(path: Path) -> None:
    time.sleep(1)  # windows are painted a moment after they open
    size = java_class("java.awt.Toolkit").getDefaultToolkit().getScreenSize()
    shot = java_class("java.awt.Robot")().createScreenCapture(java_class("java.awt.Rectangle")(size))
    java_class("javax.imageio.ImageIO").write(shot, "png", java_class("java.io.File")(str(path)))


def menu_items() -> list[Any]:
    plugins = java_class("ij.Menus").getImageJMenu("Plugins")
    menus = [plugins.getItem(index) for index in range(plugins.getItemCount())]
    menu = next(each for each in menus if str(each.getLabel()) == "PyBridge")
    return [menu.getItem(index) for index in range(menu.getItemCount())]


def click(component: Any) -> None:
    """Post the event that the mouse would: the window's own thread does the rest."""
    event_class = java_class("java.awt.event.ActionEvent")
    label = component.getActionCommand()
    event = event_class(component, event_class.ACTION_PERFORMED, label)
    java_class("java.awt.Toolkit").getDefaultToolkit().getSystemEventQueue().postEvent(event)


def titles() -> list[str]:
    return [str(imp.getTitle()) for imp in open_images()]


def dialog() -> Any:
    """The dialog that is open, once it can be clicked."""
    found = java_class("ij.gui.GenericDialog").getInstance()
    return found if found is not None and found.isVisible() else None


def choice(opened: Any, index: int) -> tuple[list[str], str]:
    """What a list of a dialog offers, and what is chosen."""
    listed = opened.getChoices().get(index)
    return [str(listed.getItem(place)) for place in range(listed.getItemCount())], str(listed.getSelectedItem())


def message_box() -> Any:
    boxes = [each for each in java_class("java.awt.Window").getWindows() if each.isVisible()]
    return next((box for box in boxes if isinstance(box, java_class("ij.gui.MessageDialog"))), None)


def main(folder: Path) -> None:
    seen: dict[str, Any] = {}
    gateway = imagej.start(gui=True)
    seen["has_window"] = gateway.has_window
    seen["items"] = [str(item.getLabel()) for item in menu_items()]

    # The menu itself, opened with mouse and keys.
    robot, keys = java_class("java.awt.Robot")(), java_class("java.awt.event.KeyEvent")
    corner = java_class("ij.IJ").getInstance().getLocationOnScreen()
    robot.mouseMove(corner.x + 310, corner.y + 12)
    robot.mousePress(1 << 10)
    robot.mouseRelease(1 << 10)
    for key in (keys.VK_UP, keys.VK_RIGHT):
        robot.delay(300)
        robot.keyPress(key)
        robot.keyRelease(key)
    picture(folder / "menu.png")
    for _ in range(3):
        robot.keyPress(keys.VK_ESCAPE)
        robot.keyRelease(keys.VK_ESCAPE)

    # A click without an image: a message box, and nothing breaks.
    by_name = {str(item.getLabel()): item for item in menu_items()}
    click(by_name["PyBridge Segment"])
    opened = wait_for(dialog, "the dialog of PyBridge Segment")
    picture(folder / "dialog.png")
    seen["models"], seen["preset"] = choice(opened, 0)
    click(opened.getButtons()[0])
    box = wait_for(message_box, "a message that no image is open")
    picture(folder / "message.png")
    box.dispose()

    # The dialog of a training names a model to start from.
    click(by_name["PyBridge Train"])
    opened = wait_for(dialog, "the dialog of PyBridge Train")
    picture(folder / "train.png")
    _, seen["trained from"] = choice(opened, 0)
    click(opened.getButtons()[1])
    wait_for(lambda: dialog() is None, "the end of the dialog of PyBridge Train")

    # With an image, and the recorder on.
    image, _ = simulate_nuclei(shape=(192, 256), count=12)
    gateway.to_imageplus(image).show()
    recorder = java_class("ij.plugin.frame.Recorder")()
    click(by_name["PyBridge Segment"])
    click(wait_for(dialog, "the dialog of PyBridge Segment").getButtons()[0])
    wait_for(lambda: any(title.endswith("-labels") for title in titles()), "a label image")
    wait_for(lambda: "PyBridge Segment" in str(recorder.getText()), "a line in the recorder")
    seen["recorded"] = str(recorder.getText()).strip().splitlines()
    seen["results"] = int(java_class("ij.measure.ResultsTable").getResultsTable().size())
    recorder.close()
    picture(folder / "segmented.png")
    seen["labels"] = int(open_images()[-1].getStatistics().max)

    # A file opened from the menu is one line too, whatever ImageJ itself would write of it.
    with tempfile.TemporaryDirectory() as made:
        cells = Path(made) / "more cells.tif"
        write_imagej_tiff(cells, image)
        recorder = java_class("ij.plugin.frame.Recorder")()
        click(by_name["PyBridge Open"])
        opened = wait_for(dialog, "the dialog of PyBridge Open")
        opened.getStringFields().get(0).setText(str(cells))
        click(opened.getButtons()[0])
        wait_for(lambda: "more cells.tif" in titles(), "the file")
        wait_for(lambda: "PyBridge Open" in str(recorder.getText()), "its line in the recorder")
        seen["recorded open"] = str(recorder.getText()).strip().splitlines() == [
            f'run("PyBridge Open", "path=[{cells}]");'
        ]
        recorder.close()

    # The recorded line, replayed unedited as a macro, with batch mode off and on.
    for batch in ("false", "true"):
        gateway.run_macro('while (nImages > 0) { close("*"); }')
        gateway.to_imageplus(image).show()
        lines = "".join(seen["recorded"])
        seen[f"replayed {batch}"] = gateway.run_macro(
            f"setBatchMode({batch}); {lines} getStatistics(a, m, l, h); return getTitle() + h;"
        )
    # A macro that a person starts from the window's own menu of macros.
    seen["left open"] = titles()
    java_class("ij.plugin.MacroInstaller")().install(
        'macro "Segment it" { run("PyBridge Segment", "model=nuclei-fluo"); rename("from the menu"); }'
    )
    gateway.run_macro('close("*");')
    gateway.to_imageplus(image).show()
    java_class("ij.IJ").doCommand("Segment it")
    wait_for(lambda: "from the menu" in titles(), "the macro's label image")
    picture(folder / "macro.png")

    # A shipped macro runs unchanged where there is a window.
    with tempfile.TemporaryDirectory() as made:
        cells, out = Path(made) / "cells.tif", Path(made) / "out"
        write_imagej_tiff(cells, image)
        gateway.run_macro("Segment_and_Measure", f"{cells}|{out}|nuclei-fluo")
        seen["shipped"] = sorted(path.name for path in out.iterdir())

    # Failures of macros that Python runs are exceptions, not boxes that wait for a click.
    failures = {}
    for macro in ('exit("too bad");', "x = ;", 'run("Nope");', 'run("PyBridge Segment", "model=nope");'):
        try:
            gateway.run_macro(macro)
        except MacroError as error:
            failures[macro] = error.found
    seen["failures"] = failures
    seen["survived"] = gateway.run_macro("r = eval(\"exit('inner');\"); return r;")
    seen["box left"] = message_box() is not None
    gateway.close()
    seen["items after close"] = [
        str(java_class("ij.Menus").getImageJMenu("Plugins").getItem(index).getLabel())
        for index in range(java_class("ij.Menus").getImageJMenu("Plugins").getItemCount())
    ]
    (folder / "seen.json").write_text(json.dumps(seen), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except TimeoutError:
        picture(Path(sys.argv[1]) / "failed.png")
        raise
