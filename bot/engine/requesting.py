"""What people ask for: votes, wishes, cancelling, taking back, the stop; each one authorised."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from bot import ports
from bot.core import facts, outcome, redaction, topics
from bot.core.approval import Ending
from bot.core.facts import Cancelling, Opened, Recovered
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.policy import promotion
from bot.core.policy.promotion import Rung, Seen
from bot.core.runbook import Runbook
from bot.engine import afterwards, overriding, recording, renewing, undoing, voting
from bot.engine.authority import Authority
from bot.engine.healing import WORKFLOW
from bot.engine.world import World
from bot.ports import Answer

PAST_CANCELLING = frozenset({State.VERIFYING, State.ROLLING_BACK, State.HEALED, State.REVERTING})


class Requests:
    """The engine's side of every button and command; never decides by itself who somebody is."""

    def __init__(
        self,
        world: World,
        durable: ports.Durable,
        authority: Authority,
        seen: Callable[[], Awaitable[Sequence[Seen]]],
    ) -> None:
        """`seen` reads of the ledger what counts for a runbook's next stage."""
        self._seen = seen
        self._world = world
        self._durable = durable
        self._authority = authority
        self.voting = voting.Voting(world, durable, authority)
        self._taking_back = asyncio.Lock()

    def runbooks(self) -> Sequence[Runbook]:
        return self._world.library().runbooks

    async def stages(self) -> Sequence[Rung]:
        """Where every runbook stands, and what its record says; for all to read."""
        world = self._world
        return promotion.rungs(world.library(), await self._seen(), world.clock.now())

    async def vote(
        self, name: str, round_: int, who: str, *, yes: bool, why: str, reacted: bool = False
    ) -> Answer:
        """Approve or reject; round 0 means whichever round is open."""
        return await self.voting.vote(name, round_, who, yes=yes, why=why, reacted=reacted)

    async def pause(self, name: str, round_: int, who: str) -> Answer:
        return await self.voting.pause(name, round_, who)

    async def settle(self) -> None:
        """After a restart: votes and a stop whose decisions were not written yet."""
        for one in self._world.cases.open():
            await self.voting.settle(one)
        if halted := self._world.cases.standing().halted:
            await self.stop_all(halted.by, halted.why)

    async def stop_all(self, who: str, why: str) -> None:
        """Close every open question: Heal was stopped."""
        await self.voting.stop_all(who, why)

    async def wish(self, wish: facts.Wish, channel: str, thread: str, once: str = "") -> Answer:
        """Open an incident for a person's wish: it is planned, judged and asked like any other."""
        if no := await self._authority.barred(wish.by):
            return no
        library = self._world.library()
        runbook = library.runbook(wish.runbook)
        if runbook is None:
            if wish.runbook in library.asleep:
                return Answer(done=False, text=f"{library.unknown(wish.runbook)}.")
            known = ", ".join(sorted(book.runbook for book in library.runbooks))
            return Answer(done=False, text=f"There is no runbook {wish.runbook!r}. I know: {known}")
        given = redaction.of_texts(wish.given)
        service, environment = given.pop("service", ""), given.pop("environment", "")
        if not service or not environment:
            places = [(one.service, one.environment) for one in runbook.approved_for]
            if len(places) == 1 and places[0][0] != "*":
                service, environment = service or places[0][0], environment or places[0][1]
        if library.service(service, environment) is None:
            return Answer(
                done=False,
                text=f"Say which service and environment: service=… environment=… "
                f"({service or 'no service'} in {environment or 'no environment'} is not known).",
            )
        opened = Opened(
            workflow=WORKFLOW,
            service=service,
            environment=environment,
            title=runbook.title,
            channel=channel or self._world.channel,
            thread=thread,
            wish=wish.model_copy(update={"given": given, "why": redaction.text(wish.why)}),
        )
        return await self._open(opened, wish.by, once)

    async def undo(self, name: str, who: str, channel: str, thread: str, once: str = "") -> Answer:
        """Open an incident that takes a run back: a plan of its own, asked for like any other."""
        if no := await self._authority.barred(who):
            return no
        earlier = self._world.cases.find(name)
        if earlier is None:
            return _unknown(name)
        if not earlier.over and earlier.state is not State.HEALED:
            return Answer(
                done=False,
                text=f"{earlier.id} is {earlier.state}: cancel it instead.",
            )
        if earlier.state is State.HEALED and earlier.waits_to_go_back:
            return await self._back_now(earlier, who)
        async with self._taking_back:
            if why := self._no_way_back(earlier, once):
                return Answer(done=False, text=why)
            return await self._open(_undo(earlier, who, channel, thread), who, once)

    def _no_way_back(self, earlier: Incident, once: str) -> str:
        """Why no plan is made to take it back: there is nothing, or somebody asked already."""
        if not undoing.reversible(earlier):
            return f"Nothing in {earlier.id} can be put back."
        other = self._world.cases.undo_of(earlier.id)
        if other is None or (once and other.id == self._world.new_id(once)):
            return ""
        return f"Somebody asked already to take {earlier.id} back: {outcome.outcome(other)}"

    async def again(self, name: str, who: str, once: str = "", *, retry: bool = False) -> Answer:
        """Ask anew what nobody decided in time, or try again; for who may operate Heal."""
        if no := await self._authority.barred(who):
            return no
        earlier = self._world.cases.find(name)
        if earlier is None:
            return _unknown(name)
        async with self._taking_back:
            if why := renewing.why_not(self._world, earlier, once, retry=retry):
                return Answer(done=False, text=why)
            return await self._open(renewing.opening(earlier, who), who, once)

    async def break_glass(self, name: str, who: str, why: str, once: str = "") -> Answer:
        """Have two others decide on a plan that policy refused; who may operate Heal may ask."""
        if no := await self._authority.barred(who):
            return no
        earlier = self._world.cases.find(name)
        if earlier is None:
            return _unknown(name)
        async with self._taking_back:
            if no_use := overriding.why_not(self._world, earlier, who, once):
                return Answer(done=False, text=no_use)
            return await self._open(overriding.opening(earlier, who, why), who, once)

    async def _back_now(self, earlier: Incident, who: str) -> Answer:
        """Its approved plan goes back in any case: a person may say that the time is now."""
        letter = Recovered(why=f"{who} took it back")
        sent = await self._durable.signal(earlier.id, "keep", letter.body, who, kind=letter.kind)
        if not sent.won:
            text = f"That was settled already: {outcome.outcome(earlier)}"
            return Answer(done=False, text=text)
        return Answer(done=True, text="It goes back now.", incident=earlier.id)

    async def cancel(self, name: str, who: str, why: str) -> Answer:
        """Withdraw an open question, or stop a run at its next safe point."""
        known = self._world.cases.find(name)
        if known is None:
            return _unknown(name)
        own = known.opened.wish is not None and known.opened.wish.by == who
        if not own and (no := await self._authority.barred(who)):
            return no
        known = self._world.cases.get(known.id) or known  # Slack was asked meanwhile
        if _past_cancelling(known):
            return _too_late(known)
        why = redaction.text(why)
        if topic := topics.of(known):
            return await self.voting.cancel(known, topic, who, why)
        return await self._cancel_run(known, who, why)

    async def _cancel_run(self, known: Incident, who: str, why: str) -> Answer:
        """Ask a run to stop; it says itself whether it still hears that."""
        letter = Cancelling(by=who, why=why or "no reason given")
        sent = await self._durable.signal(known.id, "cancel", letter.body, who, kind=letter.kind)
        now = self._world.cases.get(known.id) or known
        if topic := topics.of(now):  # it was asked, or began to wait, just before that
            return await self.voting.cancel(now, topic, who, why)
        if sent.body is None:
            return _too_late(now)
        return Answer(
            done=True, text=f"{known.id} stops at its next safe point.", incident=known.id
        )

    async def keep(self, name: str, who: str) -> Answer:
        """The change stays: its time-out or recovery will not take it back."""
        known = self._world.cases.find(name)
        if known is None:
            return _unknown(name)
        if no := await self._authority.barred(who):
            return no
        return await afterwards.keep(self._durable, known, who)

    async def review(self, name: str, who: str, *, right: bool) -> Answer:
        known = self._world.cases.find(name)
        if known is None:
            return _unknown(name)
        if no := await self._authority.barred(who):
            return no
        return await afterwards.review(self._world, known, who, right=right)

    async def _open(self, opened: Opened, who: str, once: str) -> Answer:
        name = self._world.new_id(once)
        entry, _ = await recording.record(self._world, name, "opened", opened, who)
        standing = facts.read(entry.body)
        asked = opened.wish, opened.again_for, opened.glass
        said = isinstance(standing, Opened) and (standing.wish, standing.again_for, standing.glass)
        if said != asked:
            return Answer(done=False, text=f"{name} is another run already: ask once more.")
        await self._durable.start(name)
        return Answer(done=True, text=f"On it: {name}, {opened.title}.", incident=name)


def _unknown(name: str) -> Answer:
    return Answer(done=False, text=f"I know no run {name!r}. /heal status lists what is open.")


def _past_cancelling(known: Incident) -> bool:
    """Whether nothing would change by it: how it ends is settled, or every step was done."""
    no = known.decided is not None and known.decided.ending is not Ending.APPROVED
    return known.over or no or known.expired or known.state in PAST_CANCELLING


def _too_late(known: Incident) -> Answer:
    steps = "its last step has ended; " if known.state is State.RUNNING else ""
    return Answer(done=False, text=f"Too late to cancel: {steps}{outcome.outcome(known)}")


def _undo(earlier: Incident, who: str, channel: str, thread: str) -> Opened:
    return Opened(
        workflow=WORKFLOW,
        service=earlier.service,
        environment=earlier.environment,
        title=f"Take back {earlier.run}: {earlier.opened.title}"[:150],
        channel=channel or earlier.opened.channel,
        thread=thread,
        wish=facts.Wish(by=who, runbook=earlier.plan.runbook if earlier.plan else "undo"),
        undoes=earlier.id,
    )
