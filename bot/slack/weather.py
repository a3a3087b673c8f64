"""
When it storms in a channel: more goes on than anybody reads one by one; pure.

Folded from when incidents opened and when nothing was left to do for them, so a restart that
loads the same incidents sees the same storms.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core import episode, facts
from bot.core.episode import Episode
from bot.core.incident import Incident
from bot.slack.cards import looks

MOST_OPEN = 10
"""Incidents of one channel that are open at once before it is a storm."""
MOST_NEW = 5
WITHIN = timedelta(seconds=10)
"""More than MOST_NEW that open within this are a storm too."""
CALM = timedelta(minutes=1)
"""A storm is over when it did not storm for so long."""


@dataclass(eq=False)
class Storm:
    """One storm in one channel; `met` it was about, and of those `within` opened while it stood."""

    channel: str
    began: datetime
    last: datetime
    met: dict[str, None] = field(default_factory=dict)
    within: set[str] = field(default_factory=set)
    over: bool = False

    @property
    def name(self) -> str:
        """The same after every restart."""
        return f"{self.channel}-{int(self.began.timestamp())}"


@dataclass
class Sky:
    """What goes on in one channel."""

    channel: str
    open: dict[str, None] = field(default_factory=dict)
    lately: deque[tuple[datetime, str]] = field(default_factory=deque)
    storm: Storm | None = None

    def opens(self, name: str, at: datetime) -> Storm | None:
        """One more; the storm that it opened in, if there is one."""
        self.settle(at)
        self.open[name] = None
        self.lately.append((at, name))
        while self.lately[0][0] < at - WITHIN:
            self.lately.popleft()
        if len(self.open) > MOST_OPEN or len(self.lately) > MOST_NEW:
            if self.storm is None:
                met = dict.fromkeys([*self.open, *(one for _, one in self.lately)])
                self.storm = Storm(self.channel, began=at, last=at, met=met)
            self.storm.last = at
        if self.storm is not None:
            self.storm.met[name] = None
            self.storm.within.add(name)
        return self.storm

    def closes(self, name: str, at: datetime) -> None:
        """Nothing is left to do for this one."""
        self.settle(at)
        if self.storm is not None and len(self.open) > MOST_OPEN:
            self.storm.last = at
        self.open.pop(name, None)

    def settle(self, now: datetime) -> None:
        """See whether it has calmed down."""
        storm = self.storm
        if storm is not None and len(self.open) <= MOST_OPEN and now >= storm.last + CALM:
            storm.over, self.storm = True, None


class Weather:
    """Every channel's sky; `channel` is where incidents without one are shown."""

    def __init__(self, channel: str = "") -> None:
        self.storms: list[Storm] = []
        self._channel = channel
        self._skies: dict[str, Sky] = {}
        self._of: dict[str, Storm] = {}

    def load(self, episodes: Iterable[Episode]) -> None:
        """See what happened before this process began, in the order in which it happened."""
        moments = [moment for one in episodes for moment in _moments(one)]
        for at, opens, one in sorted(moments, key=lambda each: (each[0], not each[1])):
            self._opens(one) if opens else self._closes(one, at)

    def follow(self, incident: Incident, at: datetime) -> None:
        """See how one stands now."""
        if incident.told == 1 or _wakes(incident, at):
            self._opens(episode.of(incident))
        if episode.rests(incident):
            self._closes(episode.of(incident), at)

    def settle(self, now: datetime) -> None:
        """Let storms end by time alone."""
        for sky in self._skies.values():
            sky.settle(now)

    def of(self, name: str) -> Storm | None:
        """The storm that an incident opened in."""
        return self._of.get(name)

    def forget(self, storms: Iterable[Storm]) -> None:
        """These are over and told."""
        for storm in storms:
            self.storms.remove(storm)
            for name in storm.within:
                del self._of[name]

    def _opens(self, one: Episode) -> None:
        if not one.alerted:
            return  # who asked for something waits for its card
        storm = self._sky(one).opens(one.id, one.opened_at)
        if storm is None:
            return
        self._of[one.id] = storm
        if len(storm.within) == 1:
            self.storms.append(storm)

    def _closes(self, one: Episode, at: datetime) -> None:
        sky = self._sky(one)
        if one.id in sky.open:
            sky.closes(one.id, at)

    def _sky(self, one: Episode) -> Sky:
        channel = one.channel or self._channel
        if channel not in self._skies:
            self._skies[channel] = Sky(channel)
        return self._skies[channel]


def quiet(incident: Incident) -> bool:
    """Whether nobody was ever needed for it, and no change came to its end."""
    needed = looks.last(incident, facts.Asked) or incident.escalated or incident.came_back
    told = incident.ran and (incident.over or incident.verified is not None)
    return not (needed or told)


def handed_over(incident: Incident) -> bool:
    """Whether people were called and that is all: nobody was asked, and nothing ran."""
    more = looks.last(incident, facts.Asked) or incident.ran or incident.came_back
    return incident.escalated is not None and not more


def _moments(one: Episode) -> Iterator[tuple[datetime, bool, Episode]]:
    yield one.opened_at, True, one
    if one.rested_at is not None:
        yield one.rested_at, False, one


def _wakes(incident: Incident, at: datetime) -> bool:
    """Whether this entry ended its quiet time: until then there was nothing to see."""
    last = incident.story[-1]
    return isinstance(last.fact, facts.Quieted) and last.at == at
