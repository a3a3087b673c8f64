"""Heal this alert: a person points to a message, and its alerts are taken, or they choose."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from bot import ports
from bot.core import facts
from bot.core.alert import Alert, Thread
from bot.core.clauses import ANY
from bot.slack import places, reading, words
from bot.slack.alerts import formats, posted, said
from bot.slack.alerts.told import Told
from bot.slack.answering import Answers
from bot.slack.cards import lists, shortcut
from bot.slack.reading import ShortcutUsed, Submission
from bot.slack.verbs import Order, Verb

_ABOUT = re.compile(r"([CDG][A-Z0-9]{2,20}):([0-9]{9,11}\.[0-9]{1,9}):[0-9a-f]{16}")
SHOWN = 400
"""Characters of a message that the form shows."""
LookUp = Callable[[Told, datetime], Awaitable[Sequence[Alert]]]
"""What a message tells, as far as its system can be asked."""


class Pointer:
    """Deals with the shortcut on any message but those of an incident, and with its form."""

    def __init__(
        self, engine: ports.Engine, answers: Answers, look_up: LookUp, command: str
    ) -> None:
        self._requests = engine.requests
        self._bringing = engine.bringing
        self._answers = answers
        self._look_up = look_up
        self._command = command

    async def used(self, used: ShortcutUsed) -> None:
        """Take the alerts that the message tells of; ask, when one of them names no place."""
        if not used.message_ts:
            await self._answers.tell(used, lists.help_(self._command))
            return
        if no := await self._bringing.barred(used.user):
            await self._answers.say(used, no.text)
            return
        told, at = formats.read(used.message), posted.moment(used.message_ts)
        if told is None or at is None:
            await self._ask(used)
            return
        begun = [one for one in await self._look_up(told, at) if one.firing]
        if not begun:
            over = "By this message, or by the system behind it, it is over: nothing was begun."
            await self._answers.say(used, over)
        elif all(one.service and one.environment for one in begun):
            thread = Thread(channel=used.channel, root=used.thread or used.message_ts)
            alerts = [one.model_copy(update={"thread": thread}) for one in begun]
            answer = await self._bringing.bring(alerts, used.user)
            await self._answers.say(used, answer.text)
        else:
            await self._ask(used)

    async def _ask(self, used: ShortcutUsed) -> None:
        text = "\n".join(part.text or part.fallback for part in said.parts(used.message))
        about = f"{used.channel}:{used.thread or used.message_ts}:{reading.once(used)[:16]}"
        services, runbooks = self._bringing.services(), self._requests.runbooks()
        view = shortcut.form(text.strip()[:SHOWN], services, runbooks, about)
        if not await self._answers.open(used.trigger_id, view):
            text = "The form could not be opened in time. Use the shortcut once more."
            await self._answers.say(used, text)

    async def submitted(self, form: Submission) -> None:
        """Wish for what was chosen, in the thread of the message."""
        order, wrong = _order(form.fields)
        if order is None:
            await self._answers.say(form, " ".join(wrong.values()))
            return
        found = _ABOUT.fullmatch(form.about)
        channel, thread = (found[1], found[2]) if found else ("", "")
        wish = facts.Wish(by=form.user, runbook=order.runbook, given=order.given, why=order.why)
        answer = await self._requests.wish(wish, channel, thread, reading.once(form))
        await self._answers.say(form, answer.text)


def faults(form: Submission) -> dict[str, str]:
    """What is wrong with the form, by block id; whether such things exist, the engine says."""
    return _order(form.fields)[1]


def _order(fields: Mapping[str, str]) -> tuple[Order | None, dict[str, str]]:
    """The order that the fields make, or what is wrong with them."""
    place = places.place(fields.get(shortcut.PLACE, ""))
    if place is None or place.environment == ANY or place.rest:
        return None, {shortcut.PLACE: "Write a service and its environment: shop in production."}
    runbook = fields.get(shortcut.RUNBOOK, "").strip()
    if len(runbook.split()) != 1:
        return None, {shortcut.RUNBOOK: "Name one runbook."}
    order = words.parse(f"{Verb.RUN} {runbook} {fields.get(shortcut.GIVEN, '')}", lambda _: None)
    if not isinstance(order, Order):
        return None, {shortcut.GIVEN: order.says}
    if order.why or order.given.keys() & {"service", "environment"}:
        return None, {shortcut.GIVEN: "Write name=value only; the service stands above."}
    where = {"service": place.service, "environment": place.environment}
    changes = {"given": {**order.given, **where}, "why": fields.get(shortcut.WHY, "").strip()}
    return order.model_copy(update=changes), {}
