"""Keeps what stands in Slack true: each entry of the ledger makes its incident's messages new.

Only what should stand there is said, to the outbox; when it is sent is posting.py's concern. Many
entries that come together are one rendering.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress

from bot import ports
from bot.core.errors import StoreUnavailable
from bot.core.facts import Raised, Reminded
from bot.core.headway import Headway
from bot.core.incident import Incident
from bot.core.lifecycle import State
from bot.core.transcript import Entry
from bot.slack import letters, naming
from bot.slack.attaching import Attaching
from bot.slack.cards import calling, direct, notes, progress, question, root
from bot.slack.cards.message import Message, NoteKind
from bot.slack.digesting import Digests
from bot.slack.following import Following
from bot.slack.letters import Kind, Post, Priority
from bot.slack.needs import Wishes
from bot.tasks import Tasks

_NOTES = {
    NoteKind.ASK: Priority.ESCALATION,  # behind the buttons of all cards, which call people too
    NoteKind.ESCALATION: Priority.ESCALATION,
    NoteKind.RESULT: Priority.RESULT,
}
JOINED, EXHIBITED = "alert.joined", "evidence.kept"
TOGETHER = 0.1
"""Seconds before a change is told: what comes meanwhile is told with it, and healing goes first."""
log = logging.getLogger(__name__)


class Announcer:
    """
    `channel` is the id (not the name) of the channel for incidents that were opened in none.

    `digests` knows which incidents a storm's digest tells enough of. `wake` is called when
    something is to be sent, `ids` gives the ids of group handles, `headway` how far a run is,
    `page` the address of an incident's page.
    Both waits are in seconds: `pause` before another try when the outbox could not be written,
    `lull` before a card is rendered of which only the number of alerts is new; of many, one after
    the other.
    """

    def __init__(
        self,
        outbox: Wishes,
        attaching: Attaching,
        clock: ports.Clock,
        digests: Digests,
        *,
        channel: str,
        wake: Callable[[], None],
        ids: Callable[[], Awaitable[Mapping[str, str]]] | None = None,
        headway: Callable[[str], Headway | None] = lambda _: None,
        page: Callable[[str], str] = lambda _: "",
        pause: float = 0.5,
        lull: float = 1.0,
    ) -> None:
        self._outbox = outbox
        self._attaching = attaching
        self._clock = clock
        self._digests = digests
        self._channel = channel
        self._wake = wake
        self._ids = ids
        self._page = page
        self._pause = pause
        self._lull = lull
        self._changed: dict[Priority, dict[str, Incident]] = {one: {} for one in sorted(Priority)}
        self._telling = ""
        self._grown: dict[str, Incident] = {}
        self._news = asyncio.Event()
        self._growth = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._tasks = Tasks()
        self._following = Following(headway, self.renew, clock)

    def told(self, incident: Incident, entry: Entry) -> None:
        """
        An entry is safe: for ports.Cases.subscribe.

        A storm adds alerts faster than Slack takes edits, so those alone make no card at once.
        """
        if incident.quiet is not None or entry.kind == EXHIBITED:
            return
        self._digests.told(incident, entry.at)
        self._following.told(incident)
        if entry.kind == JOINED and not self._waits(incident.id):
            self._grown[incident.id] = incident
            self._quiet.clear()
            self._growth.set()
        else:
            self.renew((incident,))

    def renew(self, incidents: Iterable[Incident]) -> None:
        """Make their messages true; what stands there already is not sent again."""
        for incident in incidents:
            self._put(incident)
            self._grown.pop(incident.id, None)
        self._quiet.clear()
        self._news.set()

    def owes(self, slot: str) -> bool:
        """Whether a message of an incident is to be rendered anew: what it says is old."""
        name = letters.incident_of(slot)
        return name == self._telling or self._waits(name)

    def _waits(self, name: str) -> bool:
        return any(name in some for some in self._changed.values())

    def _put(self, incident: Incident) -> None:
        """Among those that are as urgent, where it was already if it was there."""
        urgent = _priority(incident)
        for priority, some in self._changed.items():
            if priority is not urgent:
                some.pop(incident.id, None)
        self._changed[urgent][incident.id] = incident

    def start(self) -> None:
        self._tasks.start(self._run(), name="announce")
        self._tasks.start(self._grow(), name="announce what only grew")
        self._tasks.start(self._following.run(), name="follow what goes on")
        self._tasks.start(self._digests.run(), name="tell of storms")

    async def close(self, grace: float = 2.0) -> None:
        """Say what is known, then stop."""
        if self._grown:
            self.renew(list(self._grown.values()))
        with suppress(TimeoutError, StoreUnavailable):
            async with asyncio.timeout(grace):
                await self._quiet.wait()
            await self._digests.tell()
        await self._tasks.close(0)

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(TOGETHER)
            self._news.clear()
            while some := next(filter(None, self._changed.values()), None):
                name = self._telling = next(iter(some))
                incident = some.pop(name)
                telling_ = self._tasks.start(self._announce(incident), name=f"announce {name}")
                await asyncio.wait({telling_})
                self._telling = ""
                if not telling_.cancelled() and isinstance(telling_.exception(), StoreUnavailable):
                    if not self._waits(name):
                        self._put(incident)
                    await asyncio.sleep(self._pause)
            self._wake()
            if not self._grown:
                self._quiet.set()

    async def _grow(self) -> None:
        while True:
            await self._growth.wait()
            self._growth.clear()
            await self._clock.sleep(self._lull)
            for name in list(self._grown):
                if grown := self._grown.get(name):
                    self.renew((grown,))
                    await self._clock.sleep(self._lull / 10)

    async def _announce(self, incident: Incident) -> None:
        if incident.quiet is not None or self._digests.hides(incident):
            return
        storming = self._digests.within(incident)
        if self._ids is not None:
            incident = naming.with_ids(incident, await self._ids())
        card, page = letters.card(incident.id), self._page(incident.id)
        urgent = _priority(incident)
        shown = root.card(incident, self._clock.now(), page)
        wishes = [self._say(incident, card, shown, urgent)]
        if (
            not storming
            and (going := progress.card(incident, self._following.headway(incident.id), page))
            is not None
        ):
            slot = letters.progress(incident.id)
            wishes.append(self._say(incident, slot, going, Priority.PROGRESS))
        for note in notes.notes(incident, page):
            if storming and note.kind not in _NOTES:
                continue
            slot = letters.note(incident.id, note.slot)
            priority = _NOTES.get(note.kind, Priority.NEWS)
            wishes.append(self._say(incident, slot, note.message, priority))
        for called in incident.reminded:
            wishes += [self._write(incident, called, who) for who in called.who]
        for raised in () if storming else incident.raised:
            wishes += [self._call(incident, raised, who) for who in raised.who]
        if incident.over:
            wishes.append(self._attaching.transcript(incident))
        lapsed = [letters.note(incident.id, one) for one in question.lapsed(incident)]
        wishes += [self._outbox.withdraw(lapsed)] if lapsed else []
        if any(await asyncio.gather(*wishes)):
            self._wake()
        await self._attaching.rest(incident, shown)

    async def _say(
        self, incident: Incident, slot: str, message: Message, priority: Priority
    ) -> bool:
        text, thread = message.text[: letters.LONGEST_TEXT], incident.opened.thread
        post = Post(text=text, blocks=tuple(message.blocks), thread_ts=thread)
        return await self._want(incident, slot, Kind.MESSAGE, priority, post)

    async def _write(self, incident: Incident, called: Reminded, who: str) -> bool:
        """Write to one person: Slack takes their id for the channel that they share with us."""
        said = direct.line(incident, called, await self._digests.link(incident.id))
        return await self._in_private(letters.direct(incident.id, called.round, who), who, said)

    async def _call(self, incident: Incident, raised: Raised, who: str) -> bool:
        """Write to somebody of a further level, and later that somebody has it."""
        said = calling.private(incident, await self._digests.link(incident.id))
        return await self._in_private(letters.called(incident.id, raised.level, who), who, said)

    async def _in_private(self, slot: str, who: str, said: Message) -> bool:
        post = Post(text=said.text, blocks=tuple(said.blocks)).model_dump_json()
        return await self._outbox.want(
            slot, who, None, Kind.MESSAGE, Priority.ESCALATION, post, self._clock.now()
        )

    async def _want(
        self, incident: Incident, slot: str, kind: Kind, priority: Priority, said: Post
    ) -> bool:
        card = letters.card(incident.id)
        place = incident.opened.channel or self._channel
        under = None if slot == card or said.thread_ts else card
        return await self._outbox.want(
            slot, place, under, kind, priority, said.model_dump_json(), self._clock.now()
        )


def _priority(incident: Incident) -> Priority:
    """The card itself waits for nobody's buttons longer than it must."""
    if incident.state is State.AWAITING_APPROVAL:
        return Priority.APPROVAL
    if incident.state is State.ESCALATED:
        return Priority.ESCALATION
    return Priority.RESULT if incident.over else Priority.NEWS
