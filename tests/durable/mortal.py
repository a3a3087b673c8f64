"""A process that kills itself at one point of its workflow: python -m tests.durable.mortal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.clock import Clock
from bot.core.values import canonical
from bot.durable.journal import Journal
from bot.durable.life import Life
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from bot.tasks import Tasks
from tests.store.drafts import draft

STEPS = 5


async def main(path: Path, effects: Path, fatal: str) -> None:
    """Live until the fatal point, if there is one, or until the workflow has ended."""
    ended = asyncio.Event()

    def pass_by(point: str) -> None:
        if point == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    async def workflow(life: Life) -> None:
        async def claim() -> str:
            return canonical(life.nonce)

        for number in range(STEPS):
            pass_by(f"before claim {number}")
            claimed = await life.step(f"claim-{number}", "step.claimed", "heal", claim)
            pass_by(f"after claim {number}")

            async def act(
                number: int = number, mine: bool = claimed == canonical(life.nonce)
            ) -> str:
                pass_by(f"before effect {number}")
                with effects.open("a") as ledger:
                    ledger.write(f"{'do' if mine else 'unsure'} {number}\n")
                pass_by(f"after effect {number}")
                return "{}"

            await life.step(f"act-{number}", "step.ended", "heal", act)
            pass_by(f"after act {number}")
        ended.set()

    async def crash(incident: str, error: BaseException) -> None:
        sys.exit(f"{incident}: {error}")

    tasks, writer = Tasks(), await Writer.open(path)
    ledger = Ledger(writer)
    journal = Journal(ledger, Clock(), tasks, workflow, frozenset({"heal-1"}), crash)
    body = '{"workflow":"heal-1"}'
    await ledger.append(draft("inc-1:open", kind="incident.opened", body=body))
    await journal.recover()
    await ended.wait()
    await journal.close(0)
    await writer.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
