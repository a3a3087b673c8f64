"""The storm at full size, by hand: `python -m tests.storm [seconds]`; prints what it came to."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.journeys import storms
from tests.journeys.storms import Size


async def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="heal-storm-") as directory:
        async with storms.opened(Path(directory), Size(seconds=seconds)) as storm:
            await storm.blow()
            print(storm.figures().lost)
            await asyncio.sleep(20)
            for name, value in storm.figures()._asdict().items():
                print(f"{name:>18}  {value}")
            print(storm.answers)
            from collections import Counter

            print(
                Counter((storm.street.becomes[i.service], i.state) for i in storm.scene.incidents())
            )
            print({i.escalated.why[:200] for i in storm.scene.incidents() if i.escalated})
            print(storm.scene.log()[-1500:])


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0))
