"""What one person asks for themselves: who they are here, files, links, reminders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot import ports
from bot.core.incident import Incident
from bot.slack.answering import Answers
from bot.slack.asked import Command, Mention
from bot.slack.attaching import Attaching
from bot.slack.cards import personal as cards
from bot.slack.scopes import AS_A_FILE
from bot.slack.verbs import Order, Verb

VERBS = frozenset({Verb.WHOAMI, Verb.SETTINGS, Verb.AUDIT, Verb.LINK, Verb.TRANSCRIPT, Verb.SNOOZE})


class Personal:
    """`zone` tells somebody's time zone, `lacking` what does not work for want of a scope."""

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        answers: Answers,
        attaching: Attaching,
        clock: ports.Clock,
        *,
        zone: Callable[[str], Awaitable[str]],
        lacking: Callable[[], list[str]],
    ) -> None:
        self._bringing = engine.bringing
        self._attention = engine.attention
        self._office = engine.office
        self._links = engine.links
        self._cases = cases
        self._answers = answers
        self._attaching = attaching
        self._clock = clock
        self._zone = zone
        self._lacking = lacking

    async def carry_out(self, asked: Command | Mention, order: Order) -> None:
        """Answer it in private."""
        match order.verb:
            case Verb.WHOAMI:
                who = await self._attention.about(asked.user)
                zone = await self._zone(asked.user)
                await self._answers.tell(asked, cards.whoami(asked.user, who, zone))
            case Verb.SETTINGS:
                await self._settings(asked)
            case Verb.AUDIT:
                await self._verify(asked)
            case Verb.SNOOZE:
                answer = await self._attention.snooze(order.incident, asked.user, order.lasts)
                await self._answers.say(asked, answer.text)
            case _:
                await self._of(asked, order)

    async def _settings(self, asked: Command | Mention) -> None:
        if no := await self._bringing.barred(asked.user):
            await self._answers.say(asked, no.text)
            return
        shown = cards.settings(self._office.settings(), self._lacking())
        await self._answers.tell(asked, shown)

    async def _verify(self, asked: Command | Mention) -> None:
        if no := await self._bringing.barred(asked.user):
            await self._answers.say(asked, no.text)
            return
        await self._answers.say(asked, cards.BEGUN)
        found = await self._office.verify()
        if found is None:
            await self._answers.say(asked, cards.UNDER_WAY)
        else:
            await self._answers.tell(asked, cards.audited(found))

    async def _of(self, asked: Command | Mention, order: Order) -> None:
        """A file or a link of an incident."""
        if (known := self._cases.get(order.incident)) is None:
            text = f"{order.incident} cannot be read: another version wrote it."
            await self._answers.say(asked, text)
        elif order.verb is Verb.LINK:
            await self._answers.say(asked, self._link(known, asked.user))
        elif no := next((one for one in self._lacking() if one.startswith(AS_A_FILE)), ""):
            text = f"No file can be sent here: {no}. `heal doctor` says how that is mended."
            await self._answers.say(asked, text)
        else:
            here = isinstance(asked, Mention) and bool(asked.thread)
            await self._attaching.copy(known, "" if here else asked.user)
            where = "in its thread" if here else "to you directly"
            text = f"The transcript of {known.id}, as it is now, comes {where}."
            await self._answers.say(asked, text)

    def _link(self, known: Incident, who: str) -> str:
        address = self._links.opening(known.id, who, self._clock.now())
        if not address:
            return (
                "There are no pages here: `HEAL_PUBLIC_URL` is not set. "
                f"`transcript {known.id}` gives you all of it as a file."
            )
        return f"<{address}|The page of {known.id}>. It opens for you only, for an hour."
