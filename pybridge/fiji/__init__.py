"""PyBridge's files in a Fiji: putting them there, looking after them, taking them away again.

A room of the doors' level, used by the shell. It may import everything below the doors, and of the ImageJ room only
what needs no Java. No JVM is started here.
"""

from pybridge.fiji.examination import status
from pybridge.fiji.installation import Installed, Uninstalled, install, uninstall

__all__ = ["Installed", "Uninstalled", "install", "status", "uninstall"]
