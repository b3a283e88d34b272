"""The door of a Fiji that a person started: a Python process beside it, kept warm, that does the commands.

``python -m pybridge.worker`` speaks Appose's worker protocol on stdin and stdout: one JSON object a line. A task's
"script" is one of the verbs of ``calls.VERBS``, never code. Pixels go through a private shared-memory file, see
``segments``. Imports commands and the rooms below, never imagej: there is no Java in this process.
"""
