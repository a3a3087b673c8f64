"""Heal this alert: a person points to a message, and its alerts are taken, or they choose."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot import ports
from bot.core.alert import Alert, Thread
from bot.slack.alerts import formats, posted, said
from bot.slack.alerts.told import Told
from bot.slack.answering import Answers
from bot.slack.asked import ShortcutUsed
from bot.slack.cards import wish
from bot.slack.wishing import Wishing

LookUp = Callable[[Told, datetime], Awaitable[Sequence[Alert]]]
"""What a message tells, as far as its system can be asked."""


class Pointer:
    """Deals with the shortcut on any message but those of an incident."""

    def __init__(
        self, engine: ports.Engine, answers: Answers, look_up: LookUp, wishing: Wishing
    ) -> None:
        self._bringing = engine.bringing
        self._answers = answers
        self._look_up = look_up
        self._wishing = wishing

    async def used(self, used: ShortcutUsed) -> None:
        """Take the alerts that the message tells of; ask, when one of them names no place."""
        if not used.message_ts:
            await self._wishing.open(used, wish.About())
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
        text = "\n".join(part.text or part.fallback for part in said.parts(used.message)).strip()
        thread = used.thread or used.message_ts
        about = {"channel": used.channel, "thread": thread, "said": text[: wish.SHOWN]}
        await self._wishing.open(used, wish.About.read(about))
