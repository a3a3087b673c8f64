"""Batches: open questions that are the same in kind, so that one answer may be given to all."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import JsonValue

from bot.core import facts, values
from bot.core.approval import Request
from bot.core.blast_radius import BlastRadius
from bot.core.incident import Incident
from bot.core.plan import Plan
from bot.core.risk import Level

MOST = 20
"""Questions of one batch: as many as a person can read before they press."""
CHANGED, EXPIRED = "changed", "expired"
_KIND = 12
"""Characters of a kind's fingerprint in the key of a batch."""
_OWN = "·"
"""What stands in place of what is the service's own or names the target."""
_OF_THE_PLAN = {
    "runbook", "runbook_digest", "policy_digest", "environment", "title", "params", "steps",
    "criteria", "way_back", "cost", "escalate_to",
}  # fmt: skip


class Question(NamedTuple):
    """The first question that an incident asked people, and whether it still stands."""

    incident: str
    kind: str
    """The fingerprint of all that must be the same for one answer to fit two of them."""
    plan: Plan
    request: Request
    level: Level
    asked_at: datetime
    ended_at: datetime | None
    ending: str
    """What became of it, in one word; empty while it is open."""
    by: tuple[str, ...]
    marks: tuple[str, ...]
    """That it fires again and again: what else people should know of this one."""
    channel: str

    def open(self, now: datetime) -> bool:
        return self.ended_at is None and now < self.request.expires_at

    @property
    def worst(self) -> BlastRadius:
        """Of its steps, the one with the most away at once."""
        radii = (step.scope.blast_radius for step in self.plan.steps)
        return max(radii, key=lambda radius: radius.down_at_once)


class Batch(NamedTuple):
    """Two or more questions of one kind, the first asked first; the key is that one's for ever."""

    key: str
    questions: tuple[Question, ...]

    def open(self, now: datetime) -> tuple[Question, ...]:
        return tuple(one for one in self.questions if one.open(now))


def question(incident: Incident) -> Question | None:
    """
    Tell what an incident first asked; nothing when that is for people to decide by itself.

    By itself goes whatever is of high risk or of none that is known, break-glass, an undo, what
    nobody could approve, and what was answered in advance.
    """
    asked = next((one for one in incident.story if isinstance(one.fact, facts.Asked)), None)
    if asked is None or not isinstance(asked.fact, facts.Asked) or asked.fact.hopeless:
        return None
    request = asked.fact.request
    planned = _shown(incident, request)
    if planned is None or planned.plan is None or planned.risk is None:
        return None
    plan, level = planned.plan, planned.risk.level
    alone = request.override or incident.opened.glass or plan.undoes or not plan.service
    if alone or request.round != 1 or level is Level.HIGH or _in_advance(incident):
        return None
    ended_at, ending, by = _end(incident, asked.at)
    return Question(
        incident=incident.id,
        kind=_kind(plan, request, level, incident.opened.channel),
        plan=plan,
        request=request,
        level=level,
        asked_at=asked.at,
        ended_at=ended_at,
        ending=ending,
        by=by,
        marks=tuple(filter(None, (planned.flapping, planned.repeats))),
        channel=incident.opened.channel,
    )


def batched(questions: Iterable[Question]) -> list[Batch]:
    """
    Put together what is the same in kind and was open at the same time, in the order of asking.

    A batch that is full stays as it is: what is asked later begins another one.
    """
    kinds = defaultdict[str, list[Question]](list)
    for one in sorted(questions, key=lambda one: (one.asked_at, one.incident)):
        kinds[one.kind].append(one)
    runs = (run for same in kinds.values() for run in _runs(same))
    return [Batch(_key(run[0]), tuple(run)) for run in runs if len(run) > 1]


def of_one_kind(questions: Sequence[Question]) -> bool:
    return len({one.kind for one in questions}) == 1


