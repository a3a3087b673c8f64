"""
Slack is away for ten minutes in the middle of a run, in every way in which it can be away.

A run was approved before; it acts, is verified and ends meanwhile. A question runs out that nobody
could see, and one is still open when Slack is back. All are paged, and the run's alert has a
ticket. Then everything has to stand in Slack once, and as it is.
"""

from __future__ import annotations

import asyncio
import json
import stat
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import House as Bot
from bot.clock import Clock
from bot.core import updates
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.rehearsal.workspace.world import Call
from bot.slack.cards import looks, question
from tests.desks import pagers, servicenow
from tests.desks.pagers import PagerDutyDouble
from tests.desks.servicenow import REFERENCE, ServiceNowDesk
from tests.desks.stands import of_pagerduty
from tests.faults import street as streets
from tests.faults.hastened import Hastened
from tests.faults.stage import Stage
from tests.faults.street import Book, House
from tests.journeys import mortal, scenes
from tests.journeys.scenes import PATIENCE, Scene

MINUTES = 10
WEATHER = (
    (0.0, "error"), (0.1, "limited"), (0.25, "hang"), (0.4, "refused"), (0.5, "dropped"),
    (0.6, "lost"), (0.8, "hang"), (0.9, "error"),
)  # fmt: skip
"""From which part of the outage on it shows in which way."""
BOOKS = (
    Book("Slow", places=("pool", "queue"), timeout="1m", within="9m", every="15s", hold="2m",
         journal=True),
    Book("Unseen", expires="4m"),
    Book("Late", expires="1h"),
)  # fmt: skip
SLOW, UNSEEN, LATE = "corner", "bakery", "kiosk"
BUTTON = "approve_recovery"
Truth = tuple[str, object, object]
"""What holds, what was seen, what should be seen."""
ENDS = {SLOW: State.RESOLVED, UNSEEN: State.EXPIRED, LATE: State.HEALED}
JOURNAL = """#!/bin/sh
echo "2026-11-20T10:00:02+00:00 corner corner[7]: error: no connection is free"
echo "2026-11-20T10:00:01+00:00 corner corner[7]: 20 of 20 connections are taken"
"""


@dataclass
class Inside(Scene):
    """The scene with the bot in this process, in this loop and by this clock."""

    clock: Clock = field(default_factory=Clock)
    house: Bot | None = None

    async def start(self) -> None:
        self.house = await mortal.opened(self.directory, clock=self.clock)

    async def stop(self) -> None:
        if self.house is not None:
            await self.house.close()


