"""The pieces that stories are made of: plans, verdicts, and facts with usual values."""

from __future__ import annotations

from datetime import timedelta

from bot.core import facts
from bot.core.approval import Ending, Request
from bot.core.blast_radius import BlastRadius, Target
from bot.core.facts import StepEnding
from bot.core.facts.fact import Fact
from bot.core.lifecycle import Event
from bot.core.plan import Criteria, Plan, PlannedProbe, Reversibility, WayBack
from bot.core.policy.verdict import Ruling, Verdict
from bot.core.risk import Level, Risk
from tests import builders
from tests.builders import START, Told

ANA, BEN, SRE, ONCALL = "U0ANA", "U0ANDRE", "S0APPROVERS", "S0ONCALL"
TAKEN_BACK = (
    "rolled back: close the breaker to payments; kubectl scale deployment/shop --replicas=4"
)
FAILED = "the rollback FAILED: step 1: kubernetes refused: forbidden"
NO_STATE = "nothing to roll back: what was done has no state to restore"
Story = tuple[Fact | Told, ...]

MEDIUM = Risk(level=Level.MEDIUM, score=35, reasons=(
    "+10: unit shop on web-1: touches 1 of 3 processes, 1 (33.3 %) down at the worst moment",
    "+5: step 1, systemd.restart, has nothing to undo",
    "+5: production is production",
))  # fmt: skip
HIGH = Risk(level=Level.HIGH, score=85, reasons=(
    "+40: deployment shop: touches 6 of 6 pods, all down at the worst moment",
    "+25: shop is not marked stateless", "+15: shop is of tier 4",
    "+5: production is production",
))  # fmt: skip
VERDICTS = (
    Verdict(ruling=Ruling.ASK, rule="production", reason="a restart in production asks a person"),
    *(Verdict(ruling=Ruling.ALLOW, rule=rule, reason="within its limits")
      for rule in ("kill switch", "freeze window", "rate", "cool-down", "blast radius")),
)  # fmt: skip
ALLOWING = VERDICTS[1:]


def scaling() -> Plan:
    """Two steps of which both can be put back, for a while only."""
    pool = Target(key="k8s:prod/shop/deployment:shop", name="deployment shop in prod")
    breaker = Target(key="http:shop/breaker:payments", name="breaker payments of shop")
    scale = builders.a_step(
        1, action="kubernetes.scale", reversibility=Reversibility.REVERSIBLE,
        scope=builders.a_scope(
            "kubectl scale deployment/shop --replicas=6 (from 4)",
            undo_says="kubectl scale deployment/shop --replicas=4",
            pre_state={"replicas": 4},
            blast_radius=BlastRadius(targets=(pool,), unit="pod", touched=2, down_at_once=0,
                                     total=4)),
    )  # fmt: skip
    opened = builders.a_step(
        2, action="breaker.open", reversibility=Reversibility.REVERSIBLE,
        scope=builders.a_scope(
            "open the breaker to payments for 60 s", undo_says="close the breaker to payments",
            pre_state={"state": "CLOSED"},
            blast_radius=BlastRadius(targets=(breaker,), unit="breaker", touched=1,
                                     down_at_once=1, total=1, dependants=("checkout", "cart"))),
    )  # fmt: skip
    return builders.a_plan(
        title="Give the shop more room while payments is slow",
        runbook="scale-out",
        steps=(scale, opened),
        way_back=WayBack(after=1800),
        cost="2 pods for 30 min, about 0.12 €",
    )


def increments() -> Plan:
    """The same, and the second step waits until the first one is seen to help."""
    cpu = PlannedProbe(name="cpu", probe="prometheus.query", params={"query": "shop:cpu"})
    then = Criteria(
        probes=(cpu,), success="cpu.value < 0.9", within=60, every=5, hold=15, relapse=0
    )
    plan = scaling()
    first = plan.steps[0].model_copy(update={"then": then})
    return plan.model_copy(update={"steps": (first, plan.steps[1])})


def reading(status: int = 200, ms: int = 41) -> facts.Reading:
    return facts.Reading(name="web", probe="http.get", seen={"status": status, "ms": ms})


def planned(plan: Plan | None = None, risk: Risk = MEDIUM, ruling: Ruling = Ruling.ASK,
            round_: int = 1, moved: tuple[str, ...] = ()) -> Fact:  # fmt: skip
    plan = plan or builders.a_plan()
    return facts.Planned(round=round_, plan=plan, digest=plan.digest, risk=risk, ruling=ruling,
                         verdicts=VERDICTS if ruling is Ruling.ASK else ALLOWING,
                         moved=moved)  # fmt: skip


def asked(
    plan: Plan | None = None, quorum: int = 1, round_: int = 1, fallback: tuple[str, ...] = ()
) -> Fact:
    plan = plan or builders.a_plan()
    return facts.Asked(request=Request(
        round=round_, plan_digest=plan.digest, quorum=quorum, groups=(SRE, *fallback),
        fallback=fallback,
        expires_at=START + timedelta(minutes=10)))  # fmt: skip


def decided(ending: Ending, *by: str, why: str = "", at: float = 345) -> Told:
    when = START + timedelta(seconds=at)
    return Told(facts.Decided(at=when, ending=ending, by=by, why=why), by[0] if by else "heal", 40)


def started(plan: Plan | None = None) -> Fact:
    plan = plan or builders.a_plan()
    return facts.Started(digest=plan.digest, runbook=plan.runbook, service="shop",
                         environment="production", targets=tuple(t.key for t in plan.targets),
                         )  # fmt: skip


def done(number: int, says: str, seconds: float = 2.1, *, back: bool = False,
         ending: StepEnding = StepEnding.DONE) -> Fact:  # fmt: skip
    return facts.Stepped(number=number, back=back, ending=ending, says=says, seconds=seconds)


def claimed(number: int, *, back: bool = False) -> Fact:
    return facts.Claimed(number=number, back=back, nonce="n1")


def verified(*, passed: bool = True) -> Told:
    why = f"web.status == 200 {'held for 30 s' if passed else 'does not hold: it is false'}"
    return Told(facts.Verified(passed=passed, why=why, checks=7, held=30 if passed else 0,
                               seconds=41 if passed else 120,
                               readings=(reading(200 if passed else 502),)), after=41)  # fmt: skip


def stood(number: int = 1, *, passed: bool = True) -> Told:
    why = f"cpu.value < 0.9 {'held for 15 s' if passed else 'does not hold: it is false'}"
    seen = facts.Reading(name="cpu", probe="prometheus.query", seen={"value": 0.7})
    return Told(facts.StepVerified(number=number, passed=passed, why=why, checks=4, held=15,
                                   seconds=16, readings=(seen,)), after=16)  # fmt: skip


def closed(event: Event, says: str) -> Told:
    return Told(facts.Closed(event=event, says=says), after=20)


def called(back: str) -> Story:
    why = f"it did not help: step 2: the breaker's page answered 503; {back}"
    return (facts.Escalated(to=ONCALL, why=why, say="Look at the disk of web-1 first."),
            closed(Event.ROLLED_BACK, why))  # fmt: skip
