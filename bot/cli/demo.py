"""`heal demo`: everything on this machine, to be clicked through; `--auto` plays it by itself."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot.rehearsal import stage as stages
from bot.rehearsal.stage import ALERT_TOKEN, UNITS, Stage
from bot.rehearsal.stories import STORIES, StoryFailed
from bot.rehearsal.telling import Narrator
from bot.store import verifying
from bot.telemetry import logs
from bot.telemetry.logs import Form

HOW = """
Heal is running on this machine. Nothing else is needed.

  Open    {url}
          You begin as Olivia, who is on call; switch people at the bottom left.
  First   The shop's process is killed in {pause:.0f} seconds. Its plan appears in #alerts.
  Then    Switch to André (approver), read the card, click Approve & Execute,
          and open the thread: progress, proof and the transcript come there.
  Try     as Sam (stranger): click Approve. As Olivia: /heal help, /heal status,
          /heal dry-run restart-dead-service service=shop environment=demo
  Alerts  POST {alerts} takes Alertmanager's webhook,
          with the bearer token {token}

  Here    1 kills the shop again      2 breaks the payment gateway (the wrong fix)
          3 exhausts the pool         4 mends everything           q or Ctrl-C quits
"""
PAUSE = 8.0


def add(verbs: Any) -> None:
    verb = verbs.add_parser("demo", help="try everything on this machine", description=__doc__)
    verb.add_argument("--auto", action="store_true", help="play three stories and verify them")
    verb.add_argument("--port", type=int, default=0, help="port of the page; default: a free one")
    verb.add_argument("--dir", type=Path, default=None, help="keep ledger and logs here")
    verb.set_defaults(act=act)


def act(given: argparse.Namespace) -> int:
    logs.begin("WARNING", [], Form.TEXT)
    directory = given.dir or Path(tempfile.mkdtemp(prefix="heal-demo-"))
    directory.mkdir(parents=True, exist_ok=True)
    play = _auto if given.auto else _by_hand
    return asyncio.run(play(directory, given.port))


async def _auto(directory: Path, port: int) -> int:
    """Play the stories one after the other; 0 when all went as told and the ledger is sound."""
    failed = 0
    async with stages.opened(directory, page=port) as stage:
        narrator = Narrator(stage.house.clock)
        stage.house.cases.subscribe(narrator.told)
        for number, story in enumerate(STORIES, 1):
            narrator.begin(f"{number}. {story.name}: {story.tells}")
            try:
                ended = await story.play(stage)
                print(f"  → {ended.id}: {ended.state}, as it should be")
            except (StoryFailed, TimeoutError) as error:
                failed += 1
                print(f"  → FAILED: {error}")
        ledger = stage.ledger
    report = await asyncio.to_thread(verifying.verify, ledger)
    print(f"\nledger {report.line}\nlook again: heal audit verify --ledger {ledger}")
    return 1 if failed or not report.sound else 0


async def _by_hand(directory: Path, port: int) -> int:
    """Wait for the reader; keys break and mend things."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with stages.opened(directory, page=port) as stage:
        alerts = f"http://127.0.0.1:{stage.house.server.port}/alerts/alertmanager"
        said = HOW.format(url=stage.workspace.url, pause=PAUSE, alerts=alerts, token=ALERT_TOKEN)
        print(said, flush=True)
        narrator = Narrator(stage.house.clock)
        stage.house.cases.subscribe(narrator.told)
        keys = Keys(stage, stop)
        if sys.stdin.isatty():
            loop.add_reader(sys.stdin.fileno(), keys.pressed)
        first = stage.house.tasks.start(keys.break_first(PAUSE), name="the demo's first trouble")
        await stop.wait()
        if sys.stdin.isatty():
            loop.remove_reader(sys.stdin.fileno())
        first.cancel()
        ledger = stage.ledger
    print(f"\nIts ledger: heal audit show --ledger {ledger}")
    return 0


class Keys:
    """What the reader can break and mend from the terminal."""

    def __init__(self, stage: Stage, stop: asyncio.Event) -> None:
        self._stage = stage
        self._stop = stop

    def pressed(self) -> None:
        line = sys.stdin.readline()
        word = line.strip().lower()
        if word == "q":
            self._stop.set()
        elif not line:
            asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        elif word in {"1", "2", "3", "4"}:
            self._stage.house.tasks.start(self.do(word), name=f"key {word}")

    async def break_first(self, pause: float) -> None:
        await self._stage.house.clock.sleep(pause)
        await self.do("1")

    async def do(self, word: str) -> None:
        town = self._stage.town
        if word == "1":
            await town.crash("shop")
        elif word == "2":
            await town.break_("shop", "upstream")
        elif word == "3":
            await town.break_("shop", "pool")
        else:
            for unit in UNITS:
                if not await town.health(unit):
                    await town.start(unit)
                await town.mend(unit)