@dataclass
class Outage:
    """What is looked at; `minutes` is how long Slack is away."""

    stage: Stage
    desk: ServiceNowDesk
    pager: PagerDutyDouble
    clock: Hastened
    minutes: float = MINUTES
    began: float = 0.0
    back: float = 0.0
    """When it went and came back, in seconds of the clock."""
    caught_up: float = 0.0
    """When all was told."""
    told_meanwhile: int = 0
    """Notes that stood in the tickets before Slack was back."""

    @property
    def scene(self) -> Scene:
        return self.stage.scene

    async def until(self, held: Callable[[], object]) -> None:
        """Wait for it, whatever the speed; given up by the world's time."""
        world = Clock()
        deadline = world.monotonic() + PATIENCE + 60 * self.minutes
        while not held():
            assert world.monotonic() < deadline, "it never came"
            await self.clock.sleep(0.2 if self.clock.speed == 1 else 5.0)

    async def at(self, part: float) -> None:
        """Wait until this part of the outage is over."""
        due = self.began + part * self.minutes * 60
        await self.clock.sleep(due - self.clock.monotonic())

    def of(self, service: str) -> Incident:
        return next(one for one in self.scene.incidents() if one.service == service)

    def reached(self, service: str, *states: State) -> bool:
        return any(one.service == service and one.state in states
                   for one in self.scene.incidents())  # fmt: skip

    def unsent(self) -> int:
        """Messages that do not say yet what they should."""
        return self.stage.asked("select count(*) from outbox where wanted_hash is not sent_hash")

    def in_step(self) -> bool:
        """Whether the ticket was told everything."""
        wanted = [update.mark for update in updates.of(self.of(SLOW))]
        return [f"[{mark}]" for mark in wanted] == self.marks()

    def marks(self) -> list[str]:
        """What stands in the ticket, in its order."""
        return [note[note.rindex("[") :] for note in self.desk.notes(REFERENCE)]

    def last(self, incident: str) -> int:
        """The number of its last entry."""
        return max(one.seq for one in self.scene.entries() if one.incident == incident)

    # -- what stands in Slack

    def said(self) -> list[dict[str, Any]]:
        """Every message of the bot, in the channels, their threads and in private."""
        world = self.scene.workspace.world
        return [one for held in world.messages.values() for one in held.values()
                if one.get("user") == world.app.user_id]  # fmt: skip

    def slots(self) -> Counter[str]:
        """How often each slot stands there."""
        return Counter(slot(one) for one in self.said() if one.get("metadata"))

    def files(self) -> Counter[str]:
        """How often each file hangs there; one that is in no message counts as none."""
        return Counter(str(file["name"]) for one in self.said() for file in one.get("files", ()))

    def card(self, service: str) -> dict[str, Any]:
        [card] = [one for one in self.scene.workspace.messages("alerts")
                  if slot(one) == f"{self.of(service).id}/card"]  # fmt: skip
        return card

    def landed(self, since: float, until: float = float("inf")) -> list[Call]:
        """What Slack was made to say in that time."""
        return [one for one in self.scene.workspace.calls
                if since <= one.at < until and one.error is None]  # fmt: skip

    def edits(self, since: float, until: float = float("inf")) -> Counter[str]:
        """How often each slot was edited in that time."""
        return Counter(slot(one.args) for one in self.landed(since, until)
                       if one.method == "chat.update")  # fmt: skip

    def most_edits(self) -> int:
        """Edits within one minute at most."""
        at = [one.at for one in self.scene.workspace.called("chat.update")]
        return max((sum(0 <= other - one < 60 for other in at) for one in at), default=0)

    def table(self) -> str:
        """Each message and file: when it was posted, how often it was edited, what it says."""
        posted = {slot(one.args): one.at for one in self.landed(0)
                  if one.method == "chat.postMessage"}  # fmt: skip
        during, after = self.edits(self.began, self.back), self.edits(self.back)
        counts, lines = self.slots(), [f"{'message':34} {'posted':>12} edits away/after  says"]
        for one in self.said():
            name = slot(one)
            if name:
                lines.append(f"{name:34} {self._when(posted.get(name)):>12} {during[name]:10}/"
                             f"{after[name]:<5}  {counts[name]} x {head(one)}")  # fmt: skip
        lines += [f"{name:60} {count} x" for name, count in sorted(self.files().items())]
        return "\n".join(lines)

    def _when(self, at: float | None) -> str:
        if at is None:
            return "lost"
        if at < self.began:
            return "before"
        return f"{at - self.began:.0f} s" if at < self.back else f"back + {at - self.back:.0f} s"


def slot(said: dict[str, Any]) -> str:
    """The slot that a message, or the call that makes it, is of; empty when it is of none."""
    told = said.get("metadata") or {}
    about = json.loads(told) if isinstance(told, str) else told
    return str(about.get("event_payload", {}).get("slot", ""))


def head(said: dict[str, Any]) -> str:
    """The first words of a message."""
    return " ".join(str(said.get("text", "")).split())[:60]


