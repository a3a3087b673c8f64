"""Reception: all who answer people, joined once: what they type, press, fill in and look at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from bot import ports
from bot.slack import scopes
from bot.slack.answering import Answers
from bot.slack.attaching import Attaching
from bot.slack.buttons import Buttons
from bot.slack.connection import Connection
from bot.slack.desk import Desk
from bot.slack.dressing import Dress
from bot.slack.forms import Held
from bot.slack.homes import EVERY, Homes
from bot.slack.needs import Post
from bot.slack.ordering import Ordering
from bot.slack.overviews import Overviews
from bot.slack.people import People
from bot.slack.personal import Personal
from bot.slack.pointing import LookUp, Pointer
from bot.slack.reactions import Reactions
from bot.slack.snoozing import Snoozing
from bot.slack.standing import Standing
from bot.slack.unfurling import Unfurling
from bot.slack.wishing import Wishing


class Given(NamedTuple):
    """What the room has for them; `link` says where an incident's card stands."""

    engine: ports.Engine
    cases: ports.Cases
    outbox: Post
    clock: ports.Clock
    connection: Connection
    people: People
    attaching: Attaching
    look_up: LookUp
    wake: Callable[[], None]
    refused: Callable[[str], None]
    allowed: Callable[[], Sequence[str]]
    link: Callable[[str], Awaitable[str]]
    dress: Dress
    command: str = "/heal"
    between: float = EVERY
    """Seconds between two Home tabs."""


class Reception(NamedTuple):
    """The desk, and what goes on by itself beside it."""

    desk: Desk
    held: Held
    homes: Homes
    snoozing: Snoozing

    def start(self) -> None:
        self.homes.start()
        self.snoozing.start()

    async def close(self) -> None:
        await self.homes.close()
        await self.snoozing.close()


def joined(given: Given) -> Reception:
    """Join them, and have them told of what happens."""
    engine, cases, command = given.engine, given.cases, given.command
    answers, me = Answers(given.connection.asking, given.dress), given.connection.me
    places = Standing(given.outbox, given.connection.asking, me.user_id)
    lacking = list(scopes.turned_off(me.scopes))
    held = Held(engine.edits, engine.forms, command)
    wishing = Wishing(engine, answers, held, command)
    overviews = Overviews(engine, cases, given.clock, given.allowed)
    homes = Homes(
        engine, cases, answers, overviews, wishing, given.clock,
        lacking=lambda: lacking, link=given.link, every=given.between,
    )  # fmt: skip
    snoozing = Snoozing(cases, given.outbox, given.clock, wake=given.wake, link=given.link)
    cases.subscribe(homes.told)
    cases.on_order(homes.ordered)
    cases.subscribe(snoozing.told)
    personal = Personal(
        engine, cases, answers, given.attaching, given.clock, zone=given.people.zone,
        lacking=lambda: lacking,
    )  # fmt: skip
    buttons = Buttons(
        engine, cases, places, answers, given.refused,
        attach=given.attaching.plan, command=command,
    )  # fmt: skip
    desk = Desk(
        cases, places, answers,
        Ordering(engine, cases, answers, overviews, personal, command), buttons,
        Reactions(engine.requests, engine.calls, cases, places, answers), homes,
        Pointer(engine, answers, given.look_up, wishing), wishing,
        Unfurling(given.connection.posting, cases, engine.links, given.dress),
        me=me.user_id, counts=given.people.counts, command=command,
    )  # fmt: skip
    return Reception(desk, held, homes, snoozing)