def away(questions: Iterable[Question]) -> str:
    """Sum up what would be away at once if all of them came to their worst moment together."""
    down, total = Counter[str](), Counter[str]()
    for radius in (one.worst for one in questions):
        down[radius.unit] += radius.down_at_once
        total[radius.unit] += radius.total
    return ", ".join(f"{down[unit]} of {total[unit]} ({unit})" for unit in sorted(total))


def _key(first: Question) -> str:
    return f"{first.kind[:_KIND]}-{first.incident}"


def _runs(same: Sequence[Question]) -> Iterator[list[Question]]:
    """Cut one kind, oldest first, where nothing was open any more, or where a batch is full."""
    run, until = list[Question](), None
    for one in same:
        if run and (len(run) == MOST or (until is not None and one.asked_at > until)):
            yield run
            run, until = [], None
        ends = min(one.ended_at or one.request.expires_at, one.request.expires_at)
        run.append(one)
        until = max(until or ends, ends)
    if run:
        yield run


def _shown(incident: Incident, request: Request) -> facts.Planned | None:
    """The plan that was asked for."""
    plans = (one.fact for one in incident.story if isinstance(one.fact, facts.Planned))
    return next((one for one in plans if one.digest == request.plan_digest), None)


def _in_advance(incident: Incident) -> bool:
    decided = (one.fact for one in incident.story if isinstance(one.fact, facts.Decided))
    return any(one.permit is not None for one in decided)


def _end(incident: Incident, asked: datetime) -> tuple[datetime | None, str, tuple[str, ...]]:
    """When it was answered, how, and by whom."""
    for one in incident.story:
        match one.fact:
            case facts.Decided(ending=ending, by=by):
                return one.at, ending.value, by
            case facts.Edited(by=who):
                return one.at, CHANGED, (who,)
            case facts.Expired() | facts.Closed() if one.at >= asked:
                return one.at, EXPIRED, ()
    return None, "", ()


def _kind(plan: Plan, request: Request, level: Level, channel: str) -> str:
    said = plan.model_dump(mode="json", include=_OF_THE_PLAN)
    for step in said["steps"]:
        del step["scope"]
    who = request.model_dump(
        mode="json", include={"groups", "people", "schedules", "demands", "quorum", "excluded",
                              "fallback"}
    )  # fmt: skip
    own, targets = _own(plan), frozenset(_last(target.key) for target in plan.targets)
    same = _same(said, own, targets)
    return values.digest({"plan": same, "who": who, "level": level.value, "channel": channel})


def _own(plan: Plan) -> re.Pattern[str]:
    """The service's name, and what the catalogue says of it, wherever they stand as a word."""
    service = plan.names.get("service")
    told = service.get("facts") if isinstance(service, dict) else None
    known = {plan.service, *(_texts(told))} - {""}
    words = "|".join(map(re.escape, sorted(known, key=lambda word: (-len(word), word))))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])")


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _last(key: str) -> str:
    """
    The name of the thing itself, at the end of the key that locks it.

    >>> _last("k8s:prod/shop/pod:shop-7d9f")
    'shop-7d9f'
    """
    return re.split(r"[/:]", key)[-1]


def _same(value: JsonValue, own: re.Pattern[str], targets: frozenset[str]) -> JsonValue:
    """Parameters without what is the service's own; all else is the runbook's, word for word."""
    if isinstance(value, dict):
        return {
            key: _without(one, own, targets) if key == "params" else _same(one, own, targets)
            for key, one in value.items()
        }
    return [_same(one, own, targets) for one in value] if isinstance(value, list) else value


def _without(value: JsonValue, own: re.Pattern[str], targets: frozenset[str]) -> JsonValue:
    """Leave out what tells one service from another; numbers stay, for they are how much."""
    if isinstance(value, str):
        return _OWN if value in targets else own.sub(_OWN, value)
    if isinstance(value, dict):
        return {key: _without(one, own, targets) for key, one in value.items()}
    return [_without(one, own, targets) for one in value] if isinstance(value, list) else value
