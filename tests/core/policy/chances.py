"""Policies and cases by chance; and for every key of the rulebook, a change that only tightens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from bot.core.alert import Severity
from bot.core.clauses import ApprovedFor
from bot.core.lifecycle import State
from bot.core.objection import Objection
from bot.core.occurrence import Fired
from bot.core.plan import Plan, Reversibility
from bot.core.policy.case import Case, Precondition
from bot.core.policy.history import Attempt
from bot.core.policy.holds import Hold, Holds
from bot.core.policy.rulebook import Rulebook
from bot.core.policy.sections import Per, Stage
from bot.core.policy.troubled import Troubled
from bot.core.risk import Level, Risk
from tests.core.policy import builders
from tests.core.policy.builders import HOUR, KEY, MINUTE, NOW

Tighter = Callable[[Rulebook, Random], dict[str, Any]]
"""From a rulebook, what one of its keys says after one change for the stricter."""

SERVICES = ("shop", "cart")
PLACES = ("staging", "production")
ACTIONS = ("kubernetes.restart", "kubernetes.scale", "http.failover")
AWAY = Objection(system="tickets", says="it is away", unread=True)
KEYS = (KEY, "host:web-2/unit:shop", "host:web-3/unit:cart")
RUNBOOKS = ("restart-shop", "scale-shop")
ENDS = (State.RESOLVED, State.ESCALATED, State.NOT_FIXED, State.CANCELLED, None)


def _where(chance: Random) -> dict[str, Any]:
    return {
        "services": [chance.choice(("*", "sh*", *SERVICES))],
        "environments": [chance.choice(("*", *PLACES))],
    }


def _window(chance: Random) -> dict[str, Any]:
    starts = NOW + chance.randint(-90, 90) * MINUTE
    ends = starts + chance.randint(1, 120) * MINUTE
    return {**_where(chance), "name": "window", "starts": starts, "ends": ends}


def _freezes(rules: Rulebook, chance: Random) -> dict[str, Any]:
    new = {**_window(chance), "lets_urgent_ask": chance.random() < 0.5}
    return {"freezes": _with(rules.freezes, new)}


def _maintenance(rules: Rulebook, chance: Random) -> dict[str, Any]:
    return {"maintenance": _with(rules.maintenance, _window(chance))}


def _rates(rules: Rulebook, chance: Random) -> dict[str, Any]:
    within = timedelta(minutes=chance.choice((5, 30, 90)))
    new = {
        **_where(chance), "per": chance.choice(list(Per)), "limit": chance.randint(1, 4),
        "within": within,
    }  # fmt: skip
    return {"rates": _with(rules.rates, new)}


def _breaker(rules: Rulebook, chance: Random) -> dict[str, Any]:
    """Sooner and over more time; how long it stays open says which question is asked."""
    now = rules.breaker
    fewer = max(1, now.failures - chance.randint(0, 2))
    longer = now.within + chance.randint(0, 60) * MINUTE
    return {"breaker": now.model_copy(update={"failures": fewer, "within": longer})}


def _attempts(rules: Rulebook, chance: Random) -> dict[str, Any]:
    now = rules.attempts
    fewer = max(1, now.limit - chance.randint(0, 2))
    longer = now.within + chance.randint(0, 60) * MINUTE
    return {"attempts": {"limit": fewer, "within": longer}}


def _recurring(name: str) -> Tighter:
    """Sooner, over more time, and with fewer standard changes."""

    def tighter(rules: Rulebook, chance: Random) -> dict[str, Any]:
        now = getattr(rules, name)
        fewer = max(2, now.times - chance.randint(0, 2))
        longer = now.within + chance.randint(0, 60) * MINUTE
        kept = [one for one in now.standard if chance.random() < 0.5]
        return {name: {"times": fewer, "within": longer, "standard": kept}}

    return tighter


def _blast(rules: Rulebook, chance: Random) -> dict[str, Any]:
    now, caps = rules.blast, dict(rules.blast.deny_above_touched)
    most = chance.randint(1, 6)
    caps["pod"] = min(most, caps.get("pod", most))
    deny = min(now.deny_above_percent, float(chance.choice((25, 50, 80, 100))))
    ask = min(now.ask_above_percent, deny, float(chance.choice((0, 20, 50))))
    left = max(now.min_left, chance.randint(0, 4))
    changes = {
        "ask_above_percent": ask, "deny_above_percent": deny, "min_left": left,
        "ask_above_at_once": min(now.ask_above_at_once or 9, chance.randint(1, 3)),
        "deny_above_at_once": min(now.deny_above_at_once or 9, chance.randint(2, 9)),
        "min_healthy_percent": max(now.min_healthy_percent, float(chance.choice((0, 30, 70)))),
        "ask_below_instances": max(now.ask_below_instances, chance.randint(0, 4)),
    }  # fmt: skip
    return {"blast": now.model_copy(update={**changes, "deny_above_touched": caps})}


def _blast_limits(rules: Rulebook, chance: Random) -> dict[str, Any]:
    """A section more, whatever it says: even what is laxer than the house loosens nothing."""
    said = {
        "ask_above_percent": float(chance.choice((10, 60, 900))),
        "deny_above_percent": float(chance.choice((25, 80, 900))),
        "ask_above_at_once": chance.randint(1, 9),
        "deny_above_at_once": chance.randint(1, 9),
        "min_left": chance.randint(0, 4),
        "min_healthy_percent": float(chance.choice((0, 30, 90))),
        "ask_below_instances": chance.randint(0, 5),
        "deny_above_touched": {"pod": chance.randint(1, 6)},
    }
    some = {name: said[name] for name in chance.sample(sorted(said), chance.randint(0, 3))}
    tiers = chance.sample(range(1, 6), chance.randint(0, 3))
    new = {**_where(chance), "tiers": tiers, **some}
    return {"blast_limits": _with(rules.blast_limits, new)}


def _storm(rules: Rulebook, chance: Random) -> dict[str, Any]:
    now = rules.storm
    changes = {
        "above_percent": min(now.above_percent, float(chance.choice((0, 10, 30)))),
        "at_least": min(now.at_least, chance.randint(1, 5)),
        "then": "deny" if chance.random() < 0.5 else now.then,
    }
    return {"storm": now.model_copy(update=changes)}


def _scaling(rules: Rulebook, chance: Random) -> dict[str, Any]:
    now = rules.scaling
    lower = float(chance.choice((0, 10, 25)))
    changes = {
        "actions": (*now.actions, chance.choice(ACTIONS)),
        "ask_above_percent": min(now.ask_above_percent, lower),
        "show_cost_above_percent": min(now.show_cost_above_percent, lower),
    }
    return {"scaling": now.model_copy(update=changes)}


def _production(rules: Rulebook, chance: Random) -> dict[str, Any]:
    now = rules.production
    kept = [one for one in now.preapproved if chance.random() < 0.5]
    more = (*now.environments, chance.choice((*PLACES, "*")))
    return {"production": {"environments": more, "preapproved": kept}}


def _stages(rules: Rulebook, chance: Random) -> dict[str, Any]:
    """A line that holds is stricter than all that fit; as a first one it is as strict as can be."""
    order, line = list(Stage), {**_where(chance), "runbooks": [chance.choice(("*", *RUNBOOKS))]}
    stage = min(chance.choice(order), rules.stages.default, key=order.index)
    lines = [*rules.stages.lines, {**line, "stage": stage}]
    return {"stages": {"default": stage, "lines": lines}}


def _queue(rules: Rulebook, chance: Random) -> dict[str, Any]:
    return {"queue": {"places": min(rules.queue.places, chance.randint(1, 4))}}


def _approvers(rules: Rulebook, chance: Random) -> dict[str, Any]:
    """More yeses of the same people, and none of whoever asked."""
    asked = rules.approvers.model_dump()
    for level in ("low", "medium", "high"):
        if (panel := asked[level]) is not None:
            panel["quorum"] += chance.randint(0, 2)
            panel["requester_may_approve"] &= chance.random() < 0.5
    return {"approvers": asked}


def _lower(name: str, *levels: Any) -> Tighter:
    def tighter(rules: Rulebook, chance: Random) -> dict[str, Any]:
        return {name: min(getattr(rules, name), chance.choice(levels), key=levels.index)}

    return tighter


def _unheard(name: str, value: Any) -> Tighter:
    return lambda _, __: {name: value}


def _with(listed: tuple[Any, ...], new: dict[str, Any]) -> list[Any]:
    return [*listed, new]


TIGHTER: dict[str, Tighter] = {
    "approvers": _approvers,
    "freezes": _freezes,
    "maintenance": _maintenance,
    "rates": _rates,
    "breaker": _breaker,
    "attempts": _attempts,
    "flapping": _recurring("flapping"),
    "repeat_offender": _recurring("repeat_offender"),
    "blast": _blast,
    "scaling": _scaling,
    "confidence_floor": _lower("confidence_floor", 1.0, 0.95, 0.9, 0.8, 0.75),
    "never_unattended": lambda rules, chance: {
        "never_unattended": [*rules.never_unattended, chance.choice((*ACTIONS, "*.scale*"))]
    },
    "production": _production,
    "ask_from_risk": _lower("ask_from_risk", Level.MEDIUM, Level.HIGH),
    "ask_from_tier": _lower("ask_from_tier", 1, 2, 3, 4, 5),
    "ask_when_critical": _lower("ask_when_critical", True, False),
    "stages": _stages,
    "concurrency": _lower("concurrency", 1, 2, 3, 5),
    "queue": _queue,
    "roles": _unheard("roles", {"sre": {"people": ["U9"]}}),
    "rotas": _unheard("rotas", {"shop": {"people": ["U9"], "zone": "UTC", "first": "2026-01-01"}}),
    "escalation": _unheard("escalation", {"levels": []}),
    "operators": _unheard("operators", {"people": ["U9"]}),
    "blast_limits": _blast_limits,
    "storm": _storm,
    "ask_from_dependants_tier": _lower("ask_from_dependants_tier", 1, 2, 3, 4, 5),
    "working_hours": _unheard("working_hours", {"time_zone": "Europe/Berlin"}),
    "break_glass": _unheard("break_glass", {"overrides": []}),
    "ticket": lambda rules, chance: {"ticket": {"unread": "ask"}},
    "permits": _unheard("permits", {"runs": 1}),
    "grouping": _unheard("grouping", {"causes": {"disk": ["Disk*"]}}),
    "settle": _unheard("settle", [{"lasts": "2m"}]),
    "dependencies": _unheard("dependencies", {"wait": "1h"}),
    "severities": _unheard("severities", {"words": {"P1": "critical"}}),
    "promotion": _unheard("promotion", {"asked": 99}),
}
SILENT = frozenset(
    {
        "approvers",
        "break_glass",
        "dependencies",
        "escalation",
        "grouping",
        "operators",
        "permits",
        "promotion",
        "roles",
        "rotas",
        "settle",
        "severities",
        "working_hours",
    }
)
"""Keys that say who may do what, what is reported or how bad it is: no rule reads them."""


def tightened(rules: Rulebook, key: str, chance: Random) -> Rulebook:
    """The same policy, with one key that says something stricter."""
    told = {name: getattr(rules, name) for name in Rulebook.model_fields}
    changed = {**told, **TIGHTER[key](rules, chance)}
    return Rulebook.model_validate({name: _plain(value) for name, value in changed.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value.model_dump() if hasattr(value, "model_dump") else value


def rulebook(chance: Random) -> Rulebook:
    """From a lax one, some steps towards a strict one."""
    panel = {"people": ["U1", "U2", "U3", "U4", "U5", "U6", "U7"], "requester_may_approve": True}
    made = builders.a_rulebook(
        approvers={"low": panel, "high": panel}, ask_when_critical=False, concurrency=5,
        ask_from_risk="high", ask_from_tier=5, ask_from_dependants_tier=5,
        blast={"ask_above_at_once": None, "ask_below_instances": 0}, confidence_floor=0.75,
        production={"preapproved": [{"runbook": RUNBOOKS[0], "service": "shop"}]},
        flapping={"times": 3, "within": "30m", "standard": [
            {"runbook": RUNBOOKS[0], "service": "shop"}]},
    )  # fmt: skip
    for key in chance.sample(sorted(TIGHTER), chance.randint(0, 5)):
        made = tightened(made, key, chance)
    return made


def plan(chance: Random) -> Plan:
    steps = [_step(chance, number) for number in range(1, chance.randint(1, 3) + 1)]
    return builders.a_plan(
        *steps,
        runbook=chance.choice(RUNBOOKS),
        environment=chance.choice(PLACES),
        confidence=chance.choice((0.76, 0.85, 1.0)),
        undoes="inc-1" if chance.random() < 0.1 else "",
        objections=(AWAY,) if chance.random() < 0.1 else (),
    )


def _step(chance: Random, number: int) -> Any:
    total = chance.randint(1, 8)
    radius = builders.a_radius(
        down=chance.choice((0, chance.randint(0, total))), total=total, key=chance.choice(KEYS),
        touched=chance.randint(1, 8), becomes=chance.choice((None, total, total + 2)),
        ready=chance.choice((None, chance.randint(0, total))),
        headroom=chance.choice((None, None, None, 0, 9)),
    )  # fmt: skip
    kinds = (*[Reversibility.REVERSIBLE] * 6, *Reversibility)
    return builders.a_step(
        radius, number=number, action=chance.choice(ACTIONS), reversibility=chance.choice(kinds)
    )


def attempts(chance: Random) -> tuple[Attempt, ...]:
    """Runs of the last hours, a few at the very same instant."""
    return tuple(
        builders.an_attempt(
            chance.choice((1, 2, 10, 29, 60, 89)) * MINUTE + chance.randint(0, 1) * HOUR,
            chance.choice(ENDS),
            incident=f"inc-{number}",
            runbook=chance.choice(RUNBOOKS),
            service=chance.choice(SERVICES),
            environment=chance.choice(PLACES),
            targets=(chance.choice(KEYS),),
        )
        for number in range(1, chance.randint(0, 5) + 1)
    )


def _fired(chance: Random, number: int) -> Fired:
    ago = chance.choice((1, 5, 29, 40, 600)) * MINUTE
    return Fired(alert="ServiceDown", at=NOW - ago, incident=f"inc-{number}")


def case(chance: Random, rules: Rulebook, **changes: Any) -> Case:
    """A plan by chance before this policy, in a house with a past."""
    made, level = plan(chance), chance.choice(list(Level))
    place = {"environment": made.environment, "tier": chance.randint(1, 5)}
    service = builders.a_service(**place, stateless=chance.random() < 0.8)
    holds = Holds(Hold(f"inc-{n}", (f"other-{n}",)) for n in range(20, 20 + chance.randint(0, 3)))
    approved = [{"service": "*", "environment": one} for one in PLACES]
    given = {
        "plan": made,
        "risk": Risk(level=level, score=50, reasons=()),
        "rulebook": rules,
        "service": service if chance.random() < 0.95 else None,
        "catalogue": (service,),
        "dependants": (builders.a_service(name="cart", tier=chance.choice((1, 1, 1, 2, 3, 4, 5))),),
        "troubled": Troubled(chance.choice((0, 0, chance.randint(0, 10))), 20),
        "approved_for": tuple(map(ApprovedFor.model_validate, approved)),
        "safety": builders.a_safety(unattended=chance.random() < 0.9, cool_down="1m"),
        "safe": Precondition(held=chance.random() < 0.95),
        "attempts": attempts(chance),
        "holds": holds,
        "queue": tuple(f"inc-{n}" for n in range(40, 40 + chance.randint(0, 5))),
        "wished_by": chance.choice(("", "U1")),
        "severity": chance.choice(list(Severity)),
        "alert": chance.choice(("", "ServiceDown")),
        "fired": tuple(_fired(chance, number) for number in range(chance.randint(0, 6))),
        "relapse_of": "inc-1" if chance.random() < 0.05 else "",
        "now": NOW + chance.randint(0, 30) * MINUTE,
    }
    return builders.a_case(**{**given, **changes})
