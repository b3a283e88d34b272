"""``python -m pybridge`` is the shell command ``pybridge``."""

import sys

from pybridge.cli import main

if __name__ == "__main__":
    sys.exit(main())
