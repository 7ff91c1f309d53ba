"""`python -m gradviz`: the command, for where the `gradviz` script is not on PATH."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
