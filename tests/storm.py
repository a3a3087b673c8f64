"""
The storms at full size: `python -m tests.storm [intake] [seconds]`.

Prints what it came to and which promises were kept; exits with 1 when one was broken. With the
word `intake` it is a deluge: 10,000 alerts of which 9,000 are repetitions, each message delivered
four times, and `kill -9` in the middle.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.journeys import deluges, storms
from tests.journeys.deluges import Deluge
from tests.journeys.storms import Size

Promises = Mapping[str, bool]
Counted = Mapping[str, object]


async def slack(seconds: float) -> tuple[Counted, Promises]:
    """A storm of new alerts, which Slack must bear."""
    with tempfile.TemporaryDirectory(prefix="heal-storm-") as directory:
        async with storms.opened(Path(directory), Size(seconds=seconds)) as storm:
            await storm.blow()
            await storm.settled(patience=300)
            came_to = storm.figures()
    return came_to._asdict(), {
        "0 lost": came_to.lost == 0,
        "at most 1 post a second in a channel": came_to.posts_per_second <= 1,
        "at most 45 edits a minute": came_to.edits_per_minute <= 45,
        "never told to slow down": came_to.refused == 0,
        "every approval visible within 5 s": came_to.waits[-1] <= 5,
        "under 250 MB of memory": came_to.megabytes < 250,
    }


async def intake(seconds: float) -> tuple[Counted, Promises]:
    """A deluge of repetitions, redelivered, with a death in it."""
    with tempfile.TemporaryDirectory(prefix="heal-storm-") as directory:
        async with deluges.opened(Path(directory), deluges.Size(seconds=seconds)) as deluge:
            await deluge.fall()
            await deluge.over()
            return deluge.figures()._asdict(), promised(deluge)


def promised(deluge: Deluge) -> Promises:
    came_to = deluge.figures()
    return {
        "it was dead while messages came": came_to.unanswered > 0,
        "every distinct alert recorded": came_to.lost == 0,
        "every one of them once": came_to.recorded_twice == 0,
        "every service mended once": sorted(deluge.storm.street.puts)
        == sorted(name for name, what in deluge.storm.street.becomes.items() if what == "mends"),
        "nothing left waiting": came_to.waiting == 0,
        "one digest": came_to.digests == 1,
        "at most 1 post a second in a channel": came_to.posts_per_second <= 1,
        "at most 45 edits a minute": came_to.edits_per_minute <= 45,
        "never told to slow down": came_to.refused == 0,
        "under 250 MB of memory": came_to.megabytes < 250,
        "99 of 100 accepted within 100 ms": came_to.p99 < 100,
    }


KINDS = {"slack": slack, "intake": intake}
"""By the word that asks for it."""


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    asked.add_argument("words", nargs="*", metavar="[intake] [seconds]")
    kind, seconds = "slack", 60.0
    for word in asked.parse_args().words:
        kind, seconds = (word, seconds) if word in KINDS else (kind, float(word))
    figures, promises = asyncio.run(KINDS[kind](seconds))
    for name, value in figures.items():
        print(f"{name:>18}  {value}")
    for promise, held in promises.items():
        print(f"{'kept' if held else 'BROKEN':>18}  {promise}")
    return int(not all(promises.values()))


if __name__ == "__main__":
    sys.exit(main())
