"""The desk: what people ask for in Slack becomes a call on a port, and they are told the answer.

Nothing is decided here: who may do what, and whether it is too late, is the engine's to say. Only
guests, bots and other companies' people are told nothing at all.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from bot import ports
from bot.core import permits
from bot.core.errors import HealError, StoreUnavailable, TemporaryError
from bot.core.lifecycle import State
from bot.core.telling.why import round_of
from bot.slack import letters, words
from bot.slack.answering import Answers
from bot.slack.asked import (
    Asked,
    Chosen,
    Click,
    Command,
    HomeOpened,
    LinkShared,
    Mention,
    Reacted,
    ShortcutUsed,
    Submission,
)
from bot.slack.buttons import Buttons
from bot.slack.cards import modals, wish
from bot.slack.homes import Homes
from bot.slack.ordering import Ordering
from bot.slack.pointing import Pointer
from bot.slack.reactions import Reactions
from bot.slack.standing import Standing
from bot.slack.unfurling import Unfurling
from bot.slack.verbs import Unclear
from bot.slack.wishing import Wishing

_HASH = re.compile(r"[0-9a-f]{8,64}")
_ROUND = re.compile(r"[0-9]{1,6}")
RECENT = 50
"""How many incidents are looked through for the one whose thread somebody wrote in."""
PATIENCE = 1.0
"""Seconds to learn who somebody is: a dialog has to open within three."""
STRANGERS = (
    "Heal answers full members of this workspace. Guests, bots and people of other companies do "
    "not count, in whatever group they stand. Nothing was changed; ask a full member to look."
)


class Desk:
    """Deals with one asking at a time; may be called many times at once."""

    def __init__(
        self,
        cases: ports.Cases,
        places: Standing,
        answers: Answers,
        ordering: Ordering,
        buttons: Buttons,
        reactions: Reactions,
        homes: Homes,
        pointer: Pointer,
        wishing: Wishing,
        unfurling: Unfurling,
        *,
        me: str,
        counts: Callable[[str], Awaitable[bool]],
        command: str = "/heal",
    ) -> None:
        """`counts` says whether somebody is a full member; TemporaryError while nobody knows."""
        self._counts = counts
        self._cases = cases
        self._places = places
        self._answers = answers
        self._ordering = ordering
        self._buttons = buttons
        self._reactions = reactions
        self._homes = homes
        self._pointer = pointer
        self._wishing = wishing
        self._unfurling = unfurling
        self._command = command
        self._name = re.compile(rf"<@{re.escape(me)}(?:\|[^>]*)?>[\s:,]*")

    async def handle(self, asked: Asked) -> None:
        """Deal with it; what goes wrong on purpose is told to the person."""
        if await self._strange(asked.user):
            if not isinstance(asked, Reacted | HomeOpened | LinkShared):
                await self._answers.say(asked, STRANGERS)
            return
        try:
            await self._deal(asked)
        except StoreUnavailable:
            raise  # it was taken, so it is done once the store is back
        except HealError as error:
            await self._answers.say(asked, f"That did not work: {error}")

    async def _deal(self, asked: Asked) -> None:
        match asked:
            case Command() | Mention():
                await self._order(asked)
            case Click():
                await self._buttons.clicked(asked)
            case Reacted():
                await self._reactions.reacted(asked)
            case Chosen():
                await self._chosen(asked)
            case Submission():
                await self._submitted(asked)
            case HomeOpened():
                await self._homes.opened(asked.user)
            case LinkShared():
                await self._unfurling.shared(asked)
            case ShortcutUsed():
                await self._shortcut(asked)

    async def sorry(self, asked: Asked) -> None:
        """Tell them that something broke, which is in the log."""
        await self._answers.say(
            asked,
            "Something went wrong here, so this may not have been done. "
            f"Look at `{self._command} status` before you try again.",
        )

    async def _strange(self, user: str) -> bool:
        """Whether Slack says so; while it does not, the engine asks about all that is done."""
        try:
            async with asyncio.timeout(PATIENCE):
                return not await self._counts(user)
        except (TemporaryError, TimeoutError):
            return False

    async def _shortcut(self, used: ShortcutUsed) -> None:
        if not await self._buttons.shortcut(used):
            await self._pointer.used(used)

    async def _chosen(self, act: Chosen) -> None:
        """Something in a form that is open, or on the Home tab."""
        if act.action == wish.CHOOSE and act.form == wish.FORM:
            await self._wishing.chosen(act)
        elif act.home:
            await self._homes.pressed(act)

    async def _submitted(self, form: Submission) -> None:
        if form.form == wish.FORM:
            await self._wishing.submitted(form)
        elif form.form == modals.ORDER:
            await self._homes.submitted(form)
        else:
            await self._buttons.submitted(form)

    async def _order(self, asked: Command | Mention) -> None:
        here, text = "", asked.text
        if isinstance(asked, Command) and asked.trigger_id and not text.strip():
            await self._wishing.open(asked, wish.About.read({"channel": asked.channel}))
            return
        if isinstance(asked, Mention):
            here = await self._incident_here(asked)
            before, *after = self._name.split(text, maxsplit=1)
            text = "".join(after).strip() or before
        order = words.parse(text, self._known, here)
        if isinstance(order, Unclear):
            hint = f"`{self._command} help` shows all that can be asked for."
            await self._answers.say(asked, f"{order.says}\n{hint}")
        else:
            await self._ordering.carry_out(asked, order)

    def _known(self, word: str) -> str | None:
        """By its id, by that of its plan (inc-7f3k2m.2), or by the beginning of a plan's hash."""
        if (permit := permits.find(self._cases.standing().permits, word)) is not None:
            return permit.id
        name, _, round_ = word.partition(".")
        if (found := self._cases.find(name)) is not None:
            return f"{found.id}.{round_}" if _ROUND.fullmatch(round_) else found.id
        if not _HASH.fullmatch(word):
            return None
        known = (*self._cases.open(), *self._cases.recent(RECENT))
        rounds = ((one.id, round_of(one, word)) for one in known)
        return next((f"{name}.{meant}" for name, meant in rounds if meant), None)

    async def _incident_here(self, asked: Mention) -> str:
        """
        The incident that is meant in a thread, empty when there is none or nobody can tell.

        The one that waits for an answer comes first: an undo is asked for in the thread of what it
        takes back. Of two that wait, the one that is meant has to be named.
        """
        if not asked.thread:
            return ""
        slot = await self._places.find_by_ts(asked.channel, asked.thread)
        root = self._cases.get(letters.incident_of(slot)) if slot else None
        place = (asked.channel, asked.thread)
        known = (*self._cases.open(), *self._cases.recent(RECENT))
        within = [one for one in known if (one.opened.channel, one.opened.thread) == place]
        here = list({one.id: one for one in (root, *within) if one is not None}.values())
        waiting = [one for one in here if one.state is State.AWAITING_APPROVAL]
        if len(waiting) > 1:
            return ""
        return (waiting or here)[0].id if here else ""
