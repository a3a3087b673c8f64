from __future__ import annotations

from typing import Any

import pytest

from bot.core.catalogue import Service
from bot.core.matching import Considered, Matched, Shelf
from bot.core.runbook import Runbook
from tests.core.remedies import a_runbook, a_service, an_alert

EVERYWHERE = [{"service": "*", "environment": "demo"}]


def consider(*runbooks: Runbook, service: Service | None = None, **alert: Any) -> Considered:
    return Shelf(runbooks).consider(an_alert(**alert), service or a_service())


def test_the_runbook_that_is_meant_is_chosen_with_its_reasons() -> None:
    found = consider(a_runbook(match={"alerts": ["ServiceDown"], "when": "service.stateless"}))

    assert found == Considered(
        matches=(
            Matched(
                runbook="restart-dead-service",
                reasons=(
                    "alert is 'ServiceDown'",
                    "approved for shop in demo",
                    "when holds: service.stateless",
                ),
            ),
        ),
        misses=(),
        chosen="restart-dead-service",
        reason="the only match",
    )


@pytest.mark.parametrize(
    ("runbook", "alert", "reason"),
    [
        ({}, {"severity": "info"}, "severity is info, not warning or critical"),
        (
            {"match": {"alerts": ["ServiceDown"], "min_confidence": 0.8}},
            {"confidence": 0.79},
            "confidence is 0.79, below 0.8",
        ),
        (
            {"approved_for": [{"service": "shop", "environment": "staging"}]},
            {},
            "not approved for shop in demo, only for shop in staging",
        ),
        (
            {"match": {"alerts": ["ServiceDown"], "when": "!service.stateless"}},
            {},
            "when does not hold: !service.stateless",
        ),
        (
            {"match": {"alerts": ["ServiceDown"], "when": 'alert.labels.zone == "a"'}},
            {},
            "there is no 'zone'",
        ),
    ],
)
def test_a_runbook_that_names_the_alert_and_is_not_meant_says_why(
    runbook: dict[str, Any], alert: dict[str, Any], reason: str
) -> None:
    found = consider(a_runbook(**runbook), **alert)

    assert found.chosen is None
    assert reason in found.misses[0].reason


def test_every_objection_is_told_at_once() -> None:
    found = consider(a_runbook(), severity="info", service=a_service(environment="live"))

    assert found.misses[0].reason == (
        "severity is info, not warning or critical; "
        "not approved for shop in live, only for shop in demo"
    )


def test_an_alert_that_nobody_names_is_answered_with_the_nearest() -> None:
    found = consider(a_runbook(), name="ServiceDwn")

    assert found.reason == "no runbook names alert 'ServiceDwn'; nearest: ServiceDown"
    assert found.misses == ()


def test_an_alert_far_from_all_names_is_answered_without_a_guess() -> None:
    assert consider(a_runbook(), name="Zzz").reason == "no runbook names alert 'Zzz'"


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({}, "it says nowhere what is affected"),
        ({"service": "ghost", "environment": "demo"}, "'ghost' in 'demo' is not in the catalogue"),
    ],
)
def test_an_alert_without_a_known_service_never_matches(
    labels: dict[str, str], reason: str
) -> None:
    found = Shelf([a_runbook(approved_for=EVERYWHERE)]).consider(an_alert(labels=labels), None)

    assert found.chosen is None
    assert found.misses[0].reason == f"alert has no known service label: {reason}"


def test_a_runbook_for_exactly_this_service_goes_before_one_for_all() -> None:
    found = consider(a_runbook("all-of-them", approved_for=EVERYWHERE), a_runbook("only-shop"))

    assert [match.runbook for match in found.matches] == ["only-shop", "all-of-them"]
    assert found.chosen == "only-shop"
    assert found.reason == "the most specific of 2 matches"


def test_a_runbook_with_more_conditions_goes_first() -> None:
    narrow = a_runbook("narrow", match={"alerts": ["ServiceDown"], "when": "service.stateless"})
    wide = a_runbook("a-wide-one", match={"alerts": ["ServiceDown"]})

    assert consider(wide, narrow).chosen == "narrow"


def test_a_tie_is_told_and_nothing_is_picked() -> None:
    found = consider(a_runbook("second"), a_runbook("first"))

    assert found.chosen is None
    assert found.reason.startswith("ambiguous: first and second match equally well")
    assert [match.runbook for match in found.matches] == ["first", "second"]


def test_the_order_in_which_runbooks_were_read_does_not_matter() -> None:
    books = [a_runbook("second"), a_runbook("first", severity=None), a_runbook("third")]

    assert consider(*books) == consider(*reversed(books))


def test_a_residual_runbook_is_looked_at_for_every_alert() -> None:
    match = {"residual": True, "when": 'alert.labels.service == "shop"'}

    assert consider(a_runbook("catch-all", match=match), name="Anything").chosen == "catch-all"


def test_a_runbook_that_names_the_alert_goes_before_a_residual_one() -> None:
    residual = {"residual": True, "when": "true", "min_confidence": 0.8, "severity": ["critical"]}
    found = consider(
        a_runbook("a-catch-all", match=residual),
        a_runbook("named", match={"alerts": ["ServiceDown"]}),
    )

    assert found.chosen == "named"


def test_a_name_that_is_written_twice_is_looked_at_once() -> None:
    found = consider(a_runbook(match={"alerts": ["ServiceDown", "ServiceDown"]}))

    assert found.chosen == "restart-dead-service"


def test_a_hostile_alert_name_is_escaped_and_cut() -> None:
    reason = consider(a_runbook(), name="a\n" * 90).reason

    assert "\n" not in reason
    assert len(reason) < 130


def test_an_alert_that_only_a_sleeping_runbook_names_says_how_to_wake_it() -> None:
    shelf = Shelf([a_runbook()], {"restart-dead-service": "kubernetes"})

    found = shelf.consider(an_alert(), a_service())

    assert found.chosen is None
    assert found.reason == "restart-dead-service sleeps: set HEAL_KUBERNETES_… to wake it"


def test_what_is_remembered_is_of_this_name_severity_confidence_and_service_only() -> None:
    alerts = [
        an_alert(name=name, severity=severity, confidence=confidence)
        for name in ("ServiceDown", "DiskFull")
        for severity in ("info", "critical")
        for confidence in (0.5, 0.9)
    ]
    services = [a_service(), a_service(environment="staging"), None]
    runbook = a_runbook(match={"alerts": ["ServiceDown"], "min_confidence": 0.8})
    shelf = Shelf([runbook])
    for _ in range(2):
        for alert in alerts:
            for service in services:
                fresh = Shelf([runbook]).consider(alert, service)

                assert shelf.consider(alert, service) == fresh


def test_what_a_runbook_asks_of_the_alert_itself_is_asked_every_time() -> None:
    shelf = Shelf(
        [a_runbook(match={"alerts": ["ServiceDown"], "when": 'alert.labels.zone == "a"'})]
    )
    service = a_service()
    chosen = [
        shelf.consider(an_alert(labels={"zone": zone}), service).chosen for zone in ("a", "b", "a")
    ]

    assert chosen == ["restart-dead-service", None, "restart-dead-service"]
