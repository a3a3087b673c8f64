"""What is told afterwards is what was decided then: runbook, risk, rules, people, rounds."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Ending, Request, Vote
from bot.core.facts.fact import Fact
from bot.core.incident import Incident
from bot.core.lifecycle import Event
from bot.core.policy.verdict import Ruling, allow, ask, deny
from bot.core.risk import Level, Risk
from bot.core.telling.why import round_of, why
from tests import builders
from tests.builders import START, Told

CHOSEN = facts.Chosen(
    runbook="restart-service",
    because=("alert is 'ServiceDown'",),
    misses=(facts.Miss(runbook="raise-pool", reason="severity is critical, not warning"),),
)
VERDICTS = (
    allow("concurrency", "0 of 3 runs are under way"),
    ask("tier", "shop is of tier 4"),
    deny("freeze window", "year-end freezes shop in production"),
)


def planned(round_: int = 1, **changes: object) -> facts.Planned:
    plan = builders.a_plan(policy_digest=f"{round_}" * 64)
    made = facts.Planned(
        round=round_, plan=plan, digest=plan.digest, ruling=Ruling.ASK,
        risk=Risk(level=Level.MEDIUM, score=35, reasons=("+35: much",)),
        verdicts=VERDICTS[:2],
    )  # fmt: skip
    return made.model_copy(update=changes)


def asked(round_: int = 1, **changes: object) -> facts.Asked:
    request = Request(
        round=round_, plan_digest=planned(round_).digest, quorum=2, groups=("sre",),
        people=("U0ANA",), excluded=("U0OLIVIA",), expires_at=START + timedelta(hours=1),
    )  # fmt: skip
    return facts.Asked(request=request.model_copy(update=changes))


def voted(who: str, round_: int = 1) -> Told:
    return Told(facts.Voted(round=round_, vote=Vote(who=who, yes=True)), actor=who)


def told(*story: Fact | Told) -> dict[str, tuple[str, ...]]:
    return {part.title: part.lines for part in why(incident(*story))}


def incident(*story: Fact | Told) -> Incident:
    return builders.an_incident(builders.an_opening(), *story)


def test_it_tells_which_runbook_was_meant_and_why_no_other() -> None:
    said = told(CHOSEN)

    assert said["Why restart-service"] == ("alert is 'ServiceDown'",)
    assert said["Why no other"] == ("raise-pool: severity is critical, not warning",)
    assert said["Why there is no plan"] == ("None was made yet.",)


def test_without_a_runbook_it_tells_why_there_is_none() -> None:
    none = facts.Chosen(why_none="no runbook names alert 'Odd'")
    closed = facts.Closed(event=Event.NO_PLAN, says="no runbook")

    assert told(none, closed)["Why no runbook"] == ("no runbook names alert 'Odd'",)


def test_a_plan_that_could_not_be_made_says_what_was_missing() -> None:
    none = facts.Planned(round=1, refused=("step 1: its target did not answer",))
    said = told(CHOSEN, facts.Diagnosed(), none)

    assert "its target did not answer" in said["Why there is no plan"][0]


def test_the_strictest_rule_comes_first_and_what_allows_is_folded() -> None:
    denied = planned(ruling=Ruling.DENY, verdicts=VERDICTS)
    one = incident(CHOSEN, facts.Diagnosed(), denied)
    parts = {part.title: part for part in why(one)}

    assert parts["Policy said no"].lines == (
        "freeze window denies: year-end freezes shop in production",
        "tier asks: shop is of tier 4",
    )
    assert parts["1 rule had nothing against it"].folded
    assert parts["Risk: medium, 35 of 100"].lines == ("+35: much",)


def test_who_decided_is_told_with_what_made_them_eligible() -> None:
    said = told(
        CHOSEN, facts.Diagnosed(), planned(), asked(),
        Told(facts.Barred(round=1, who="U0SAM", why="Only @sre may decide this."), actor="U0SAM"),
        voted("U0ANA"), voted("U0BEN"),
        facts.Decided(at=START, ending=Ending.APPROVED, by=("U0ANA", "U0BEN")),
    )  # fmt: skip

    assert said["Who may decide"] == (
        "members of sre, U0ANA: 2 yeses needed until 2026-03-14 04:00:00 UTC",
        "not U0OLIVIA, who asked for it",
    )
    barred, named, member, decided = said["Who decided"]
    assert barred.startswith("U0SAM may not decide this: Only @sre")
    assert named.endswith("03:00:06 UTC, whom policy names")
    assert member.endswith("03:00:07 UTC, a member of sre when it was checked, at the click")
    assert decided.startswith("The request was approved by U0ANA, U0BEN at ")


def test_a_vote_is_explained_by_the_request_of_its_own_round() -> None:
    said = told(
        CHOSEN, facts.Diagnosed(), planned(), asked(people=("U0BEN",)), voted("U0BEN"),
        facts.Decided(at=START, ending=Ending.APPROVED, by=("U0BEN",)),
        facts.Rebuilt(round=1, digest="x", changes=("policy changed",)),
        planned(2, moved=("policy changed",)), asked(2, people=()),
    )  # fmt: skip

    assert said["Who decided"][0].endswith("whom policy names")
    assert said["What changed after it was shown"] == ("before round 2: policy changed",)
    assert said["Who may decide"][0].startswith("members of sre: 2 yeses")


def test_every_round_is_told_with_the_policy_that_judged_it() -> None:
    one = incident(
        CHOSEN, facts.Diagnosed(), planned(), asked(),
        facts.Decided(at=START, ending=Ending.APPROVED, by=("U0ANA",)),
        facts.Rebuilt(round=1, digest="x", changes=("policy changed",)),
        planned(2, moved=("policy changed",)),
    )  # fmt: skip
    said = next(part.lines for part in why(one) if part.title == "Judged by")

    assert [line.split(", ")[1] for line in said] == ["policy 111111111111", "policy 222222222222"]
    assert round_of(one, planned().digest[:8]) == 1
    assert round_of(one, "0" * 8) == 0


def test_nothing_that_was_written_into_it_breaks_out_of_its_line() -> None:
    hostile = facts.Chosen(why_none="no\nrunbook\u202e")

    assert told(hostile)["Why no runbook"] == ("no runbook⟨U+202E⟩",)
