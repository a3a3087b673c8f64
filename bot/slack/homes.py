"""Home tabs: each person's own, kept true while somebody may be looking at it.

Slack tells when a tab is opened and never when it is left, so one that was opened of late is kept
true, within a budget; what would look the same is not published again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple

from bot import ports
from bot.core import values
from bot.core.errors import HealError
from bot.core.incident import Incident
from bot.core.prospects import Report
from bot.core.transcript import Entry
from bot.slack import snoozing
from bot.slack.answering import Answers
from bot.slack.asked import Chosen, Submission
from bot.slack.cards import asking, home, modals, wish
from bot.slack.overviews import Overviews
from bot.slack.wishing import Wishing
from bot.tasks import Tasks

LOOKS = 600.0
"""Seconds after it was opened for which a tab is kept true."""
MOST = 30
"""Tabs that are kept true at once; of more, those that were opened last."""
EVERY = 2.0
"""Seconds between two tabs: 30 a minute, of the 100 that Slack takes."""
WEEK, FRESH = timedelta(days=7), 300.0
"""What the figures are about, and for how many seconds they are not counted again."""
log = logging.getLogger(__name__)


class Watched(NamedTuple):
    """A tab: until when it is kept true, and what it showed last."""

    until: float
    showed: str = ""


class Homes:
    """`lacking` says what does not work for want of a scope, `link` where a card stands."""

    def __init__(
        self,
        engine: ports.Engine,
        cases: ports.Cases,
        answers: Answers,
        overviews: Overviews,
        wishing: Wishing,
        clock: ports.Clock,
        *,
        lacking: Callable[[], list[str]] = list,
        link: Callable[[str], Awaitable[str]],
        every: float = EVERY,
    ) -> None:
        self._attention, self._orders, self._tower = engine.attention, engine.orders, engine.tower
        self._cases = cases
        self._answers = answers
        self._overviews = overviews
        self._wishing = wishing
        self._clock = clock
        self._lacking = lacking
        self._link = link
        self._every = every
        self._watched: OrderedDict[str, Watched] = OrderedDict()
        self._week: tuple[float, Report] | None = None
        self._news = asyncio.Event()
        self._tasks = Tasks()

    def start(self) -> None:
        self._tasks.start(self._run(), name="keep Home tabs true")

    async def close(self) -> None:
        await self._tasks.close(0)

    def told(self, _: Incident, __: Entry) -> None:
        """Something happened: for ports.Cases.subscribe."""
        self._news.set()

    def ordered(self) -> None:
        """Something was said for the whole house: for ports.Cases.on_order."""
        self._news.set()

    async def opened(self, user: str) -> None:
        """Show somebody their tab now, and keep it true for a while."""
        self._watched.pop(user, None)
        await self._publish(user, Watched(self._clock.monotonic() + LOOKS))
        while len(self._watched) > MOST:
            self._watched.popitem(last=False)

    async def pressed(self, act: Chosen) -> None:
        """Deal with a button of the tab; who may is asked again, whatever stood there."""
        match act.action:
            case home.NEW:
                await self._wishing.open(act, wish.About())
            case modals.STOP | modals.RESUME as which:
                if not await self._answers.open(act.trigger_id, modals.order(which)):
                    await self._answers.say(act, "The form could not be opened in time. Try again.")
            case asking.DETAILS:
                await self._details(act)

    async def submitted(self, form: Submission) -> None:
        """The reason for a stop, or for its end."""
        why = form.fields.get(modals.WHY, "").strip()
        stops = form.about == modals.STOP
        order = self._orders.halt if stops else self._orders.resume
        answer = await order(form.user, why)
        await self._answers.say(form, answer.text)

    async def _details(self, act: Chosen) -> None:
        known = self._cases.get(act.value.partition(".")[0])
        if known is None or not await self._answers.open(act.trigger_id, modals.details(known)):
            await self._answers.say(act, "The details could not be opened. Try again.")

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            for user, watched in list(self._watched.items()):
                await self._clock.sleep(self._every)
                if self._clock.monotonic() > watched.until:
                    self._watched.pop(user, None)
                elif self._watched.get(user) is watched:
                    name = f"keep the Home tab of {user} true"
                    await self._tasks.attempt(self._kept_true(user, watched), name=name)

    async def _kept_true(self, user: str, watched: Watched) -> None:
        with suppress(HealError):
            await self._publish(user, watched)

    async def _publish(self, user: str, watched: Watched) -> None:
        view = home.home(await self._seen(user))
        showed = values.digest(view)
        self._watched[user] = Watched(watched.until, showed)
        if showed != watched.showed and not await self._answers.publish(user, view):
            self._watched[user] = Watched(watched.until)

    async def _seen(self, user: str) -> home.Seen:
        person, now = await self._attention.about(user), self._clock.now()
        open_ = self._cases.open()
        shown = {*person.waiting[: home.MOST_WAITING], *(one.id for one in open_[: home.MOST])}
        return home.Seen(
            person=person,
            open=open_,
            recent=self._cases.recent(home.MOST),
            ordered=self._overviews.ordered(),
            week=await self._of_week(),
            lacking=self._lacking(),
            links={name: await self._link(name) for name in sorted(shown)},
            snoozed=frozenset(one.id for one in open_ if snoozing.reminded(one, user, now)),
        )

    async def _of_week(self) -> Report | None:
        """The figures, counted at most every few minutes; none when they cannot be."""
        now = self._clock.monotonic()
        if self._week is None or now - self._week[0] > FRESH:
            try:
                self._week = now, await self._tower.report(WEEK)
            except HealError as error:
                log.warning("the figures of the week cannot be counted: %s", error)
                return None
        return self._week[1]
