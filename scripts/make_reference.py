"""Write the reference system's SQLite files: `make_reference.py DIR [--events N] [--seed S]`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from statelayer.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["make", *sys.argv[1:]]))
