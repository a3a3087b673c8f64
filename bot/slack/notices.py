"""Notices: what the whole channel is told that belongs to no incident; one message a matter."""

from __future__ import annotations

from collections.abc import Callable

from bot import ports
from bot.core.facts import PolicyRefused, PolicyTaken
from bot.core.prospects import Report
from bot.core.telling.report import document
from bot.slack import letters
from bot.slack.cards import figures, policy
from bot.slack.letters import Kind, Post, Priority, Upload
from bot.slack.needs import Wishes


class Notices:
    """Says it to the outbox, which makes it true in Slack, also after a restart."""

    def __init__(
        self, outbox: Wishes, clock: ports.Clock, channel: str, wake: Callable[[], None]
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._channel = channel
        self._wake = wake

    async def report(self, channel: str, day: str, report: Report) -> None:
        """Tell a day's report and attach the whole of it, once ever: what was told stays so."""
        slot = letters.report(day)
        if await self._outbox.where(slot) is not None:
            return
        said, now = figures.card(report), self._clock.now()
        post = Post(text=said.text[: letters.LONGEST_TEXT], blocks=tuple(said.blocks))
        whole = Upload(
            filename=f"healed-{day}.md", title=f"What was healed until {day}",
            content=document(report),
        )  # fmt: skip
        await self._outbox.want(
            slot, channel, None, Kind.MESSAGE, Priority.NEWS, post.model_dump_json(), now
        )
        await self._outbox.want(
            f"{slot}/whole", channel, slot, Kind.FILE, Priority.TRANSCRIPT,
            whole.model_dump_json(), now,
        )  # fmt: skip
        self._wake()

    async def policy(self, fact: PolicyTaken | PolicyRefused) -> None:
        """Tell once that what lies on disk is not in force; and there, when it is again."""
        name = fact.name if isinstance(fact, PolicyRefused) else fact.mends
        if not name:
            return
        refused = isinstance(fact, PolicyRefused)
        said = policy.refused(fact) if isinstance(fact, PolicyRefused) else policy.mended(fact)
        post = Post(text=said.text[: letters.LONGEST_TEXT], blocks=tuple(said.blocks))
        wanted = await self._outbox.want(
            letters.policy(name),
            self._channel,
            None,
            Kind.MESSAGE,
            Priority.ESCALATION if refused else Priority.NEWS,
            post.model_dump_json(),
            self._clock.now(),
        )
        if wanted:
            self._wake()