@asynccontextmanager
async def opened(directory: Path, clock: Hastened, *, inside: bool) -> AsyncIterator[Outage]:
    """
    The bot, Slack with its real limits, three services, ServiceNow and PagerDuty.

    The bot is `inside` this process and goes by this clock, or it is a process of its own by the
    world's, which a keeper starts again when it dies.
    """
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(
            scenes.opened(directory, posts=0, clock=clock if inside else None)
        )
        desk, url = await stack.enter_async_context(servicenow.running())
        pager = await stack.enter_async_context(pagers.opened())
        ours = await stack.enter_async_context(
            streets.opened(directory / "t", clock if inside else None)
        )
        ours.houses = {name: House() for name in (SLOW, UNSEEN, LATE)}
        ours.houses[SLOW].before = 20.0
        streets.furnish(directory, ours, BOOKS, {"concurrency": 10})
        _tell(directory, servicenow.told(url), of_pagerduty(pager, opens_for="every"))
        if inside:
            scene = Inside(directory, scene.workspace, scene.town, scene.port, clock=clock)
            stack.push_async_callback(scene.stop)
            await scene.start()
        stage = Stage(scene, ours, clock=clock)
        keeper = None if inside else asyncio.create_task(stage.keep())
        try:
            yield Outage(stage, desk, pager, clock)
        finally:
            if keeper is not None:
                keeper.cancel()


def _tell(directory: Path, ticket: dict[str, str], page: dict[str, str]) -> None:
    """Slack's pace, a journal, graphs, a ticket system and a pager."""
    journal = directory / "journalctl"
    journal.write_text(JOURNAL)
    journal.chmod(journal.stat().st_mode | stat.S_IXUSR)
    place = directory / "stage.json"
    told = json.loads(place.read_text())
    told["sections"]["host"]["journalctl"] = str(journal)
    told["sections"] |= {"evidence": {"graphs": "true"}, "servicenow": ticket, "pagerduty": page}
    place.write_text(json.dumps(told | {"pace": "slack"}))


async def play(outage: Outage, speed: float = 1.0, *, killed: bool = False) -> None:
    """
    Let it happen, until all is told and the question that stayed open was answered.

    While Slack is away time goes by this speed. When it is `killed`, the bot dies in the middle.
    """
    stage, scene, clock = outage.stage, outage.scene, outage.clock
    await scene.ready()
    await stage.alert("Slow", SLOW, ticket=REFERENCE)
    await outage.until(lambda: list(stage.buttons(BUTTON)) and not outage.unsent())
    await stage.press(BUTTON)
    await stage.until("approval.decided")
    outage.began, clock.speed = clock.monotonic(), speed
    sky = asyncio.create_task(_weather(outage))
    await _meanwhile(outage, killed=killed)
    await sky
    await outage.until(outage.in_step)
    outage.told_meanwhile = len(outage.desk.notes(REFERENCE))
    outage.back = clock.monotonic()
    await scene.workspace.come_back()
    await outage.until(lambda: list(stage.buttons(BUTTON, outage.of(LATE).id)))
    await outage.until(lambda: not outage.unsent())
    clock.speed, outage.caught_up = 1.0, clock.monotonic()
    await scene.ready()


async def _weather(outage: Outage) -> None:
    for part, how in WEATHER:
        await outage.at(part)
        await outage.scene.workspace.go_away(how)
    await outage.at(1.0)


async def _meanwhile(outage: Outage, *, killed: bool) -> None:
    stage = outage.stage
    await outage.at(0.05)
    await stage.alert("Unseen", UNSEEN)
    if killed:
        await outage.at(0.3)
        stage.scene.kill()
        await outage.until(lambda: stage.died == 1)
    await outage.until(lambda: outage.reached(SLOW, State.HEALED))
    await outage.until(lambda: outage.reached(UNSEEN, State.EXPIRED))
    await outage.at(0.75)
    await stage.alert("Slow", SLOW, "resolved", ticket=REFERENCE)
    await outage.until(lambda: outage.reached(SLOW, State.RESOLVED))
    await outage.at(0.85)
    await stage.alert("Late", LATE)
    await outage.until(lambda: outage.reached(LATE, State.AWAITING_APPROVAL))


async def answer(outage: Outage) -> None:
    """Somebody answers the question that is still open, and its run goes well."""
    await outage.stage.press(BUTTON, of=outage.of(LATE).id)
    await outage.until(lambda: outage.reached(LATE, State.HEALED))
    await outage.until(lambda: not outage.unsent())


