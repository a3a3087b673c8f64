"""Stories up to a decision: looked into, asked for, decided, or over without a run."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Ending, Request, Vote
from bot.core.blast_radius import BlastRadius, Target
from bot.core.lifecycle import Event
from bot.core.lookout import SOURCE, over
from bot.core.needed import Needed
from bot.core.permit import Use
from bot.core.plan import Reversibility, WayBack
from bot.core.policy.verdict import Ruling, Verdict
from tests import builders
from tests.builders import START, Told
from tests.slack.cards.pieces import (
    ANA,
    BEN,
    HIGH,
    MEDIUM,
    ONCALL,
    SRE,
    VERDICTS,
    Story,
    asked,
    closed,
    decided,
    planned,
    reading,
    scaling,
)


def looking() -> Story:
    joined = builders.an_alert(name="HighErrorRate", fingerprint="f2")
    return (builders.an_opening(), *(facts.Joined(alert=joined) for _ in range(299)),
            facts.Chosen(runbook="restart-service",
                         because=("the alert is ServiceDown", "shop is a systemd unit"),
                         misses=(facts.Miss(runbook="scale-out", reason="load is 0.2"),),
                         owner="team-shop", tier=2, dependants=("checkout",)),
            )  # fmt: skip


def diagnosed() -> Story:
    broken = facts.Reading(name="load", probe="prometheus.query", error="no answer within 5 s")
    return (*looking(), facts.Diagnosed(readings=(reading(502, 12), broken)))


def awaiting() -> Story:
    return (*diagnosed(), planned(), asked())


def in_company() -> Story:
    """Alerts of other causes wait, some of them with names that want to be more than names."""
    return (*awaiting(), *(
        facts.Joined(alert=builders.an_alert(name=name, fingerprint=name), apart=cause)
        for name, cause in (("DiskFull", "clean-disk"), ("<!here> *Inodes*", "clean-disk"),
                            ("Mystery", "Mystery"))))  # fmt: skip


def passed_on() -> Story:
    passed = facts.PassedOn(to="inc-9k2m4p", count=3, alerts=("DiskFull", "Mystery"))
    *_, decided_, closed_ = rejected()
    return (*in_company(), decided_, passed, closed_)


def behind() -> Story:
    """It waited behind another incident of its service, which is over."""
    opened = builders.an_opening(cause="clean-disk", after="inc-7f3k2m")
    return (opened, *looking()[-1:])


def waiting() -> Story:
    """What its service needs is in trouble, more of it than a card has room for."""
    needed = tuple(Needed(service=f"db-{number}", incident=f"inc-a{number}")
                   for number in range(1, 8))  # fmt: skip
    until = START + timedelta(minutes=30)
    return (*looking(), facts.Waits(round=0, at=START, until=until, needed=needed))


def recurring() -> Story:
    marks = {"flapping": "flapping: 3 times in 30 min",
             "repeats": "repeat offender: 5 incidents in 7 days"}  # fmt: skip
    return (*diagnosed(), planned().model_copy(update=marks), asked())


def repeating() -> Story:
    """Of what came once too often a problem record is offered, until somebody proposes one."""
    *_, escalated, closed = denied()
    marks = {"repeats": "repeat offender: 5 incidents in 7 days"}
    return (*diagnosed(), planned(ruling=Ruling.DENY).model_copy(update=marks), escalated, closed)


def proposed() -> Story:
    fact = facts.Proposed(by="U0ANA", title="shop answers 502 on web-1", service="shop",
                          environment="production",
                          incidents=("inc-2a2a2a", builders.INCIDENT))  # fmt: skip
    return (*repeating(), Told(fact, "U0ANA", 60))


def reminded() -> Story:
    half = facts.Reminded(round=1)
    late = facts.Reminded(round=1, fallback=True)
    return (*diagnosed(), planned(), asked(fallback=("S0LEADS",)), Told(half, "heal", 300),
            Told(late, "heal", 180))  # fmt: skip


def reminded_alone() -> Story:
    late = facts.Reminded(round=1, fallback=True)
    return (*awaiting(), Told(late, "heal", 480))


def awaiting_two() -> Story:
    pods = Target(key="k8s:prod/shop/deployment:shop", name="deployment shop in prod")
    scope = builders.a_scope(
        "kubectl delete pod -l app=shop -n prod (6 pods)",
        blast_radius=BlastRadius(targets=(pods,), unit="pod", touched=6, down_at_once=6, total=6,
                                 dependants=("checkout",)),
    )  # fmt: skip
    plan = builders.a_plan(title="Delete the pods that are stuck", steps=(
        builders.a_step(1, scope=scope, reversibility=Reversibility.IRREVERSIBLE),))  # fmt: skip
    vote = facts.Voted(round=1, vote=Vote(who=ANA, yes=True))
    return (*diagnosed(), planned(plan, HIGH), asked(plan, quorum=2), Told(vote, ANA, 20))


def changed() -> Story:
    changes = ("step 1 starts from another state: replicas 4 → 5",)
    return (*awaiting(), decided(Ending.APPROVED, ANA),
            facts.Rebuilt(round=1, digest="c" * 64, changes=changes),
            planned(round_=2, moved=changes), asked(round_=2))  # fmt: skip


def edited() -> Story:
    words, plan = ("size 20 → 30",), builders.a_plan(params={"host": "web-1", "size": 30})
    changes = (f"{ANA} changed size 20 → 30", "step 1 is now: set the pool to 30")
    again = planned(plan, round_=2, moved=changes)
    return (*awaiting(), facts.Edited(round=1, by=ANA, given={"size": "30"}, changes=words),
            facts.Rebuilt(round=1, digest="c" * 64, changes=changes[:1]),
            again.model_copy(update={"replaces": builders.a_plan().digest}),
            asked(plan, round_=2))  # fmt: skip


def rebuilding() -> Story:
    return changed()[: len(awaiting()) + 2]


def approved() -> Story:
    return (*awaiting(), decided(Ending.APPROVED, ANA),
            facts.Rebuilt(round=1, digest="c" * 64))  # fmt: skip


def permitted() -> Story:
    use = Use(id="p-7f3k2m", left=2, runs=3, until=START + timedelta(hours=2))
    given = decided(Ending.APPROVED, ANA)
    fact = given.fact.model_copy(update={"permit": use})
    return (*awaiting(), given._replace(fact=fact), facts.Rebuilt(round=1, digest="c" * 64))


def rejected() -> Story:
    return (*awaiting(), decided(Ending.REJECTED, BEN, why="the database is being moved tonight"),
            closed(Event.APPROVAL_REFUSED, "rejected: nothing was executed"))  # fmt: skip


def expired() -> Story:
    late = facts.Expired(deadline=START + timedelta(minutes=10))
    says = "approval timed out: nothing was executed"
    return (*awaiting(), Told(late, after=600), closed(Event.APPROVAL_EXPIRED, says))


def withdrawn() -> Story:
    return (
        *awaiting(),
        decided(Ending.WITHDRAWN),
        closed(Event.ALERT_CLEARED, "the alert cleared by itself: nothing was executed"),
    )


def taken_out() -> Story:
    """Its alert did not clear: nobody looks any more."""
    own = builders.an_alert().model_copy(update={"source": SOURCE})
    gone = over(own, START, "its detector was taken out of the runbooks")
    says = "its detector was taken out of the runbooks: nothing was executed"
    return (*awaiting(), facts.Joined(alert=gone), decided(Ending.WITHDRAWN),
            closed(Event.ALERT_CLEARED, says))  # fmt: skip


def cleared_early() -> Story:
    return (*looking(), closed(Event.ALERT_CLEARED, "the alert cleared by itself"))


def cancelled() -> Story:
    return (*awaiting(), decided(Ending.CANCELLED, BEN, why="we do it by hand"),
            closed(Event.CANCELLED, "cancelled: nothing was executed"))  # fmt: skip


def halted() -> Story:
    return (*awaiting(), decided(Ending.STOPPED, ANA, why="something is odd"),
            closed(Event.CANCELLED, "Heal was stopped: nothing was executed"))  # fmt: skip


def paused() -> Story:
    says = "paused to investigate by hand: nothing was executed"
    return (*awaiting(), decided(Ending.PAUSED, BEN), facts.Escalated(to=BEN, why=says),
            closed(Event.TAKEN_OVER, says))  # fmt: skip


def unmatched() -> Story:
    misses = (facts.Miss(runbook="restart-service", reason="it is for systemd units"),
              facts.Miss(runbook="scale-out", reason="needs label deployment"))  # fmt: skip
    return (builders.an_opening(), facts.Chosen(misses=misses),
            facts.Escalated(to="@oncall", why="no runbook fits this alert"),
            closed(Event.NO_PLAN, "no runbook fits this alert"))  # fmt: skip


def denied() -> Story:
    plan = builders.a_plan()
    no = Verdict(ruling=Ruling.DENY, rule="freeze window",
                 reason="production is frozen until 06:00 UTC: quarter end")  # fmt: skip
    return (*diagnosed(), facts.Planned(round=1, plan=plan, digest=plan.digest, risk=MEDIUM,
                                        ruling=Ruling.DENY, verdicts=(*VERDICTS, no)),
            facts.Escalated(to=ONCALL, why="policy denies the plan: production is frozen",
                            say="Look at the disk of web-1 first."),
            closed(Event.POLICY_DENIED, "policy denies the plan"))  # fmt: skip


def already_healthy() -> Story:
    plan = builders.a_plan()
    return (*diagnosed(), facts.Planned(round=1, plan=plan, digest=plan.digest, healthy=True,
                                        readings=(reading(),)),
            closed(Event.WAS_HEALTHY, "already healthy: the success criteria hold, nothing was "
                   "executed"))  # fmt: skip


def dry_run() -> Story:
    wish = facts.Wish(by=ANA, runbook="restart-service", given={"host": "web-1"}, dry_run=True,
                      why="what would it do")  # fmt: skip
    opened = builders.an_opening(alert=None, wish=wish, title="Restart a service")
    return (opened, facts.Diagnosed(readings=(reading(),)), planned(),
            closed(Event.ONLY_SHOWN, "dry run: nothing was executed"))  # fmt: skip


def staged() -> Story:
    """The runbook is new here, so an alert's plan is only shown."""
    plan = builders.a_plan()
    no = Verdict(ruling=Ruling.DENY, rule="stage",
                 reason="restart-service is in stage dry_run for shop in production")  # fmt: skip
    shown = facts.Shown(
        round=1, digest=plan.digest, runbook=plan.runbook, service="shop",
        environment="production", would=Ruling.ASK, whom=(SRE,),
        reasons=("a restart in production asks a person",),
    )  # fmt: skip
    return (*diagnosed(), facts.Planned(round=1, plan=plan, digest=plan.digest, risk=MEDIUM,
                                        ruling=Ruling.DENY, verdicts=(*VERDICTS, no)),
            shown, closed(Event.ONLY_SHOWN, f"only shown, in stage dry_run: nothing was executed; "
                                            f"policy {shown.says}"))  # fmt: skip


