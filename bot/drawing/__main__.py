"""
`python -m bot.drawing GRAPH PICTURE`: draw the JSON of a core.graph.Graph as a PNG, and end.

It takes a second and a hundred megabytes, and gives both back. It may have no more than its
limits, whatever it is asked to draw.
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from bot.core.graph import Graph

MEMORY = 1 << 30
"""Bytes of address space."""
SECONDS = 30
"""Of processor time."""
FILE = 8 << 20
"""Bytes of a file: the picture, and what matplotlib keeps of the fonts."""


def main(given: list[str]) -> int:
    """Draw one graph; 3 means that matplotlib is not installed."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_CORE, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    os.nice(10)
    told, picture = map(Path, given)
    graph = Graph.model_validate_json(told.read_bytes())
    try:
        from bot.drawing.picture import draw
    except ImportError as error:
        print(error, file=sys.stderr)  # noqa: T201 - who started it reads it there
        return 3
    picture.write_bytes(draw(graph))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
