"""Where PyBridge's Python is: config/pybridge/settings.json, which `pybridge fiji install` writes."""

from __future__ import absolute_import

import json
import os
import sys
from io import open

from java.io import File
from java.lang import System

from pybridge_client.failures import failure

INSTALL = "run `pybridge fiji install FOLDER` again, from the Python environment that PyBridge is in"

# Set by the Python that this ImageJ runs in, where there is one: then that is the right one.
RUNNING = "pybridge.python"


def settings_file():
    """The path of the settings: beside this package."""
    path = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "settings.json")
    # Jython's own paths are bytes, Java's are text.
    return path.decode(sys.getfilesystemencoding() or "utf-8") if isinstance(path, str) else path


def settings_stamp():
    """What changes when the settings do: quick to look at in each call."""
    path = settings_file()
    return u"%s %s %d" % (System.getProperty(RUNNING), path, File(path).lastModified())


def read_settings():
    """The settings as a dictionary.

    "python" is the path of an interpreter that is there; "environment" what its process gets besides ours.
    """
    running = System.getProperty(RUNNING)
    if running:
        return {"python": running, "environment": {}}
    path = settings_file()
    try:
        with open(path, encoding="utf-8") as stream:
            settings = json.load(stream)
        python = settings["python"]
    except (IOError, ValueError, KeyError, TypeError) as error:
        raise failure("use PyBridge in this Fiji", u"no usable %s (%s)" % (path, error.__class__.__name__), INSTALL)
    if not File(python).isFile():
        raise failure(
            "start PyBridge's Python",
            u"%s is not there: the environment was moved or removed" % python,
            INSTALL,
        )
    # What is set for another Python must not reach this one.
    environment = {"PYTHONPATH": "", "PYTHONHOME": ""}
    environment.update(settings.get("environment", {}))
    return {"python": python, "environment": environment}
