"""
The storm at full size: `python -m tests.storm [seconds]`.

Prints what it came to, and exits with 1 when something was lost or Slack was not kept calm.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.journeys import storms
from tests.journeys.storms import Figures, Size


async def main(seconds: float) -> Figures:
    with tempfile.TemporaryDirectory(prefix="heal-storm-") as directory:
        async with storms.opened(Path(directory), Size(seconds=seconds)) as storm:
            await storm.blow()
            await storm.settled(patience=300)
            return storm.figures()


def kept(came_to: Figures) -> dict[str, bool]:
    """What is promised, and whether it was kept."""
    return {
        "0 lost": came_to.lost == 0,
        "at most 1 post a second in a channel": came_to.posts_per_second <= 1,
        "at most 50 edits a minute": came_to.edits_per_minute <= 50,
        "never told to slow down": came_to.refused == 0,
        "every approval visible within 5 s": came_to.waits[-1] <= 5,
        "under 250 MB of memory": came_to.megabytes < 250,
    }


if __name__ == "__main__":
    figures = asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
    for name, value in figures._asdict().items():
        print(f"{name:>18}  {value}")
    for promise, held in kept(figures).items():
        print(f"{'kept' if held else 'BROKEN':>18}  {promise}")
    sys.exit(not all(kept(figures).values()))
