"""The judge finds nothing in an honest world, and each lie in a doctored one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.core import values
from bot.core.transcript import Draft
from bot.store.ledger import Ledger
from bot.store.writer import Writer
from tests.faults import checker

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1:8080/corner/pool"


class Told(NamedTuple):
    """An entry before it is chained: one second after the one before it."""

    kind: str
    key: str
    body: dict[str, Any]


class World:
    """A ledger and a log of effects in which everything is as it should be."""

    def __init__(self, **step: Any) -> None:
        plan: dict[str, Any] = {"service": "corner", "steps": [{
            "number": 1, "action": "http.request", "back": False, "on_uncertain": "probe",
            "params": {"url": URL, "body": {"size": 50}},
            "scope": {"pre_state": {"snapshot": {"size": 20}}}, **step}]}  # fmt: skip
        digest = values.digest(plan)
        request = {"round": 1, "quorum": 1, "excluded": ["U0SAM"], "plan_digest": digest,
                   "expires_at": (NOON + timedelta(seconds=60)).isoformat()}  # fmt: skip
        vote = {"round": 1, "vote": {"who": "U0ANDRE", "yes": True}}
        claim = {"number": 1, "back": False, "stop": ""}
        ended = {"number": 1, "back": False, "ending": "done", "uncertain": False}
        alert = {"fingerprint": "f1", "status": "firing"}
        self.told = [
            Told("incident.opened", "opened", {"alert": alert}),
            Told(
                "plan.made",
                "plan:1",
                {"round": 1, "digest": digest, "plan": plan, "ruling": 1, "verdicts": []},
            ),
            Told("approval.asked", "ask:1", {"request": request}),
            Told("approval.voted", "vote:1", vote),
            Told("approval.decided", "mail:decision:1", {"ending": "approved", "by": ["U0ANDRE"]}),
            Told("plan.rebuilt", "rebuild:1", {"round": 1, "digest": digest, "changes": []}),
            Told("run.started", "begin", {"digest": digest, "refused": []}),
            Told("step.claimed", "step:1:claim", claim),
            Told("step.ended", "step:1", ended),
            Told("run.verified", "verify", {"passed": True}),
            Told("incident.closed", "close", {}),
        ]
        self.effects = [
            _effect(0.5, "sender", "accepted", alert),
            _effect(4.5, "slack", "clicked", {"incident": "inc-1", "round": 1, "who": "U0ANDRE"}),
            _effect(8.5, "corner", "pool", {"size": 50, "key": "k1"}),
        ]

    def change(self, kind: str, **changes: Any) -> None:
        """Have an entry say something else."""
        self.told = [one._replace(body={**one.body, **changes}) if one.kind == kind else one
                     for one in self.told]  # fmt: skip

    def glass(self, *, rule: str = "freeze window", why: str = "it is down", by: Any = (),
              **changes: Any) -> None:  # fmt: skip
        """Policy denied it, and two others than U0SAM, who asked, let it run."""
        people = list(by) or ["U0ANDRE", "U0ANA"]
        request = {**self.told[2].body["request"], "quorum": 2, "override": [rule], **changes}
        self.change("incident.opened", glass={"of": "inc-0", "by": "U0SAM", "why": why})
        self.change("plan.made", **_no(rule))
        self.change("approval.asked", request=request)
        self.change("approval.decided", by=people)
        votes = [Told("approval.voted", f"vote:1:{who}", {"round": 1, "vote": {
            "who": who, "yes": True}}) for who in people]  # fmt: skip
        at = next(i for i, one in enumerate(self.told) if one.kind == "approval.voted")
        self.told[at : at + 1] = votes
        self.effects = [{**one, "at": one["at"] + len(votes) - 1} for one in self.effects]

    def allowed(self) -> None:
        """Nobody is asked, and it is said that policy allows it."""
        self.without("approval.asked", "approval.voted", "approval.decided", "plan.rebuilt")
        told = self.told[1].body["digest"]
        self.told.insert(2, Told("policy.allowed", "allow:1", {"round": 1, "digest": told}))
        self.effects = [{**self.effects[-1], "at": self.effects[-1]["at"] - 3}]

    def without(self, *kinds: str) -> None:
        self.told = [one for one in self.told if one.kind not in kinds]

    def again(self, **value: Any) -> None:
        """The same is done once more, in the same second."""
        done = {**self.effects[-1], "at": self.effects[-1]["at"] + 0.1}
        self.effects.append({**done, "value": {**done["value"], **value}})

    async def judged(self, directory: Path) -> checker.Verdict:
        path, log = directory / "heal.db", directory / "effects.log"
        writer = await Writer.open(path)
        for second, one in enumerate(self.told, 1):
            at = NOON + timedelta(seconds=second)
            await Ledger(writer).append(
                Draft(at=at, incident="inc-1", actor="heal", kind=one.kind,
                      key=f"inc-1:{one.key}", body=values.canonical(one.body))
            )  # fmt: skip
        await writer.close()
        log.write_text("".join(json.dumps(one) + "\n" for one in self.effects))
        return checker.check(log, path)


def _no(rule: str) -> dict[str, Any]:
    return {"ruling": 2, "verdicts": [{"ruling": 2, "rule": rule}, {"ruling": 1, "rule": "tier"}]}


NO = _no("freeze window")


def _effect(second: float, unit: str, what: str, value: Any) -> dict[str, Any]:
    at = (NOON + timedelta(seconds=second)).timestamp()
    return {"at": at, "unit": unit, "pid": 0, "what": what, "value": value}


async def test_an_honest_world_has_no_faults(tmp_path: Path) -> None:
    verdict = await World().judged(tmp_path)

    assert verdict.faults == []
    assert [verdict.counts[word] for word in ("incidents", "runs", "effects")] == [1, 1, 1]


async def test_doing_it_again_is_no_fault_when_it_was_known_and_recorded(tmp_path: Path) -> None:
    world = World(on_uncertain="redo")
    world.change("step.ended", uncertain=True)
    world.again()
    verdict = await world.judged(tmp_path)

    assert verdict.faults == []
    assert verdict.counts["redone knowingly"] == 1


async def test_a_no_that_two_others_overrode_loudly_is_no_fault(tmp_path: Path) -> None:
    world = World()
    world.glass()
    verdict = await world.judged(tmp_path)

    assert verdict.faults == []
    assert verdict.counts["runs"] == 1


async def test_what_policy_allows_runs_without_a_yes(tmp_path: Path) -> None:
    world = World()
    world.allowed()
    world.change("plan.made", ruling=0)
    verdict = await world.judged(tmp_path)

    assert verdict.faults == []


def early(world: World) -> None:
    """It is done before the claim is on disk."""
    world.effects[-1]["at"] -= 1.0


def late(world: World) -> None:
    """It is done after it was recorded how it ended."""
    world.effects[-1]["at"] += 2.0


def other(world: World) -> None:
    world.effects[-1]["value"] = {"size": 80}


def elsewhere(world: World) -> None:
    world.effects[-1]["unit"] = "bakery"


def unknowing(world: World) -> None:
    world.change("step.ended", uncertain=True)
    world.again()


def run_out(world: World) -> None:
    """Somebody clicked, and the question ran out of time as if nobody had."""
    world.without("approval.voted", "plan.rebuilt", "run.started", "step.claimed", "step.ended",
                  "run.verified")  # fmt: skip
    world.told = [Told("mail.expired", one.key, {}) if one.kind == "approval.decided" else one
                  for one in world.told]  # fmt: skip
    click = next(one for one in world.effects if one["what"] == "clicked")
    world.effects = [world.effects[0], {**click, "at": click["at"] - 1.0}]


def unrecorded(world: World) -> None:
    world.again(key="k2")


DOCTORED: dict[str, tuple[Callable[[World], object], str]] = {
    "done before its claim": (early, checker.UNFOUNDED),
    "done after its end": (late, checker.UNFOUNDED),
    "done otherwise than planned": (other, checker.UNFOUNDED),
    "done to another service": (elsewhere, checker.UNFOUNDED),
    "nobody was asked": (lambda w: w.without("approval.asked"), checker.UNFOUNDED),
    "nobody voted": (lambda w: w.without("approval.voted"), checker.UNFOUNDED),
    "rejected": (lambda w: w.change("approval.decided", ending="rejected"), checker.UNFOUNDED),
    "approved by who may not": (
        lambda w: w.change("approval.decided", by=["U0SAM"]), checker.UNFOUNDED),
    "approved by nobody": (lambda w: w.change("approval.decided", by=[]), checker.UNFOUNDED),
    "approved too late": (
        lambda w: w.change("approval.asked", request={
            **w.told[2].body["request"], "expires_at": NOON.isoformat()}), checker.UNFOUNDED),
    "approved another plan": (
        lambda w: w.change("approval.asked", request={
            **w.told[2].body["request"], "plan_digest": "0" * 64}), checker.UNFOUNDED),
    "policy said no": (lambda w: w.change("plan.made", **NO), checker.UNFOUNDED),
    "the glass was broken by one": (lambda w: w.glass(by=["U0ANDRE"]), checker.UNFOUNDED),
    "a quorum of one broke the glass": (lambda w: w.glass(quorum=1), checker.UNFOUNDED),
    "who asked broke the glass": (lambda w: w.glass(excluded=[]), checker.UNFOUNDED),
    "the glass was broken over another rule": (
        lambda w: w.glass(override=["stage"]), checker.UNFOUNDED),
    "the glass was broken over the kill switch": (
        lambda w: w.glass(rule="kill switch", override=["kill switch"]), checker.UNFOUNDED),
    "the glass was broken without a reason": (lambda w: w.glass(why=""), checker.UNFOUNDED),
    "policy let run what it asked about": (
        lambda w: w.allowed(), checker.UNFOUNDED),
    "moved since": (lambda w: w.change("plan.rebuilt", changes=["it moved"]), checker.UNFOUNDED),
    "another plan than its hash says": (
        lambda w: w.change("plan.made", plan={**w.told[1].body["plan"], "service": "bakery"}),
        checker.UNFOUNDED),
    "stopped before": (lambda w: w.change("step.claimed", stop="halted"), checker.UNFOUNDED),
    "done twice in doubt": (unknowing, checker.DOUBLE),
    "done twice in one claim": (unrecorded, checker.DOUBLE),
    "done, and recorded as skipped": (
        lambda w: w.change("step.ended", ending="skipped"), checker.FALSE),
    "not done, and recorded as done": (lambda w: w.effects.pop(), checker.FALSE),
    "an alert is gone": (lambda w: w.without("incident.opened"), checker.LOST),
    "a click is gone": (
        lambda w: w.without("approval.voted", "approval.decided"), checker.LOST),
    "a click counted for nothing, and the question ran out": (run_out, checker.LOST),
    "stuck after its claim": (
        lambda w: w.without("step.ended", "run.verified", "incident.closed"), checker.STUCK),
}  # fmt: skip


@pytest.mark.parametrize("lie", DOCTORED)
async def test_a_doctored_world_is_found_out(lie: str, tmp_path: Path) -> None:
    doctor, word = DOCTORED[lie]
    world = World()
    doctor(world)
    verdict = await world.judged(tmp_path)

    assert verdict.counts[word] >= 1, verdict.line


async def test_one_changed_sign_in_the_ledger_breaks_its_chain(tmp_path: Path) -> None:
    await World().judged(tmp_path)
    with closing(sqlite3.connect(tmp_path / "heal.db", isolation_level=None)) as conn:
        conn.execute("drop trigger entry_is_never_changed")
        conn.execute("update entry set actor = 'nobody' where seq = 3")
    verdict = checker.check(tmp_path / "effects.log", tmp_path / "heal.db")

    assert verdict.counts[checker.BROKEN] == 1


async def test_what_waits_for_people_or_for_the_all_clear_is_not_stuck(tmp_path: Path) -> None:
    for name, gone in {
        "asked": ("approval.voted", "approval.decided", "plan.rebuilt", "run.started",
                  "step.claimed", "step.ended", "run.verified", "incident.closed"),
        "healed": ("incident.closed",),
    }.items():  # fmt: skip
        world = World()
        world.without(*gone)
        world.effects = world.effects[:1] if name == "asked" else world.effects
        (tmp_path / name).mkdir()
        verdict = await world.judged(tmp_path / name)

        assert verdict.faults == []
