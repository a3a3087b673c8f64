"""Asking for a run in a form: opened, drawn anew as the runbook is chosen, and handed over once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import NamedTuple

from bot import ports
from bot.core import values
from bot.slack import reading
from bot.slack.answering import Answers
from bot.slack.asked import Chosen, Command, ShortcutUsed, Submission
from bot.slack.cards import wish
from bot.slack.cards.wish import About
from bot.slack.forms import Held

PATIENCE = 1.5
"""Seconds to learn whether somebody may ask at all; Slack opens a form for three."""
MOST = 500
"""Forms that are remembered as they were drawn last."""


class Drawn(NamedTuple):
    """How a form was drawn last: for what was chosen when, and the state that it is in since."""

    at: float
    hash: str


class Wishing:
    """Whoever may not operate Heal gets no form; whoever may counts as who asked."""

    def __init__(
        self, engine: ports.Engine, answers: Answers, held: Held, command: str = "/heal"
    ) -> None:
        self._requests = engine.requests
        self._bringing = engine.bringing
        self._answers = answers
        self._held = held
        self._command = command
        self._drawn: OrderedDict[str, Drawn] = OrderedDict()
        self._drawing = asyncio.Lock()

    async def open(self, asked: Command | ShortcutUsed | Chosen, about: About) -> None:
        """Show the form, or say why not."""
        if no := await self._barred(asked.user):
            await self._answers.say(asked, f"{no.text}\n`{self._command} help` shows the rest.")
        elif not await self._answers.open(asked.trigger_id, self._held.view(about)):
            again = f"Try again, or write `{self._command} run <runbook> name=value`."
            await self._answers.say(asked, f"The form could not be opened in time. {again}")

    async def chosen(self, act: Chosen) -> None:
        """
        Draw the fields of the runbook that was chosen.

        Of two choices the later one counts, whichever comes here first. A view that somebody else
        drew since is left as it is: what is sent from it is looked at anyway.
        """
        view = self._held.view(About.of(act.about), act.value)
        async with self._drawing:
            known, at = self._drawn.get(act.view), _moment(act.at)
            if known is not None and at <= known.at:
                return
            for state in dict.fromkeys((known.hash if known else act.hash, act.hash)):
                if (fresh := await self._answers.redraw(act.view, state, view)) is not None:
                    self._drawn[act.view] = Drawn(at, fresh)
                    self._drawn.move_to_end(act.view)
                    break
            if len(self._drawn) > MOST:
                self._drawn.popitem(last=False)

    async def submitted(self, form: Submission) -> None:
        """Wish for it, once for each form: what is brought again opens nothing anew."""
        about = About.of(form.about)
        told = form.model_copy(update={"channel": about.channel, "thread": about.thread})
        if wrong := self._held.faults(form):  # what it was checked against may have changed
            said = " ".join(wrong.values())
            await self._answers.say(told, f"{said} Nothing was done.")
            return
        once = values.digest([wish.FORM, form.user, form.view]) if form.view else reading.once(form)
        wished = wish.wish(form.user, form.fields)
        answer = await self._requests.wish(wished, about.channel, about.thread, once)
        await self._answers.say(told, answer.text)

    async def _barred(self, who: str) -> ports.Answer | None:
        """Why they may not ask; when Slack does not say in time, that is said when they ask."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._bringing.barred(who)
        except TimeoutError:
            return None


def _moment(at: str) -> float:
    """Slack's clock as a number; what is none comes last."""
    try:
        return float(at)
    except ValueError:
        return float("inf")
