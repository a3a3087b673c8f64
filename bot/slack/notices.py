"""Notices: what the whole channel is told that belongs to no incident; one message a matter."""

from __future__ import annotations

from collections.abc import Callable

from bot import ports
from bot.core.facts import PolicyRefused, PolicyTaken
from bot.slack import letters
from bot.slack.cards import policy
from bot.slack.letters import Kind, Post, Priority
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