def glass() -> Story:
    """Somebody wants policy's no overridden; one of two has said yes."""
    wanted = facts.BreakGlass(of="inc-2k9fa1", by=ANA, why="payments are down since 02:58")
    opened = builders.an_opening(glass=wanted)
    no = Verdict(ruling=Ruling.DENY, rule="freeze window",
                 reason="production is frozen until 06:00 UTC: quarter end")  # fmt: skip
    plan = builders.a_plan()
    request = Request(round=1, plan_digest=plan.digest, quorum=2, groups=(SRE,), excluded=(ANA,),
                      override=("freeze window",),
                      expires_at=START + timedelta(minutes=10))  # fmt: skip
    return (opened, *diagnosed()[1:],
            facts.Planned(round=1, plan=plan, digest=plan.digest, risk=MEDIUM, ruling=Ruling.DENY,
                          verdicts=(*VERDICTS, no), overrides=("freeze window",)),
            facts.Asked(request=request),
            Told(facts.Voted(round=1, vote=Vote(who=BEN, yes=True)), BEN, 20))  # fmt: skip


def glass_broken() -> Story:
    """Both said yes, and it runs."""
    plan = builders.a_plan()
    begun = facts.Started(digest=plan.digest, runbook=plan.runbook, service="shop",
                          environment="production", targets=("t",),
                          overrides=("freeze window",))  # fmt: skip
    return (*glass(), decided(Ending.APPROVED, BEN, "U0LEAD1"),
            facts.Rebuilt(round=1, digest=plan.digest), begun)  # fmt: skip


def undoing() -> Story:
    wish = facts.Wish(by=ANA, runbook="scale-out", why="the load is gone")
    old = scaling()
    steps = tuple(
        step.model_copy(update={"number": number, "back": True, "scope": step.scope.model_copy(
            update={"says": step.scope.undo_says, "undo_says": ""})})
        for number, step in enumerate(reversed(old.steps), 1)
    )  # fmt: skip
    criteria = builders.a_plan().criteria.model_copy(update={
        "probes": (), "success": "every target is back in the state that it had before",
        "hold": 0, "within": 30})  # fmt: skip
    plan = old.model_copy(update={
        "title": f"Take back: {old.title}", "steps": steps, "undoes": "inc-5a5a5a",
        "criteria": criteria, "way_back": WayBack(), "because": (f"{ANA} asked",)})  # fmt: skip
    opened = builders.an_opening(alert=None, wish=wish, undoes="inc-5a5a5a", title=old.title)
    request = facts.Asked(request=Request(
        round=1, plan_digest=plan.digest, quorum=1, groups=(SRE,), people=(BEN,), excluded=(ANA,),
        expires_at=START + timedelta(minutes=10)))  # fmt: skip
    return (opened, facts.Diagnosed(), planned(plan), request)
