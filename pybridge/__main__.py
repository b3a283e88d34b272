"""``python -m pybridge`` is the shell command ``pybridge``."""

from pybridge.cli import entry

if __name__ == "__main__":
    entry()
