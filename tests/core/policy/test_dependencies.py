from __future__ import annotations

from bot.core.needed import Needed
from bot.core.policy import dependencies
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case

DB, CACHE = (Needed(service=name, incident=f"inc-{name}") for name in ("db", "cache"))


def test_what_stands_on_something_in_trouble_is_asked_for() -> None:
    one, two = (dependencies.judge(a_case(needed=some)) for some in ((DB,), (DB, CACHE)))

    assert (one.ruling, two.ruling) == (Ruling.ASK, Ruling.ASK)
    assert one.reason == "shop needs db (inc-db), which is in trouble: a person decides"
    assert "needs db (inc-db), cache (inc-cache), which are in trouble" in two.reason


def test_what_stands_on_firm_ground_is_not() -> None:
    actual = dependencies.judge(a_case(needed=()))

    assert (actual.ruling, actual.reason) == (
        Ruling.ALLOW,
        "nothing that shop needs is in trouble",
    )
