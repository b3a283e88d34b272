"""What to do about outputs, in words that fit every door. The shell puts the names of its options into their place.

Imports nothing.
"""

from __future__ import annotations

REPLACE_OUTPUT = "choose another name or folder, or remove it first"
OTHER_FOLDER = "choose another folder"
OTHER_NAME = "choose another name"
MAKE_ROOM = "check the folder's permissions and free space, or choose another folder"
REPLACE_MODEL = "choose another name, or remove that folder first"
GO_ON_OR_ANEW = "go on with resume, or remove that folder first"
WRITE_FACTS = "write the file with the option template of the report, and fill it in"
WRITES_FACTS = "which the option template writes"
