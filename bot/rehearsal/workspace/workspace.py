"""
The local Slack workspace: slack.com to a bot, a page to a person, a script to a test.

    async with Workspace.open() as workspace:
        client = AsyncWebClient(token="xoxb-local", base_url=workspace.api_url)
        await workspace.post("olivia", "alerts", "<@U0HEAL> payments is down")
        await workspace.until(lambda: workspace.messages("alerts")[0].get("reply_count"))
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Self, TypeVar

from aiohttp import web

from bot.clock import Clock
from bot.rehearsal.workspace.acts.governing import Governing
from bot.rehearsal.workspace.acts.people import Offered
from bot.rehearsal.workspace.api.door import Door
from bot.rehearsal.workspace.api.office import Office
from bot.rehearsal.workspace.callbacks import Callbacks
from bot.rehearsal.workspace.cast import Cast, Timing
from bot.rehearsal.workspace.deliveries import Deliveries
from bot.rehearsal.workspace.faults import Faults
from bot.rehearsal.workspace.grants import ResponseUrls, Triggers
from bot.rehearsal.workspace.messages import Messages
from bot.rehearsal.workspace.pacing import Pacing
from bot.rehearsal.workspace.responses import Responses
from bot.rehearsal.workspace.sockets import Sockets
from bot.rehearsal.workspace.streams import Streams
from bot.rehearsal.workspace.views import Views
from bot.rehearsal.workspace.web.absence import absence
from bot.rehearsal.workspace.web.doors import Doors
from bot.rehearsal.workspace.web.guard import guard
from bot.rehearsal.workspace.web.listening import Listener
from bot.rehearsal.workspace.web.openid import OpenIdProvider
from bot.rehearsal.workspace.web.page import Page
from bot.rehearsal.workspace.wire import Json, NotPossible
from bot.rehearsal.workspace.world import Call, Ephemeral, StoredFile, World
from bot.tasks import Tasks

Seen = TypeVar("Seen")

LARGEST_REQUEST = 64 << 20


class Workspace(Offered, Governing):
    """A workspace that is open; everything in it is gone when it closes."""

    def __init__(
        self,
        *,
        cast: Cast,
        events_url: str | None,
        pacing: Pacing,
        timing: Timing,
        most_sockets: int,
        clock: Clock,
        port: int,
        time_scale: float,
    ) -> None:
        self._tasks = Tasks()
        self.time_scale = time_scale
        self.world = World(cast, clock, timing.scaled(time_scale))
        self.faults = Faults()
        self.sockets = Sockets(self.world, self._tasks, self.faults, most=most_sockets)
        self.callbacks = Callbacks(self.world, events_url) if events_url else None
        line = self.callbacks or self.sockets
        self.deliveries = Deliveries(self.world, line, self.faults, self._tasks)
        self.letters = Messages(self.world, self.deliveries.announce)
        self.views = Views(self.world)
        self.triggers, self.response_urls = Triggers(self.world), ResponseUrls(self.world)
        self.responses = Responses(self.world, self.letters, self.response_urls)
        streams = Streams(self.world, self.letters)
        office = Office(
            self.world, self.letters, streams, self.views, self.triggers, self.sockets, pacing
        )
        app = web.Application(
            client_max_size=LARGEST_REQUEST, middlewares=[guard, absence(self.faults)]
        )
        self.openid = OpenIdProvider(self.world)
        doors = Doors(Door(office, self.faults), self.sockets, self.responses, self)
        app.add_routes([*self.openid.routes(), *doors.routes(), *Page(self, self.sockets).routes()])
        self.listener = Listener(app, port)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        port: int = 0,
        *,
        cast: Cast | None = None,
        events_url: str | None = None,
        posts_per_second: float = 1,
        burst: int = 3,
        updates_per_minute: int = 50,
        tiers: bool = True,
        time_scale: float = 1,
        timing: Timing | None = None,
        most_sockets: int = 10,
        clock: Clock | None = None,
    ) -> AsyncIterator[Self]:
        """Serves on 127.0.0.1; port 0 takes a free one.

        With `events_url` the bot is reached there by HTTP, else by Socket Mode. `time_scale`
        shortens every wait in `timing` and in acts of fate; the pace of posts and edits has its
        own three values, `tiers` counts the other methods.
        """
        clock = clock or Clock()
        pacing = Pacing(
            clock, posts_per_second=posts_per_second, burst=burst,
            updates_per_minute=updates_per_minute, tiers=tiers,
        )  # fmt: skip
        workspace = cls(
            cast=cast or Cast(), events_url=events_url, pacing=pacing, timing=timing or Timing(),
            most_sockets=most_sockets, clock=clock, port=port, time_scale=time_scale,
        )  # fmt: skip
        await workspace.listener.start()
        workspace.world.url = f"http://127.0.0.1:{workspace.listener.port}"
        try:
            yield workspace
        finally:
            await workspace._close()

    @property
    def url(self) -> str:
        """Where a person's browser goes."""
        return self.world.url

    @property
    def api_url(self) -> str:
        """What the bot takes for `https://slack.com/api/`."""
        return f"{self.world.url}/api/"

    @property
    def port(self) -> int:
        return self.listener.port

    @property
    def calls(self) -> list[Call]:
        """Every request of the bot to the Web API, in order."""
        return self.world.calls

    @property
    def ephemerals(self) -> list[Ephemeral]:
        return self.world.ephemerals

    @property
    def files(self) -> dict[str, StoredFile]:
        """Uploads by id."""
        return self.world.files

    @property
    def connections(self) -> int:
        """How many sockets of the bot are open."""
        return len(self.sockets.open)

    def called(self, method: str) -> list[Call]:
        """The requests for one method."""
        return [call for call in self.world.calls if call.method == method]

    def message(self, channel: str, ts: str) -> Json:
        """One message as Slack's JSON; NotPossible when it is not there."""
        found = self.world.messages[self.world.channel(channel).id].get(ts)
        if found is None:
            raise NotPossible(f"There is no message {ts} in {channel!r}.")
        return found

    def messages(self, channel: str) -> Sequence[Json]:
        """The top level of a channel, oldest first."""
        return self.world.top_level(self.world.channel(channel).id)

    def thread(self, channel: str, ts: str) -> Sequence[Json]:
        """A root and its replies, oldest first."""
        return self.world.thread(self.world.channel(channel).id, ts)

    def modal_of(self, user: str) -> Json | None:
        """The view that this person has before them."""
        return self.views.top(self.world.person(user))

    def home_of(self, user: str) -> Json | None:
        """The person's Home tab, once the bot published one."""
        return self.views.homes.get(self.world.person(user))

    async def until(
        self,
        condition: Callable[[], Seen],
        timeout: float = 180,  # noqa: ASYNC109 - a test says how long it is willing to wait
    ) -> Seen:
        """The first truthy value of `condition`, looked at after every change; or TimeoutError."""
        return await self.world.pulse.until(condition, timeout)

    async def settled(self, timeout: float = 180) -> None:  # noqa: ASYNC109
        """Waits until no event is on its way to the bot any more."""
        await self.until(lambda: self.deliveries.on_the_way == 0, timeout)

    async def _close(self) -> None:
        self.world.pulse.close()
        self.faults.back.set()
        await self.sockets.close()
        await self.listener.end()
        await self._tasks.close(grace=0)
        if self.callbacks is not None:
            await self.callbacks.close()