def faults_when_back(outage: Outage) -> list[str]:
    """What is not as it should be when all was told and nobody pressed anything yet."""
    states = {one.service: one.state for one in outage.scene.incidents()}
    waits, ran = f"{outage.of(LATE).id}/card", f"{outage.of(SLOW).id}/card"
    landed = [one for one in outage.landed(outage.back) if one.method.startswith("chat.")]
    asking = [slot(one.args) for one in landed if BUTTON in str(one.args.get("blocks"))]
    standing = [slot(one) for one in outage.said() if BUTTON in str(one.get("blocks"))]
    calls = [name for name in outage.slots() if name.startswith(f"{outage.of(UNSEEN).id}/note/")
             and name.rpartition("/")[2].partition("-")[0] in question.CALLS]  # fmt: skip
    edits = dict(outage.edits(outage.back))
    return _untrue(
        ("they end right", states, {**ENDS, LATE: State.AWAITING_APPROVAL}),
        ("the ticket was told all of it meanwhile", outage.told_meanwhile, len(outage.marks())),
        ("only what still waits is asked for", asking, [waits]),
        ("only what still waits has buttons", standing, [waits]),
        ("nobody is called to what was over", calls, []),
        ("one edit makes what stood there true, and all else is posted as it is", edits, {ran: 1}),
        *_always(outage),
    )


def faults_at_the_end(outage: Outage) -> list[str]:
    """The same when the question that stayed open was answered."""
    states = {one.service: one.state for one in outage.scene.incidents()}
    sizes = {name: house.sizes for name, house in outage.stage.street.houses.items()}
    wanted = {SLOW: {"pool": 50, "queue": 50}, UNSEEN: {"pool": 20, "queue": 20},
              LATE: {"pool": 50, "queue": 20}}  # fmt: skip
    return _untrue(
        ("they end right", states, ENDS),
        ("the services are as they should be", sizes, wanted),
        ("nothing has buttons any more", BUTTON in str(outage.said()), False),
        *_always(outage),
    )


def _always(outage: Outage) -> list[Truth]:
    """What holds whenever all is told."""
    incidents = outage.scene.incidents()
    cards = {one.id: str(outage.card(one.service)["text"]) for one in incidents}
    ran = outage.of(SLOW).id
    kept = {f"{ran}-graph.png", f"{ran}-journal-log-before.txt", f"{ran}.md"}
    hung = {one.about["name"]: one.content or b"" for one in outage.scene.workspace.files.values()}
    pages = [note for name in outage.pager.records() for note in outage.pager.notes(name)]
    hasty = [
        one.method
        for one in outage.scene.workspace.calls
        if one.error == "ratelimited" and one.method.startswith(("chat.", "files."))
    ]
    return [
        ("each card says how its incident stands",
         [name for name, said in cards.items() if not said.startswith(looks.headline(
             next(one for one in incidents if one.id == name)))], []),
        ("no message stands there twice", _more_than_one(outage.slots()), []),
        ("no file hangs there twice", _more_than_one(outage.files()), []),
        ("what was due meanwhile hangs there", kept - set(outage.files()), set()),
        ("the graph is a picture", hung.get(f"{ran}-graph.png", b"")[:4], b"\x89PNG"),
        ("the log has its line", b"> 2026" in hung.get(f"{ran}-journal-log-before.txt", b""), True),
        ("the transcript tells the end", f"| {outage.last(ran)} |".encode() in hung[f"{ran}.md"],
         True),
        ("no page is written twice", _more_than_one(Counter(pages)), []),
        ("the ticket is told each once and in order", outage.in_step(), True),
        ("nothing is said faster than Slack takes it", hasty, []),
        ("no more edits in a minute than there may be", outage.most_edits() <= 45, True),
        ("nothing is done twice, and nothing is lost", outage.stage.judged().faults, []),
    ]  # fmt: skip


def _untrue(*truths: Truth) -> list[str]:
    return [f"{says}: {seen}, not {wanted}" for says, seen, wanted in truths if seen != wanted]


def _more_than_one(counted: Counter[str]) -> list[str]:
    return [name for name, count in counted.items() if count != 1]
