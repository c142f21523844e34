"""Lets the modules of this folder import each other: `from tests.corpus import files`."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])] if str(Path(__file__).parents[2]) not in sys.path else []
