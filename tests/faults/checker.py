"""
The judge of every fault: it reads the log of effects and the ledger file, and nothing else.

The log is written by the services themselves, and by whoever stands outside of the bot and was
told that something was accepted. Of the ledger only its rows are read; that the chain holds is
asked of the product's own verifier, whose own tests tamper with it.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.durable.letters import EXPIRED
from bot.rehearsal.sandbox import effects
from bot.store.verifying import verify
from tests.faults import plans, yeses
from tests.faults.yeses import Json, Row

CHANGES = frozenset({"ask", "put", "pool", "queue"})
"""What is done to a service; the log's other words are what befell it."""
SLACK = 0.05
"""Seconds that the clocks' readings of one moment may differ: the log has milliseconds."""


@dataclass
class Verdict:
    """What was found; `faults` is empty when every promise was kept."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def blame(self, what: str, says: str) -> None:
        self.counts[what] += 1
        self.faults.append(f"{what}: {says}")

    @property
    def line(self) -> str:
        counted = ", ".join(f"{word} {self.counts[word]}" for word in WORDS)
        return counted if not self.faults else f"{counted}; {'; '.join(self.faults[:5])}"


DOUBLE, UNFOUNDED, LOST, STUCK, FALSE, BROKEN = (
    "double executions", "unfounded effects", "lost", "stuck", "false records", "broken chains",
)  # fmt: skip
WORDS = ("incidents", "runs", "effects", "redone knowingly", DOUBLE, UNFOUNDED, LOST, STUCK, FALSE,
         BROKEN)  # fmt: skip


@dataclass
class Claim:
    """The right to do one step of one plan once, and what was made of it."""

    row: Row
    step: Json
    service: str
    ended: Row | None = None
    effects: list[Json] = field(default_factory=list)

    @property
    def back(self) -> bool:
        return bool(self.row.body["back"])

    @property
    def knowing(self) -> bool:
        """Whether it may have been done twice, which was known and recorded."""
        again = self.back or self.step["back"] or self.step["on_uncertain"] == "redo"
        return again and self.ended is not None and bool(self.ended.body["uncertain"])

    def explains(self, effect: Json) -> bool:
        """Whether this effect is what the step says, in the time that the claim was held."""
        late = self.ended is not None and effect["at"] > self.ended.at + SLACK
        if effect["unit"] != self.service or effect["at"] < self.row.at - SLACK or late:
            return False
        what, params = effect["what"], self.step["params"]
        if self.step["action"] == "host.restart_service":
            return what == "ask" and effect["value"] == "restart" and not self.back
        way_back = self.back or self.step["back"]
        wanted = self.step["scope"]["pre_state"]["snapshot"] if way_back else params["body"]
        place = params["url"].rpartition("/")[2]
        done = {name: value for name, value in effect["value"].items() if name != "key"}
        return done == wanted and what in {"put", place} and what != "ask"


def check(log: Path, ledger: Path) -> Verdict:
    """Judge one world after everything in it has come to rest."""
    verdict, rows, done = Verdict(), list(_rows(ledger)), effects.read(log)
    claims = _recorded(ledger, rows, verdict)
    _match([one for one in done if one["what"] in CHANGES], claims, verdict)
    _accepted(done, rows, verdict)
    return verdict


def of_record(ledger: Path) -> Verdict:
    """Judge a world whose effects nobody logged: what began, by which yes, and how it ended."""
    verdict = Verdict()
    _recorded(ledger, list(_rows(ledger)), verdict)
    return verdict


def _recorded(ledger: Path, rows: list[Row], verdict: Verdict) -> list[Claim]:
    report = verify(ledger)
    if not report.sound:
        verdict.blame(BROKEN, report.line)
    told: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        told[row.incident].append(row)
    house = told.pop("", [])
    claims = [claim for story in told.values() for claim in _claims(story, house, verdict)]
    for name in yeses.too_many(rows):
        verdict.blame(UNFOUNDED, f"more runs began by pre-approval {name} than it was for")
    for name, story in told.items():
        verdict.counts["incidents"] += 1
        _rest(name, story, verdict)
        _starts(name, story, house, verdict)
    return claims


def _starts(name: str, story: list[Row], house: list[Row], verdict: Verdict) -> None:
    """One run of an incident begins at most, with a yes, and not by the yes of who asked for it."""
    begun = [r for r in story if r.kind == "run.started" and not r.body["refused"]]
    if len(begun) > 1:
        verdict.blame(DOUBLE, f"{name} began {len(begun)} times")
    rounds = Counter(r.key for r in story if r.kind == "approval.decided")
    if any(times > 1 for times in rounds.values()):
        verdict.blame(DOUBLE, f"{name} was decided twice in one round")
    for row in begun:
        if _approved(story, house, row) is None:
            verdict.blame(UNFOUNDED, f"{row.key} begins a run of no approved plan")


def _rows(ledger: Path) -> Iterator[Row]:
    columns = "seq, at, incident, kind, key, body"
    with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        for seq, at, incident, kind, key, body in conn.execute(
            f"select {columns} from entry order by seq"
        ):
            moment = datetime.fromisoformat(at).timestamp()
            yield Row(seq, moment, incident, kind, key, json.loads(body))


def _claims(story: list[Row], house: list[Row], verdict: Verdict) -> Iterator[Claim]:
    """The claims of one incident that allow an act; one without an approved plan is a fault."""
    begun = next((r for r in story if r.kind == "run.started" and not r.body["refused"]), None)
    verdict.counts["runs"] += begun is not None
    for row in story:
        if row.kind != "step.claimed" or row.body["stop"]:
            continue
        if row.body.get("again"):  # it takes up the right of an earlier claim, and gives none
            continue
        plan = _approved(story, house, begun) if begun is not None and begun.seq < row.seq else None
        if plan is None:
            verdict.blame(UNFOUNDED, f"{row.key} claims a step of no approved plan")
            continue
        step = next(one for one in plan["steps"] if one["number"] == row.body["number"])
        same = (row.body["number"], row.body["back"])
        ended = (r for r in story if r.kind == "step.ended" and r.seq > row.seq)
        last = next((r for r in ended if (r.body["number"], r.body["back"]) == same), None)
        yield Claim(row, step, plan["service"], last)


def _approved(story: list[Row], house: list[Row], begun: Row) -> Json | None:
    """The very plan that the run began with, if policy or people said yes to it before."""
    earlier = [row for row in story if row.seq < begun.seq]
    digest = begun.body["digest"]
    made = [r for r in earlier if r.kind == "plan.made" and r.body["digest"] == digest]
    if not made or plans.digest(made[-1].body["plan"]) != digest:
        return None
    round_, plan = made[-1].body["round"], dict[str, Any](made[-1].body["plan"])
    if any(row.kind == "policy.allowed" and row.body["digest"] == digest for row in earlier):
        return plan if made[-1].body["ruling"] == yeses.ALLOW else None
    if not yeses.reaches(story, begun, made[-1].body):
        return None
    return plan if yeses.said(story, house, begun, plan, round_) else None


def _match(done: list[Json], claims: list[Claim], verdict: Verdict) -> None:
    """Give every effect to a claim; one that none explains, or that was done before, is a fault."""
    keys: Counter[str] = Counter()
    for effect in done:
        verdict.counts["effects"] += 1
        said = f"{effect['unit']} {effect['what']} {effect['value']}"
        able = [claim for claim in claims if claim.explains(effect)]
        claim = min(able, key=lambda one: len(one.effects), default=None)
        if claim is None:
            verdict.blame(UNFOUNDED, f"{said} was done, and no claim allows it")
            continue
        claim.effects.append(effect)
        key = effect["value"]["key"] if "key" in (effect["value"] or "") else ""
        keys[key] += bool(key)
        if len(claim.effects) > 1 or keys[key] > 1:
            if claim.knowing:
                verdict.counts["redone knowingly"] += 1
            else:
                verdict.blame(DOUBLE, f"{said}, for {claim.row.key}")
    for claim in claims:
        _honest(claim, verdict)


def _honest(claim: Claim, verdict: Verdict) -> None:
    """What is recorded of a step is what the log of effects has of it."""
    ending = claim.ended.body["ending"] if claim.ended is not None else ""
    if ending == "skipped" and claim.effects:
        verdict.blame(FALSE, f"{claim.row.key} was done, and is recorded as skipped")
    if ending in {"done", "found done"} and not claim.effects:
        verdict.blame(FALSE, f"{claim.row.key} was not done, and is recorded as {ending}")


def _accepted(done: list[Json], rows: list[Row], verdict: Verdict) -> None:
    """What the outside was told is safe stands in the ledger: alerts, and the clicks of people."""
    known = {(alert["fingerprint"], alert["status"])
             for row in rows if row.kind in {"incident.opened", "alert.joined"}
             and (alert := row.body.get("alert"))}  # fmt: skip
    heard = {(row.incident, row.body["round"], row.body["vote"]["who"])
             for row in rows if row.kind == "approval.voted"}  # fmt: skip
    heard |= {(row.incident, row.body["round"], row.body["who"])
              for row in rows if row.kind == "approval.barred"}  # fmt: skip
    over = {row.key: row for row in rows if row.kind in {"approval.decided", EXPIRED}}
    for one in done:
        value = one["value"]
        if one["what"] == "accepted" and (value["fingerprint"], value["status"]) not in known:
            verdict.blame(LOST, f"the alert {value} was accepted, and no incident has it")
        if one["what"] == "clicked":
            place = (value["incident"], value["round"])
            letter = over.get(f"{value['incident']}:mail:decision:{value['round']}")
            if (*place, value["who"]) not in heard and not _too_late(one["at"], letter):
                verdict.blame(LOST, f"the click {value} was acknowledged, and never counted")


def _too_late(at: float, letter: Row | None) -> bool:
    """Whether the question was over: who clicked before its time ran out was to be heard."""
    return letter is not None and (letter.kind != EXPIRED or letter.at < at + SLACK)


def _rest(name: str, story: list[Row], verdict: Verdict) -> None:
    """It has ended, or it waits for something that has a name."""
    kinds = {row.kind for row in story}
    if "incident.closed" in kinds:
        return
    asked = [r.body["request"]["round"] for r in story if r.kind == "approval.asked"]
    letters = {row.key for row in story}
    if asked and f"{name}:mail:decision:{asked[-1]}" not in letters:
        return  # for people, until the question expires
    healed = any(r.kind == "run.verified" and r.body["passed"] for r in story)
    if healed and f"{name}:mail:alert" not in letters and "run.reverting" not in kinds:
        return  # for the all clear, or for the time to go back
    verdict.blame(STUCK, f"{name} stands at {story[-1].kind}")
