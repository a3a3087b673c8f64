"""What a CMDB says fills in what the catalogue leaves out, and never what it says."""

from __future__ import annotations

import pytest

from bot.core import cmdb, rating
from bot.core.alert import Severity
from bot.core.catalogue import Service
from bot.core.cmdb import Dependant, Entry
from bot.core.policy import blast_cap, dependants, known_target, rules, tier
from bot.core.policy.verdict import Ruling
from tests import builders
from tests.core.policy.builders import a_case, a_plan, a_rulebook, a_service

SILENT = Service(name="shop", environment="staging", stateless=True)
SAID = Entry(system="servicenow", owner="Shop Team", tier=3)


@pytest.mark.parametrize(
    ("service", "entries", "expected"),
    [
        (SILENT, (SAID,), ("Shop Team", 3)),
        (SILENT, (SAID, Entry(owner="Other", tier=4)), ("Shop Team", 4)),
        (SILENT, (Entry(unknown="away"),), ("", 5)),
        (a_service(tier=2), (Entry(owner="Other", tier=1),), ("team-shop", 2)),
        (a_service(tier=5), (Entry(tier=1),), ("team-shop", 5)),
        (SILENT.model_copy(update={"owner": "us"}), (SAID,), ("us", 3)),
    ],
)
def test_it_fills_in_only_what_the_catalogue_leaves_out(
    service: Service, entries: tuple[Entry, ...], expected: tuple[str, int]
) -> None:
    found = cmdb.filled(service, entries)

    assert (found.owner, found.tier) == expected


def test_a_tier_is_said_by_the_catalogue_or_by_a_cmdb_or_by_nobody() -> None:
    assert a_service(tier=5).tier_said
    assert cmdb.filled(SILENT, (SAID,)).tier_said
    assert not cmdb.filled(SILENT, (Entry(owner="us"),)).tier_said


def test_dependants_are_those_of_both_and_the_catalogues_word_goes_first() -> None:
    entry = Entry(dependants=(Dependant(name="Cart", tier=5), Dependant(name="ads")))

    assert [*cmdb.more((a_service(name="cart", tier=1),), (entry,))] == [
        Dependant(name="ads", tier=5)
    ]


def test_a_dependant_whose_tier_nobody_knows_has_a_person_asked() -> None:
    actual = dependants.judge(a_case(dependants=(a_service(), Dependant(name="ads"))))

    assert actual.ruling is Ruling.ASK
    assert actual.reason.startswith("ads (tier 5) depends on shop")


def test_a_tier_that_nobody_says_has_a_person_asked_and_is_not_called_known() -> None:
    actual = tier.judge(a_case(service=SILENT, rulebook=a_rulebook(ask_from_tier=5)))

    assert actual.ruling is Ruling.ASK
    assert "nobody says the tier of shop, which is taken for 5" in actual.reason


def test_a_tier_that_nobody_says_is_taken_for_each_that_a_limit_is_about() -> None:
    strict = {"tiers": [2], "ask_above_percent": 10}
    rulebook = a_rulebook(blast_limits=[strict])

    known = cmdb.filled(SILENT, (SAID,))

    assert blast_cap.judge(a_case(service=SILENT, rulebook=rulebook)).ruling is Ruling.ASK
    assert blast_cap.judge(a_case(service=known, rulebook=rulebook)).ruling is Ruling.ALLOW


def test_a_tier_that_nobody_says_is_taken_for_each_whose_alerts_are_bad() -> None:
    rulebook = a_rulebook(severities={"least": [{"tiers": [2], "severity": "critical"}]})
    library = builders.a_library(
        services=(Service(name="shop", environment="production"),), rulebook=rulebook
    )
    alert = builders.an_alert(severity=Severity.INFO)

    assert rating.rated(alert, library).severity is Severity.CRITICAL


def test_the_verdict_says_who_owns_it_and_what_the_cmdb_says_or_that_it_is_not_known() -> None:
    away = a_plan().model_copy(
        update={"cmdb": (Entry(system="servicenow", unknown="no answer within 3 s"),)}
    )
    told = a_plan().model_copy(update={"cmdb": (SAID,)})

    assert known_target.judge(a_case(plan=away, service=SILENT)).reason == (
        "shop in staging belongs to nobody who is named, its tier is not known; "
        "servicenow's CMDB is not known: no answer within 3 s"
    )
    assert known_target.judge(a_case(plan=told)).reason == (
        "shop in staging belongs to team-shop, tier 2; "
        "servicenow's CMDB: owner Shop Team, tier 3, nothing depends on it"
    )


def test_no_word_of_a_cmdb_makes_a_stranger_known() -> None:
    plan = a_plan().model_copy(update={"cmdb": (SAID,)})

    assert rules.judge(a_case(plan=plan, service=None)).ruling is Ruling.DENY


def test_what_it_says_is_shown_and_no_approval_hangs_on_it() -> None:
    plan = a_plan()

    assert plan.digest == plan.model_copy(update={"cmdb": (SAID,)}).digest
