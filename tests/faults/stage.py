"""A stage on which the bot may die at any time: a keeper starts it again, people try again.

Nobody on it knows when the bot is away. Alertmanager posts an alert until it is taken, a person
presses a button until Slack shows no error, and neither does it again once it was acknowledged:
from then on it is the bot's to remember, and what was acknowledged stands in the log of effects.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import TypeVar

import httpx

from bot.clock import Clock
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.rehearsal.workspace import NotAnswered, NotPossible
from tests.faults import checker, mortal, street
from tests.faults.checker import Verdict
from tests.faults.street import Book, House, Street
from tests.journeys import scenes
from tests.journeys.scenes import NURSERY, Scene

T = TypeVar("T")
KILLED = -9
AGAIN = 0.05
"""Seconds between two tries of somebody who got no answer."""
PEOPLE = {"olivia": "U0OLIVIA", "andre": "U0ANDRE", "ana": "U0ANA", "sam": "U0SAM"}


@dataclass
class Stage:
    """The scene, the street beside its town, and the lives that the bot is to have."""

    scene: Scene
    street: Street
    deaths: list[str] = field(default_factory=list)
    """The moments at which its lives end, one after the other; after them it lives on."""
    died: int = 0
    life: Callable[[Path, str, Event], None] = mortal.main
    clock: Clock = field(default_factory=Clock)
    alive: Event = field(default_factory=NURSERY.Event)
    """Set once the bot of this life has opened its doors."""

    async def keep(self) -> None:
        """Start the bot, and start it again whenever it is dead, as a process runner does."""
        while True:
            moment = self.deaths[self.died] if self.died < len(self.deaths) else "never"
            await self.live(moment)
            while self.scene.lives:
                await self.clock.sleep(0.01)
            bot = self.scene.bot
            code = bot.exitcode if bot is not None else None
            if code != KILLED:
                raise AssertionError(f"the bot ended by itself: {code}\n{self.scene.log()[-3000:]}")
            self.died += 1

    async def live(self, moment: str) -> None:
        """Begin one life; it may be over before it could open its doors."""
        self.alive = NURSERY.Event()
        self.scene.bot = NURSERY.Process(
            target=self.life, args=(self.scene.directory, moment, self.alive)
        )
        self.scene.bot.start()

    async def alert(self, name: str, service: str, status: str = "firing", **labels: str) -> None:
        """Post an alert until it is taken; then that is on record outside of the bot."""
        alert = scenes.one_alert(name, service, status, **labels)
        while await self.posted(alert) != 202:
            await self.clock.sleep(AGAIN)
        told = {"fingerprint": alert["fingerprint"], "status": status}
        self.street.effects.write("sender", 0, "accepted", told)

    async def posted(self, alert: dict[str, object]) -> int:
        try:
            return await self.scene.send(alert)
        except httpx.TransportError:
            return 0

    async def knock(self) -> None:
        """Post without the secret until the door says no."""
        status = 0
        while status != 401:
            with suppress(httpx.TransportError):
                async with httpx.AsyncClient(trust_env=False, verify=False) as client:
                    url = f"http://127.0.0.1:{self.scene.port}/alerts/alertmanager"
                    status = (await client.post(url, json={})).status_code
            await self.clock.sleep(AGAIN)

    async def press(self, action: str, user: str = "andre", of: str = "") -> None:
        """Press a button of a card, the newest unless it is one incident's, until it is heard.

        An error in Slack does not mean that it was not: then the button goes away by itself.
        """
        tried = False
        while True:
            found = next(iter(self.buttons(action, of)), None)
            if found is None and tried:
                return
            if found is not None and await self.pressed(found[0], user, action, found[1]):
                return
            tried = tried or found is not None
            await self.clock.sleep(AGAIN)

    async def pressed(self, ts: str, user: str, action: str, value: str) -> bool:
        """Press it once; whether Slack was answered."""
        try:
            await self.scene.workspace.click(user, "alerts", ts, action)
        except (NotAnswered, NotPossible):
            return False
        incident, _, round_ = value.partition(".")
        told = {"incident": incident, "round": int(round_ or 0), "who": PEOPLE[user]}
        if action == "approve_recovery":
            self.street.effects.write("slack", 0, "clicked", told)
        return True

    def buttons(self, action: str, of: str = "") -> Iterable[tuple[str, str]]:
        """Every message that has this button: its ts and the button's value, newest first."""
        workspace = self.scene.workspace
        for root in reversed(workspace.messages("alerts")):
            for message in workspace.thread("alerts", str(root["ts"])):
                for block in message.get("blocks", []):
                    for one in block.get("elements", []):
                        value = one.get("value", "") if isinstance(one, dict) else ""
                        if one.get("action_id") == action and value.startswith(of):
                            yield str(message["ts"]), value

    async def order(self, user: str, words: str, *, until: Callable[[], object]) -> None:
        """Type `/heal …`, again whenever Slack shows an error, until it has come to be."""
        heard = False
        while not until():
            if not heard:
                try:
                    await self.scene.workspace.command(user, "alerts", "/heal", words)
                    heard = True
                except NotAnswered:
                    pass
            await self.clock.sleep(AGAIN)

    async def said(self, user: str, words: str, kind: str, times: int = 1) -> None:
        """Order something until the ledger has what it leads to."""
        await self.order(user, words, until=lambda: self.kinds().count(kind) >= times)

    async def edit(self, user: str, values: Mapping[str, Mapping[str, str]]) -> None:
        """Fill in the form of *Edit…* on a card, again until a plan was made with it."""
        while "plan.edited" not in self.kinds():
            await self.press("edit_plan", user)
            if view := await self._soon(lambda: self.scene.workspace.modal_of(user)):
                with suppress(NotAnswered, NotPossible):
                    await self.scene.workspace.submit(user, view["id"], values)
                    await self._soon(lambda: "plan.edited" in self.kinds())

    async def _soon(self, look: Callable[[], T]) -> T:
        """What this shows within a few seconds, or shows then."""
        for _ in range(60):
            if found := look():
                return found
            await self.clock.sleep(AGAIN)
        return look()

    def permit(self) -> str:
        """The pre-approval that was asked for last."""
        asked = [e for e in self.scene.entries() if e.kind == "house.permit.asked"]
        return str(json.loads(asked[-1].body)["permit"])

    def asked(self, sql: str) -> int:
        """A number that the ledger's file gives; 0 while there is none."""
        if not self.ledger.exists():
            return 0
        uri = f"{self.ledger.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as conn, suppress(sqlite3.OperationalError):
            return int(conn.execute(sql).fetchone()[0])
        return 0

    def kinds(self) -> Sequence[str]:
        """The kinds of the entries so far; none while there is no ledger."""
        return [e.kind for e in self.scene.entries()] if self.ledger.exists() else []

    async def until(self, *kinds: str, times: int = 1) -> None:
        """Wait until entries of these kinds stand in the ledger."""
        await self.scene.until(lambda: all(self.kinds().count(k) >= times for k in kinds))

    async def reached(self, *states: State) -> Incident:
        """Wait until the newest incident is in one of these states."""
        await self.scene.until(self.ledger.exists)
        return await self.scene.reached(*states)

    async def at_rest(self) -> None:
        """Wait until every planned death was died, and every incident has its true card."""
        async with asyncio.timeout(scenes.PATIENCE):
            while self.died < len(self.deaths) or not self._all_shown():
                await self.clock.sleep(AGAIN)

    def _all_shown(self) -> bool:
        shown = "".join(str(one.get("text")) for one in self.scene.workspace.messages("alerts"))
        return {one.id for one in self.scene.incidents()} <= {*self.cards()} and bool(shown)

    @property
    def ledger(self) -> Path:
        return self.scene.directory / "heal.db"

    @property
    def log(self) -> Path:
        return self.scene.directory / "t" / "effects.log"

    def judged(self) -> Verdict:
        return checker.check(self.log, self.ledger)

    def cards(self) -> list[str]:
        """Whose cards stand in the channel, one name for each message."""
        found = []
        for message in self.scene.workspace.messages("alerts"):
            slot = (message.get("metadata") or {}).get("event_payload", {}).get("slot", "")
            if slot.endswith("/card"):
                found.append(slot.partition("/")[0])
        return found


@asynccontextmanager
async def opened(
    directory: Path,
    houses: dict[str, House],
    books: Iterable[Book],
    deaths: Sequence[str] = (),
    life: Callable[[Path, str, Event], None] = mortal.main,
    *,
    at_once: int = 1000,
    rules: Mapping[str, object] | None = None,
    signals: bool = False,
) -> AsyncIterator[Stage]:
    """Open it and let the bot live its lives; a keeper that gives up fails the test."""
    posts = max(50, len(houses))
    async with (
        scenes.opened(directory, posts=posts) as scene,
        street.opened(directory / "t") as ours,
    ):
        ours.houses = houses
        changed = {"concurrency": at_once, **(rules or {})}
        street.furnish(directory, ours, books, changed, signals=signals)
        stage = Stage(scene, ours, list(deaths), life=life)
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(stage.keep())
            yield stage
            keeper.cancel()
