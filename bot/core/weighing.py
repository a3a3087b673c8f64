"""Weighing: what the yeses and noes to one request amount to, as of the moment they are counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from bot.core.approval import Ending, Request, Vote
from bot.core.circle import Demand, Grounds
from bot.core.facts import Voted


class Tally(NamedTuple):
    """How far the yeses are: `counting` and `lapsed` are people, in the order of their yes."""

    counting: tuple[str, ...]
    lapsed: tuple[str, ...]
    have: int
    """Of those that count, the ones of the request's own circle: they make the quorum."""
    open: tuple[tuple[str, ...], ...]
    """Demands that nobody is left for, each with the others whose people would do as well."""

    @property
    def lacks(self) -> str:
        """Whose yes is still needed, in words; empty when only a number is."""
        return " and ".join(f"somebody of {' or '.join(names)}" for names in self.open)


def tally(request: Request, votes: Iterable[Vote], grounds: Grounds | None) -> Tally:
    """
    Count the yeses as of the moment at which `grounds` were asked for.

    Who stands under no word any more has lapsed: an earlier yes of theirs does not count. None
    is what was recorded before grounds were: everybody counts, though for no demand.
    """
    said = dict.fromkeys(v.who for v in votes if v.yes and v.who not in request.excluded)
    own = set(request.words)
    held = {who: request.words if grounds is None else grounds.get(who, ()) for who in said}
    counting = {who: words for who, words in held.items() if grounds is None or words}
    return Tally(
        counting=tuple(counting),
        lapsed=tuple(who for who in said if who not in counting),
        have=sum(1 for words in counting.values() if grounds is None or own.intersection(words)),
        open=_unmet(request.demands, {} if grounds is None else counting),
    )


def so_far(request: Request, votes: Iterable[Voted]) -> Tally:
    """How far the yeses to this request are, as of the last vote on it."""
    own = _own(request, votes)
    return tally(request, (voted.vote for voted in own), own[-1].grounds if own else {})


def settled(request: Request, votes: Iterable[Voted]) -> Ending | None:
    """What the votes on this request amount to, as of the last of them."""
    own = _own(request, votes)
    return weigh(request, (voted.vote for voted in own), own[-1].grounds if own else {})


def weigh(request: Request, votes: Iterable[Vote], grounds: Grounds | None = None) -> Ending | None:
    """
    Decide from the votes so far: any no wins, distinct people make the quorum, None = still open.

    Every demand must be met besides, each by a person of its own.

    >>> from datetime import datetime, UTC
    >>> soon = datetime(2026, 1, 1, tzinfo=UTC)
    >>> two = Request(round=1, plan_digest="x", quorum=2, expires_at=soon)
    >>> weigh(two, [Vote(who="U1", yes=True), Vote(who="U1", yes=True)]) is None
    True
    """
    cast = list(votes)
    if any(not vote.yes for vote in cast):
        return Ending.REJECTED
    told = tally(request, cast, grounds)
    return Ending.APPROVED if told.have >= request.quorum and not told.open else None


def line(request: Request, told: Tally) -> str:
    """How far it is: "1 of 2 have approved. Still needed: somebody of payments."."""
    said = [f"{told.have} of {request.quorum} have approved."]
    if told.lapsed:
        people = " and ".join(f"<@{who}>" for who in told.lapsed)
        said.append(f"The yes of {people} does not count any more.")
    if told.lacks:
        said.append(f"Still needed: {told.lacks}.")
    return " ".join(said)


def hopeless(request: Request, grounds: Grounds) -> str:
    """Why the request could not be approved although all of these said yes; empty when it could."""
    everybody = [Vote(who=who, yes=True) for who in grounds]
    told = tally(request, everybody, grounds)
    said = []
    if told.have < request.quorum:
        those = ", ".join(request.words) or "nobody"
        number = "nobody" if not told.have else f"only {told.have}"
        said.append(f"{request.quorum} of {those} must agree, and there is {number}")
    said += [f"somebody of {one[0]} must agree, and nobody is left for that" for one in told.open]
    if said and request.excluded:
        said.append("who asked for it does not count")
    return "; ".join(said)


def _unmet(demands: Sequence[Demand], people: Grounds) -> tuple[tuple[str, ...], ...]:
    """Give each demand a person of its own, if that can be; what is left, and what else helps."""
    taken: dict[str, int] = {}
    unmet = []
    for number, demand in enumerate(demands):
        seen: set[str] = set()
        if not _take(number, demands, people, taken, seen):
            names = (demand.name, *(demands[taken[who]].name for who in seen))
            unmet.append(tuple(dict.fromkeys(names)))
    return tuple(unmet)


def _take(
    number: int, demands: Sequence[Demand], people: Grounds, taken: dict[str, int], seen: set[str]
) -> bool:
    """Give this demand somebody, who may be freed by giving another one somebody else."""
    wanted = set(demands[number].words)
    for who, words in people.items():
        if who in seen or not wanted.intersection(words):
            continue
        seen.add(who)
        if who not in taken or _take(taken[who], demands, people, taken, seen):
            taken[who] = number
            return True
    return False


def _own(request: Request, votes: Iterable[Voted]) -> list[Voted]:
    return [voted for voted in votes if voted.round == request.round]
