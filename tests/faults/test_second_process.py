"""A second bot on the same ledger: it never acts, also while the first one hangs in a step."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from bot.core.lifecycle import State
from bot.rehearsal import stage as local
from tests.faults import stage
from tests.faults.stage import Stage
from tests.faults.street import Book, House
from tests.journeys import scenes

BOOK = Book("Narrow")


async def test_e07_while_the_first_one_hangs_in_a_step_the_second_is_refused_and_does_nothing(
    tmp_path: Path,
) -> None:
    async with stage.opened(tmp_path, {"corner": House(before=0.3, after=0.3)}, (BOOK,)) as first:
        await first.alert("Narrow", "corner")
        await first.press("approve_recovery")
        await first.until("step.claimed")
        owner = first.scene.bot.pid if first.scene.bot else None
        assert owner is not None
        os.kill(owner, signal.SIGSTOP)
        try:
            known = len(first.kinds())
            code, said = await second(first)
            assert len(first.kinds()) == known
        finally:
            os.kill(owner, signal.SIGCONT)
        await first.reached(State.HEALED)
        await first.at_rest()

        assert code not in {0, None}
        assert f"heal.db is in use by another process (pid {owner}); stop it first" in said
        assert "Traceback" not in said
        assert (first.judged().faults, len(first.scene.effects("pool"))) == ([], 1)


async def second(of: Stage) -> tuple[int | None, str]:
    """Start `heal run` on the same ledger; how it ended, and what it said."""
    environment = {
        "PATH": os.environ["PATH"],
        "SLACK_BOT_TOKEN": local.LOCAL.bot_token,
        "SLACK_APP_TOKEN": local.LOCAL.app_token,
        "SLACK_API_URL": of.scene.workspace.api_url,
        "SLACK_RECOVERY_CHANNEL": "#alerts",
        "SLACK_PORT": str(scenes.free_port()),
        "HEAL_LEDGER": str(of.ledger),
        "HEAL_RUNBOOKS": str(of.scene.directory / "runbooks"),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(scenes.PATIENCE):
        said, _ = await process.communicate()
    return process.returncode, said.decode()
