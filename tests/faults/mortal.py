"""The bot as a process of its own that dies by SIGKILL at one named moment of its life.

A moment is `when:what[:n]`, the n-th time. `before:` is just before the outside call or the
commit is asked for, `after:` is once it is done and nothing followed yet, `during:` is some
milliseconds into it. The whats are the kinds of the ledger's entries, and those named below.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot import plugins
from bot.app import House
from bot.clock import Clock
from bot.engine.receiving import ROOM as ALERTS
from bot.engine.world import Limits
from bot.settings import Settings
from bot.slack.pacing import Pace
from bot.store.ledger import Ledger
from bot.store.view import View
from bot.store.writer import Writer
from tests.journeys import mortal

INTO_IT = 0.015
"""Seconds after which something is under way."""
ANSWERED = 0.1
"""Seconds after which the sender of what is worked on has surely got its answer."""
FAST = Pace(
    posts_per_second=400,
    post_burst=400,
    edits_per_minute=9000,
    edit_burst=100,
    between_edits=0.2,
    members_per_minute=9000,
    members_burst=100,
)
"""For hundreds of incidents at once; what Slack really takes is for the tests of storms."""
Named = Callable[..., str]
T = TypeVar("T")


class Fate:
    """Counts entries of one kind, and ends the process at the one that is named."""

    def __init__(self, moment: str) -> None:
        when, _, rest = moment.partition(":")
        kind, _, nth = rest.partition(":")
        self.when, self.kind, self.left = when, kind, int(nth or 1)

    def near(self, when: str, kind: str) -> bool:
        """Whether it comes the next time that this is met."""
        return (when, kind, 1) == (self.when, self.kind, self.left)

    def met(self, when: str, kind: str) -> None:
        if (when, kind) == (self.when, self.kind):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class WatchedLedger(Ledger):
    """Before a commit its entries are in the file's transaction; after it they are on disk."""

    def __init__(self, writer: Writer, fate: Fate) -> None:
        super().__init__(writer)
        self._fate = fate
        self.subscribe(lambda entry: fate.met("after", entry.kind))

    async def transaction(self, act: Callable[[View], T]) -> T:
        def watched(view: View) -> T:
            result = act(view)
            for entry in view.added:
                self._fate.met("before", entry.kind)
            return result

        return await super().transaction(watched)


class Mortal(House):
    """A house whose calls to the outside, commits and inbox are watched by its fate."""

    fate = Fate("never")

    async def _ground(self) -> None:
        await super()._ground()
        self.ledger = WatchedLedger(self.writer, self.fate)

    async def _recover(self) -> None:
        self._watch_the_inbox()
        self._watch_slack()
        self._watch_plugins()
        await super()._recover()

    def _watch_the_inbox(self) -> None:
        rooms: dict[int, str] = {}
        put, pending = self.inbox.put, self.inbox.pending

        async def kept(keys: Any, room: str, *rest: Any) -> Any:
            self.fate.met("before", f"{_room(room)}.kept")
            item = await put(keys, room, *rest)
            rooms[item.id] = _room(room)
            self.fate.met("after", f"{_room(room)}.kept")
            return item

        async def left(*which: Any, **named: Any) -> Any:
            items = await pending(*which, **named)
            rooms.update({item.id: _room(item.room) for item in items})
            return items

        self.inbox.put = kept  # type: ignore[method-assign,assignment]
        self.inbox.pending = left  # type: ignore[method-assign]
        self._around(self.inbox, "done", lambda item, *_: f"{rooms[item]}.settled")
        self._around(self.receiving, "_take", lambda *_: "alert.taken", rest=ANSWERED)
        self._around(self.requests, "vote", lambda *_, **__: "slack.taken", rest=ANSWERED)

    def _watch_slack(self) -> None:
        """Each call of the Web API, by its own name; and what the outbox is told of it."""
        self._around(AsyncWebClient, "api_call", lambda _, method, **__: method)
        for word in ("want", "sent"):
            self._around(self.outbox, word, lambda *_, name=word: f"outbox.{name}")

    def _watch_plugins(self) -> None:
        find, seen = self.toolbox.action, set[int]()

        def action(name: str) -> Any:
            found = find(name)
            if id(found) not in seen:
                seen.add(id(found))
                for word in ("scope", "execute", "undo", "landed"):
                    self._around(found, word, lambda *_, called=word: called)
            return found

        self.toolbox.action = action  # type: ignore[method-assign]

    def _around(self, owner: Any, name: str, what: Named, rest: float = 0) -> None:
        act = getattr(owner, name)

        async def watched(*args: Any, **named: Any) -> Any:
            word = what(*args, **named)
            if rest and self.fate.near("before", word):
                await asyncio.sleep(rest)
            self.fate.met("before", word)
            asyncio.get_running_loop().call_later(INTO_IT, self.fate.met, "during", word)
            result = await act(*args, **named)
            self.fate.met("after", word)
            return result

        setattr(owner, name, watched)


class Hasty(House):
    """A house that speaks faster than Slack would let it, and dies when it is killed."""

    def __init__(
        self,
        settings: Settings,
        sections: plugins.Sections,
        clock: Clock,
        limits: Limits,
        pace: Pace | None,
    ) -> None:
        super().__init__(settings, sections, clock, limits, FAST)


def _room(room: str) -> str:
    return "alert" if room.startswith(ALERTS) else room


def main(directory: Path, moment: str, alive: Event) -> None:
    """One life, which may end at this moment."""
    Mortal.fate = Fate(moment)
    mortal.main(directory, alive, Mortal)


def hasten(directory: Path, moment: str, alive: Event) -> None:
    """One life among hundreds of incidents."""
    mortal.main(directory, alive, Hasty)
