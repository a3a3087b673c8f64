"""
The large campaigns of the attack matrix: the tests of some rows, at their full counts.

    python -m tests.attacks [F07 …]
"""

from __future__ import annotations

import os
import sys

import pytest

from tests import matrix
from tests.attacks.counts import FULL


def main() -> int:
    """Run the tests of these rows, of all without a name; 1 when one failed."""
    named = {name.upper() for name in sys.argv[1:]}
    os.environ[FULL] = "1"
    rows = [row for row in matrix.read(matrix.ATTACKS).rows if not named or row.name in named]
    tests = dict.fromkeys(f"tests/{test}" for row in rows for test in row.shown)
    return int(not tests or pytest.main(["-q", "-p", "no:cacheprovider", *tests]) != 0)


if __name__ == "__main__":
    sys.exit(main())
