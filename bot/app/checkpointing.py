"""Checkpointing: the ledger is signed as it grows, and what was signed is sent to every sink."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bot import ports
from bot.clients import signing
from bot.clients.signing import CheckpointSettings, Signer
from bot.core import facts
from bot.core.errors import ActionError, StoreUnavailable
from bot.core.facts import CheckpointKey
from bot.core.incident import Incident
from bot.core.merkle import Frontier
from bot.core.transcript import Entry
from bot.engine import recording
from bot.engine.world import World
from bot.plugins import Toolbox
from bot.store.checkpoints import Checkpoints
from bot.store.writer import Writer
from bot.telemetry import metrics
from bot.telemetry.metrics import Values
from bot.timers import Timers

if TYPE_CHECKING:
    from bot.app.companions import Joined

EVERY = timedelta(minutes=10)
"""How often the ledger is signed at least, when something was added."""
GAP = 5.0
"""Seconds between two checkpoints at least: runs that end together share one."""
AGAIN, LONGEST = 5.0, 600.0
"""Seconds after which a sink that failed is tried again, and to which they double at most."""
ENDS = frozenset({"incident.closed", "run.verified", "run.rolled_back"})
"""The kinds of entries with which a run or an incident is over."""
log = logging.getLogger(__name__)


async def begin(joined: Joined) -> None:
    """Sign from now on, when a key is set; ConfigurationError when a setting is wrong."""
    toolbox = joined.toolbox
    signer = signing.signer(toolbox.settings(signing.SYSTEM, CheckpointSettings))
    sinks = {name: toolbox.sink(name) for name in named(toolbox)}
    if signer is None:
        log.info("the ledger is not signed: %s", signing.UNSET)
        return
    one = Checkpointing(joined.world, joined.writer, signer, sinks)
    joined.measuring.more.append(one.figures)
    await one.begin(joined.timers)


def named(toolbox: Toolbox) -> list[str]:
    """The sinks that a setting is about."""
    known = toolbox.names("sinks")
    return [name for name in known if toolbox.told(f"sink_{name.partition('.')[0]}")]


class Checkpointing:
    """
    Signs in one task and sends in one a sink, so that none holds up another, or a run.

    What each sink has is on disk: one that was away gets what it missed.
    """

    def __init__(
        self, world: World, writer: Writer, signer: Signer, sinks: Mapping[str, ports.Sink]
    ) -> None:
        self._behind = dict.fromkeys(sinks, 0)
        self._size = 0
        self._frontier = Frontier()
        self._world = world
        self._store = Checkpoints(writer)
        self._signer = signer
        self._sinks = sinks
        self._due = asyncio.Event()
        self._news = {name: asyncio.Event() for name in sinks}

    async def begin(self, timers: Timers) -> None:
        """Sign what is there, go on with it as it grows, and send each sink what it lacks."""
        await self._take_turn()
        self._frontier = await self._store.frontier()
        self._size = self._frontier.size
        self._world.tasks.start(self._sign_on(), name="checkpoints")
        for name, sink in self._sinks.items():
            await self._store.admit(name)
            self._world.tasks.start(self._send_on(name, sink), name=f"checkpoints to {name}")
        self._world.cases.subscribe(self._told)
        timers.every(EVERY, "sign the ledger", self._look)
        self._due.set()

    def figures(self) -> Values:
        """How long the signed ledger is, and what each sink lacks."""
        behind: dict[tuple[str, ...], float] = {
            (name,): count for name, count in self._behind.items()
        }
        return {metrics.SIGNED: {(): self._size}, metrics.BEHIND: behind}

    async def _take_turn(self) -> None:
        """Record the key when it is another than signed before: verifiers follow the record."""
        before, signer = _recorded(await self._store.key()), self._signer
        key = signer.public.written
        if before == key:
            return
        handover = signer.handover if before and f"\n{before}\n" in signer.handover else ""
        if before and not handover:
            log.error("the key of checkpoints is another, and the one before did not hand over")
        fact = CheckpointKey(key=key, before=before, handover=handover)
        await recording.record(self._world, "", f"checkpoint_key:{key}:{before}", fact)

    def _told(self, _: Incident, entry: Entry) -> None:
        if entry.kind in ENDS:
            self._due.set()

    async def _look(self) -> None:
        self._due.set()

    async def _sign_on(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._sign()
            except StoreUnavailable as error:
                log.warning("no checkpoint was made: %s", error)
                self._due.set()
            await self._world.clock.sleep(GAP)

    async def _sign(self) -> None:
        """Go on with the tree where it ended, and sign its root when it grew."""
        while hashes := await self._store.hashes(self._frontier.size):
            self._frontier.extend(hashes)
        size = self._frontier.size
        if size == self._size:
            return
        signed = self._signer.checkpoint(size, self._frontier.root)
        await self._store.keep(signed, self._frontier, self._world.clock.now())
        self._size = size
        for name, news in self._news.items():
            self._behind[name] += 1
            news.set()

    async def _send_on(self, name: str, sink: ports.Sink) -> None:
        self._news[name].set()
        wait = AGAIN
        while True:
            await self._news[name].wait()
            self._news[name].clear()
            if await self._sent_all(name, sink):
                wait = AGAIN
                continue
            await self._world.clock.sleep(wait)
            wait = min(2 * wait, LONGEST)
            self._news[name].set()

    async def _sent_all(self, name: str, sink: ports.Sink) -> bool:
        """Send what it lacks, oldest first or only the newest; False when that has to wait."""
        store, clock = self._store, self._world.clock
        try:
            while due := await store.due(name, newest=not sink.each):
                self._behind[name] = due.behind
                receipt = await sink.keep(due.signed, due.before)
                await store.kept(name, due.signed.checkpoint.size, receipt, clock.now())
        except StoreUnavailable as error:
            log.warning("checkpoints to %s wait: %s", name, error)
            return False
        except ActionError as error:
            log.warning("checkpoints to %s wait: %s", name, error)
            with suppress(StoreUnavailable):
                await store.failed(name, str(error), clock.now())
            return False
        self._behind[name] = 0
        return True


def _recorded(body: str) -> str:
    """The public key in the body of its entry; empty when there is none that can be read."""
    try:
        fact = facts.read(body) if body else None
    except ValidationError:
        return ""
    return fact.key if isinstance(fact, CheckpointKey) else ""
