"""Every key that differs is named once, with what it was and what it is."""

from __future__ import annotations

from datetime import timedelta

from bot.core.policy import changed
from tests.core.policy import builders as given

FREEZE = {"starts": given.NOW, "ends": given.NOW + timedelta(days=1)}


def test_the_same_policy_has_not_changed() -> None:
    assert changed.rules(given.a_rulebook(), given.a_rulebook()) == ()


def test_a_key_is_told_with_both_values() -> None:
    old, new = given.a_rulebook(), given.a_rulebook(breaker={"failures": 3})

    assert changed.rules(old, new) == ("breaker.failures: 2 → 3",)


def test_entries_with_names_are_told_apart_by_them_wherever_they_stand() -> None:
    old = given.a_rulebook(freezes=[{"name": "a", **FREEZE}, {"name": "b", **FREEZE}])
    moved = {"name": "b", **FREEZE, "lets_urgent_ask": True}
    new = given.a_rulebook(freezes=[moved, {"name": "c", **FREEZE}])
    gone, other, new_one = sorted(changed.rules(old, new))

    assert gone.startswith("freezes.a: gone (it was ")
    assert other == "freezes.b.lets_urgent_ask: False → True"
    assert new_one.startswith("freezes.c: new, ")


def test_entries_without_names_are_told_by_their_places() -> None:
    first = {"per": "service", "limit": 3, "within": timedelta(hours=1)}
    old = given.a_rulebook(rates=[first])
    new = given.a_rulebook(rates=[{**first, "limit": 1}, {**first, "per": "target"}])
    limit, more = changed.rules(old, new)

    assert limit == "rates[0].limit: 3 → 1"
    assert more.startswith("rates[1]: new, ")
    assert changed.rules(new, old)[1].startswith("rates[1]: gone (it was ")


def test_services_are_told_by_name_and_environment() -> None:
    shop = given.a_service()
    assert changed.services([shop], [given.a_service(tier=5)]) == ("shop in staging.tier: 2 → 5",)
    assert changed.services([shop], [])[0].startswith("shop in staging: gone ")
