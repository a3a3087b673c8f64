"""The whole Slack room as app.py joins it: real HTTP and WebSockets, a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bot.clients import http
from bot.clients.alertmanager import Api, Places
from bot.clients.pagerduty import Api as PagerDutyApi
from bot.clients.pagerduty import Incidents
from bot.clients.paging import PagerdutySettings
from bot.clock import Clock
from bot.core.alert import Alert
from bot.core.links import Links
from bot.ports import Engine
from bot.rehearsal.workspace import Workspace
from bot.rehearsal.workspace.wire import Json
from bot.slack import reception
from bot.slack.alerts import senders, settling
from bot.slack.alerts.posted import Posted
from bot.slack.alerts.told import Told
from bot.slack.alerts.watch import Watch
from bot.slack.announcing import Announcer
from bot.slack.asked import Asked
from bot.slack.attaching import Attaching
from bot.slack.batching import BatchCards
from bot.slack.connection import Connection, open_bolt
from bot.slack.digesting import Digests
from bot.slack.dressing import Dress
from bot.slack.listeners import ALERTS, Listening, Watched
from bot.slack.pacing import Pace
from bot.slack.people import People
from bot.slack.permits import PermitCards
from bot.slack.pointing import LookUp
from bot.slack.posting import Poster
from bot.slack.reception import Given, Reception
from bot.slack.sending import Sender
from bot.slack.workers import Workers
from bot.store.inbox import Inbox
from bot.store.outbox import Outbox
from bot.store.writer import Writer
from tests.builders import START
from tests.clients import rigs
from tests.showcase import FakeExhibits
from tests.slack.engine import Cases, Ledger, Requests

LINKS = Links("https://heal.example.org", b"key")
FAST = Pace(
    posts_per_second=1000,
    post_burst=1000,
    edits_per_minute=1_000_000,
    edit_burst=1000,
    between_edits=0,
    first_pause=0.02,
)


class Then(Clock):
    """The date of the stories, while time goes on as it does."""

    def now(self) -> datetime:
        return START + timedelta(minutes=5)


@dataclass
class House:
    """What a test looks at."""

    workspace: Workspace
    connection: Connection
    inbox: Inbox
    outbox: Outbox
    poster: Poster
    announcer: Announcer
    permits: PermitCards
    batches: BatchCards
    digests: Digests
    workers: Workers[Asked]
    requests: Requests
    cases: Cases
    reception: Reception
    refused: list[str] = field(default_factory=list)
    taken: list[list[Alert]] = field(default_factory=list)
    """The alerts that were read from channels, by their messages."""

    async def card(self, incident: str = "inc-7f3k2m") -> str:
        """The ts of the incident's card, once it is posted and noted."""
        while (place := await self.outbox.where(f"{incident}/card")) is None:
            await Clock().sleep(0.005)
        return place.ts

    async def modal(self, user: str) -> Json:
        """The form that this person has before them, once it is there."""
        return await self.workspace.until(lambda: self.workspace.modal_of(user)) or {}

    async def idle(self) -> None:
        """Wait until all is told and nothing is due any more."""
        await self.announcer._quiet.wait()
        while await self.outbox.due():
            await Clock().sleep(0.01)

    def files(self, thread: str) -> dict[str, str]:
        """What stands in a thread of #alerts as files: their contents by their names."""
        named = [
            (file["name"], self.workspace.files[file["id"]].content or b"")
            for message in self.workspace.thread("alerts", thread)
            for file in message.get("files", ())
        ]
        assert len(dict(named)) == len(named), "a file stands there twice"
        return {name: content.decode() for name, content in named}

    async def take(self, alerts: Sequence[Alert]) -> None:
        """Stand in for the intake: remember them, and let them stand as it would."""
        self.taken.append(list(alerts))
        for alert in alerts:
            self.cases.hold(alert)

    def private(self, user: str) -> list[str]:
        """What one person was told in private: the first line of each."""
        notes = (note for note in self.workspace.ephemerals if note.to == user)
        return [note.text.split("\n")[0] for note in notes]


