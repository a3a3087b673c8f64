"""Whether a run was said yes to: at its click by enough people, or in advance by a permit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]
ENDS = frozenset({"house.permit.revoked", "house.permit.refused", "house.halted"})
"""What ends a permit for good."""
ALLOW, DENY = 0, 2
"""How `plan.made` writes what policy says."""
MAY = frozenset({"stage", "freeze window", "concurrency", "rate window", "cool-down",
                 "circuit breaker", "blast cap"})  # fmt: skip
"""The only rules whose no may be overridden."""


@dataclass(frozen=True)
class Row:
    """One entry of the ledger, its body parsed."""

    seq: int
    at: float
    incident: str
    kind: str
    key: str
    body: Json


def said(story: list[Row], house: list[Row], begun: Row, plan: Json, round_: int) -> bool:
    """Whether enough different people said yes in time to this plan, and it was unmoved then."""
    earlier, digest = [row for row in story if row.seq < begun.seq], begun.body["digest"]
    asked = next((r.body["request"] for r in earlier if r.kind == "approval.asked"
                  and r.body["request"]["round"] == round_), None)  # fmt: skip
    decided = next((r for r in earlier if r.kind == "approval.decided"
                    and r.key.endswith(f":decision:{round_}")), None)  # fmt: skip
    if asked is None or decided is None or asked["plan_digest"] != digest:
        return False
    use = decided.body.get("permit")
    if use is not None:
        people = _in_advance(house, use["id"], plan, decided, begun)
    else:
        votes = (r.body for r in earlier if r.kind == "approval.voted"
                 and r.body["round"] == round_ and r.seq < decided.seq)  # fmt: skip
        people = _yes(votes)
    by = set(decided.body["by"])
    in_time = decided.at < _moment(asked["expires_at"])
    enough = by <= people - set(asked["excluded"]) and len(by) >= asked["quorum"]
    unmoved = any(r.kind == "plan.rebuilt" and r.body["round"] == round_
                  and r.body["digest"] == digest and not r.body["changes"]
                  for r in earlier)  # fmt: skip
    return decided.body["ending"] == "approved" and in_time and enough and unmoved


def reaches(story: list[Row], begun: Row, made: Json) -> bool:
    """Whether a yes could make it run: policy asked, or two others broke the glass over its no."""
    if made["ruling"] != DENY:
        return True
    opened, round_ = story[0].body, made["round"]
    asked = [r.body["request"] for r in story if r.kind == "approval.asked" and r.seq < begun.seq]
    request = next((one for one in asked if one["round"] == round_), None)
    decided = next((r.body for r in story if r.kind == "approval.decided"
                    and r.key.endswith(f":decision:{round_}")), {})  # fmt: skip
    glass, wish = opened.get("glass") or {}, opened.get("wish") or {}
    if request is None or not glass.get("why") or decided.get("permit") is not None:
        return False
    denying = {one["rule"] for one in made["verdicts"] if one["ruling"] == DENY}
    asking = {one["by"] for one in (glass, wish) if one}
    two = asking <= set(request["excluded"]) and request["quorum"] >= 2
    return two and bool(denying) and denying <= set(request.get("override", ())) & MAY


def _in_advance(house: list[Row], name: str, plan: Json, decided: Row, begun: Row) -> set[str]:
    """Who said yes to this permit in time; nobody, when it did not hold for this run."""
    about = [r for r in house if r.body.get("permit") == name]
    asked = next((r for r in about if r.kind == "house.permit.asked"), None)
    granted = next((r for r in about if r.kind == "house.permit.granted"), None)
    if asked is None or granted is None or granted.seq > decided.seq:
        return set()
    wanted, request = asked.body["wanted"], asked.body["request"]
    same = ("runbook", "runbook_digest", "policy_digest", "service", "environment")
    ended = any(r.kind in ENDS and asked.seq < r.seq < begun.seq
                for r in house if r.kind == "house.halted" or r in about)  # fmt: skip
    late = begun.at >= _moment(granted.body["until"])
    if ended or late or any(wanted[field] != plan[field] for field in same):
        return set()
    votes = (r.body for r in about if r.kind == "house.permit.voted" and r.seq < granted.seq)
    people = _yes(votes) - {*request["excluded"], wanted["by"]}
    return people if len(people) >= request["quorum"] else set()


def too_many(rows: Iterable[Row]) -> list[str]:
    """The permits by which more runs began than they were for."""
    known = list(rows)
    allowed = {r.body["permit"]: r.body["wanted"]["runs"]
               for r in known if r.kind == "house.permit.asked"}  # fmt: skip
    began = [r.body.get("permit") for r in known
             if r.kind == "run.started" and not r.body["refused"]]  # fmt: skip
    return [name for name in filter(None, dict.fromkeys(began))
            if began.count(name) > allowed.get(name, 0)]  # fmt: skip


def _yes(votes: Iterable[Json]) -> set[str]:
    return {one["vote"]["who"] for one in votes if one["vote"]["yes"]}


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
