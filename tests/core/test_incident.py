"""An incident is what its entries say, folded in their order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core import approval, facts, folding, incident, trouble
from bot.core.alert import AlertStatus, Severity
from bot.core.errors import IllegalTransition
from bot.core.lifecycle import Event, State
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.builders import an_alert, an_incident, an_opening

PLAN = builders.a_plan()
REQUEST = approval.Request(
    round=1, plan_digest=PLAN.digest, quorum=1, expires_at=builders.START + timedelta(minutes=5)
)
SHOWN = (
    an_opening(),
    facts.Chosen(runbook="restart-service"),
    facts.Diagnosed(),
    facts.Planned(round=1, plan=PLAN, digest=PLAN.digest, ruling=Ruling.ASK),
)
ASKED = (*SHOWN, facts.Asked(request=REQUEST))
YES = facts.Voted(round=1, vote=approval.Vote(who="U1", yes=True))
APPROVED = facts.Decided(at=builders.START, ending=approval.Ending.APPROVED, by=("U1",))
STARTED = facts.Started(
    digest="d", runbook="restart-service", service="shop", environment="production", targets=("t",)
)
RAN = (*ASKED, YES, APPROVED, facts.Rebuilt(round=1, digest="d"), STARTED)


def test_it_begins_as_its_opening_says() -> None:
    known = an_incident(an_opening())

    assert (known.state, known.service, known.environment, known.seen) == (
        State.OPENED, "shop", "production", 1,
    )  # fmt: skip
    assert known.opened_at == builders.START


def test_only_an_opening_begins_one() -> None:
    (entry,) = builders.entries(facts.Chosen())

    with pytest.raises(TypeError, match=r"entry 1 is runbook\.chosen, which opens no incident"):
        folding.opened(entry)


def test_alerts_that_join_are_counted_while_they_fire() -> None:
    second = an_alert(fingerprint="f2", severity=Severity.INFO)
    over = an_alert(status=AlertStatus.RESOLVED)
    known = an_incident(an_opening(), facts.Joined(alert=second), facts.Joined(alert=over))

    assert (known.seen, [alert.fingerprint for alert in known.firing]) == (2, ["f2"])


def test_its_severity_is_the_worst_of_its_alerts() -> None:
    known = an_incident(an_opening(), facts.Joined(alert=an_alert(severity=Severity.INFO)))
    both = an_incident(
        an_opening(alert=an_alert(severity=Severity.WARNING)),
        facts.Joined(alert=an_alert(fingerprint="f2", severity=Severity.CRITICAL)),
    )

    assert (known.severity, both.severity) == (Severity.INFO, Severity.CRITICAL)


def test_a_persons_wish_counts_as_a_warning() -> None:
    assert an_incident(an_opening(alert=None)).severity is Severity.WARNING


def test_a_wish_is_a_trouble_of_its_own() -> None:
    known = an_incident(an_opening(alert=None))

    assert known.trouble == f"wish:{known.id}"


def test_alerts_of_one_service_in_one_environment_are_one_trouble() -> None:
    assert trouble.of(an_alert(fingerprint="f2")) == an_incident(an_opening()).trouble


def test_an_alert_without_a_service_is_its_own_trouble() -> None:
    assert trouble.of(an_alert(labels={})) == "alert:f1"


def test_a_question_is_open_until_it_is_decided() -> None:
    open_, decided = an_incident(*ASKED), an_incident(*ASKED, YES, APPROVED)

    assert incident.request_of(an_incident(*SHOWN)) is None
    assert incident.request_of(open_) == REQUEST
    assert incident.request_of(decided) is None


def test_a_new_plan_forgets_the_question_and_the_votes_of_the_old_one() -> None:
    again = SHOWN[3].model_copy(update={"round": 2})
    moved = facts.Rebuilt(round=1, digest="x", changes=("policy changed",))
    known = an_incident(*ASKED, YES, APPROVED, moved, again)

    assert (known.state, known.asked, known.votes, known.decided) == (State.PLANNED, None, (), None)


def test_a_mailbox_that_closed_empty_is_an_expired_question_only_if_one_was_open() -> None:
    expired = facts.Expired()

    assert an_incident(*ASKED, expired).expired
    assert not an_incident(*ASKED, YES, APPROVED, expired).expired
    assert not an_incident(an_opening(), expired).expired


def test_steps_and_the_way_back_are_kept_apart() -> None:
    done = facts.Stepped(number=1, ending=facts.StepEnding.DONE, says="done")
    back = done.model_copy(update={"back": True})
    proof = facts.Verified(passed=True, why="", checks=1, held=0, seconds=0, back=True)
    failed = facts.Acted(failed="no")
    known = an_incident(*RAN, done, failed, back, proof)

    assert (known.steps, known.undone) == ((done,), (back,))
    assert (known.verified, known.back_verified) == (None, proof)
    assert known.state is State.ROLLING_BACK


def test_it_knows_when_it_ran_and_when_it_was_over() -> None:
    known = an_incident(*RAN, facts.Closed(event=Event.GAVE_UP, says="a bug"))

    assert known.started_at == builders.START + timedelta(seconds=8)
    assert known.closed_at == builders.START + timedelta(seconds=9)
    assert known.over


def test_a_run_that_was_refused_never_runs() -> None:
    refused = STARTED.model_copy(update={"refused": ("frozen",)})

    assert an_incident(*RAN[:-1], refused).state is State.APPROVED


def test_a_fact_that_cannot_happen_now_is_refused_before_it_is_recorded() -> None:
    with pytest.raises(IllegalTransition, match="run started cannot happen while opened"):
        folding.may(an_incident(an_opening()), STARTED)


def test_a_fact_that_is_no_move_may_happen_at_any_time() -> None:
    folding.may(an_incident(an_opening()), YES)


def test_its_story_holds_every_fact_with_its_time_and_its_teller() -> None:
    known = an_incident(an_opening(), builders.Told(facts.Chosen(), actor="heal", after=5))

    assert [(told.actor, told.fact.kind) for told in known.story] == [
        ("heal", "incident.opened"), ("heal", "runbook.chosen"),
    ]  # fmt: skip
    assert known.story[1].at - known.story[0].at == timedelta(seconds=5)


def test_its_run_is_called_after_it() -> None:
    assert an_incident(an_opening(), name="inc-abc").run == "run-abc"