@asynccontextmanager
async def opened(
    workspace: Workspace, path: Path, *, cases: Cases | None = None, socket: bool = True,
    pace: Pace = FAST, listed: str = "", alertmanager: str = "", pagerduty: str = "", **crew: Any,
) -> AsyncIterator[House]:  # fmt: skip
    """
    Open, start and close everything in the order that the product does it in.

    `listed` names the senders of alerts, `alertmanager` and `pagerduty` who is asked about them.
    """
    refused: list[str] = []
    writer = await Writer.open(path / "heal.db")
    connection = await open_bolt(
        bot_token="xoxb-local",
        app_token="xapp-local" if socket else None,
        signing_secret="local-signing-secret",
        refused=refused.append,
        base_url=workspace.api_url,
        ping=0.2,
    )
    inbox = await Inbox.open(writer)
    watching: list[Watch] = []

    async def look_up(told: Told, at: datetime) -> Sequence[Alert]:
        return await watching[0].look_up(told, at)

    house = joined(workspace, connection, inbox, Outbox(writer), cases or Cases(), refused, pace,
                   look_up, **crew)  # fmt: skip
    client = http.open_client(rigs.TLS)
    api = Api(client, Places(alertmanager), "", settling.SOURCE)
    key = (
        PagerdutySettings(token=SecretStr("k"), url=pagerduty) if pagerduty else PagerdutySettings()
    )
    incidents = Incidents(PagerDutyApi(key, client), settling.SOURCE)
    watch = Watch([api, incidents], house.cases, house.take, Clock())
    watching.append(watch)
    alerts = Workers[Posted](inbox, watch.handle, watch.failed, name=ALERTS, count=1)
    found = await senders.find(connection.asking, listed, connection.me)
    watched = Watched(found.heard, alerts.offer)
    connection.listen(
        Listening(
            inbox,
            house.workers.offer,
            connection.me,
            Clock(),
            refused.append,
            watched,
            house.reception.held,
        )
    )
    await house.poster.start()
    house.announcer.start()
    house.permits.start()
    house.reception.start()
    await house.batches.start(house.cases.open())
    await alerts.start()
    await house.workers.start()
    await connection.start()
    try:
        yield house
    finally:
        await connection.stop_intake()
        await alerts.close()
        await house.workers.close()
        await client.aclose()
        await house.announcer.close()
        await house.reception.close()
        await house.permits.close()
        await house.batches.close()
        await house.poster.close()
        await connection.close()
        await writer.close()


def joined(
    workspace: Workspace, connection: Connection, inbox: Inbox, outbox: Outbox, cases: Cases,
    refused: list[str], pace: Pace, look_up: LookUp, **crew: Any,
) -> House:  # fmt: skip
    """Hand each part what it needs."""
    requests, clock, me = Requests(), Clock(), connection.me
    sender = Sender(connection.posting, me.user_id)
    poster = Poster(outbox, sender, clock, pace, lambda slot: announcer.owes(slot))
    attaching = Attaching(outbox, Ledger(), Then(), "C0ALERTS", poster.wake)
    many = (requests, requests, requests, requests, requests, requests, requests, requests)
    engine = Engine(*many, requests, requests, FakeExhibits(), requests, LINKS)
    permits = PermitCards(cases, outbox, Then(), channel="C0ALERTS", wake=poster.wake)
    cases.on_order(permits.ordered)
    batches = BatchCards(cases, outbox, Then(), channel="C0ALERTS", wake=poster.wake, lull=0.05)
    digests = Digests(
        cases.get,
        outbox,
        Then(),
        channel="C0ALERTS",
        wake=poster.wake,
        guard=requests.storm,
        home=me.url,
        seldom=0.05,
    )
    given = Given(
        engine, cases, outbox, Then(), connection, People(connection.asking, clock), attaching,
        look_up, poster.wake, refused.append, permits.lines, digests.link, Dress(), between=0.02,
    )  # fmt: skip
    received = reception.joined(given)
    desk = received.desk
    workers = Workers(inbox, desk.handle, desk.sorry, pause=0.02, **crew)
    announcer = Announcer(
        outbox,
        attaching,
        Then(),
        digests,
        channel="C0ALERTS",
        wake=poster.wake,
        headway=cases.headway,
        pause=0.02,
        lull=0.05,
    )
    cases.subscribe(announcer.told)
    cases.subscribe(batches.told)
    return House(
        workspace,
        connection,
        inbox,
        outbox,
        poster,
        announcer,
        permits,
        batches,
        digests,
        workers,
        requests,
        cases,
        received,
        refused,
    )


@asynccontextmanager
async def mounted(house_box: list[House]) -> AsyncIterator[str]:
    """Serve /slack/events as web/ does; the URL. The house moves in when it is open."""

    async def events(request: web.Request) -> web.Response:
        return await house_box[0].connection.dispatch(request)

    app = web.Application(client_max_size=1 << 20)
    app.router.add_post("/slack/events", events)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    finally:
        await runner.cleanup()
