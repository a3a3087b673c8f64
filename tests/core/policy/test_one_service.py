from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.core.policy import one_service
from bot.core.policy.sections import fits
from bot.core.policy.verdict import Ruling
from tests.core.policy.builders import a_case, a_plan, a_radius, a_service, a_step

TWO = a_plan(a_step(), a_step(a_radius(key="host:web-2/unit:shop"), number=2))


def owning(patterns: str, **changes: Any) -> Any:
    return a_service(facts={"targets": patterns}, **changes)


def test_a_single_target_that_nobody_claims_is_taken_for_its_own() -> None:
    assert one_service.judge(a_case()).ruling == Ruling.ALLOW


def test_several_targets_that_nobody_claims_are_shown_to_a_person() -> None:
    actual = one_service.judge(a_case(plan=TWO))

    assert actual.ruling == Ruling.ASK
    assert "write facts.targets" in actual.reason


def test_several_targets_that_the_service_claims_are_its_own() -> None:
    case = a_case(plan=TWO, service=owning("host:web-*/unit:shop, host:db-1/*,"))

    assert one_service.judge(case).ruling == Ruling.ALLOW


def test_a_target_that_the_service_does_not_claim_is_refused() -> None:
    actual = one_service.judge(a_case(plan=TWO, service=owning("host:web-1/*")))

    assert actual.ruling == Ruling.DENY
    assert "(host:web-2/unit:shop) is none of the targets of shop in staging" in actual.reason


def test_a_target_that_another_service_claims_is_refused_and_that_one_is_named() -> None:
    case = a_case(catalogue=(a_service(), owning("host:web-1/*", name="billing")))

    actual = one_service.judge(case)

    assert actual.ruling == Ruling.DENY
    assert "belongs to billing in staging, not to shop in staging" in actual.reason


def test_a_target_that_two_services_claim_belongs_to_both() -> None:
    own = owning("host:web-1/*")
    case = a_case(service=own, catalogue=(own, owning("host:web-1/*", name="billing")))

    assert one_service.judge(case).ruling == Ruling.ALLOW


def test_without_an_entry_of_the_catalogue_nothing_is_claimed() -> None:
    assert one_service.judge(a_case(service=None, plan=TWO)).ruling == Ruling.ASK


def test_of_several_that_claim_a_target_the_first_of_the_catalogue_is_named() -> None:
    exact, wide = owning("host:web-1/*", name="exact"), owning("host:*", name="wide")

    for known in ([exact, wide], [wide, exact]):
        assert one_service.Claimants(known).owner("host:web-1/unit:shop") == known[0]


WORDS = st.text("ab/*?[]!", max_size=4)


@given(key=st.text("ab/[", max_size=5), claimed=st.lists(st.lists(WORDS, max_size=3), max_size=4))
def test_the_first_service_that_claims_a_target_is_found_as_if_all_were_asked(
    key: str, claimed: list[list[str]]
) -> None:
    known = [
        owning(",".join(patterns), name=f"s{number}") for number, patterns in enumerate(claimed)
    ]
    asked = (
        one
        for one in known
        if any(fnmatchcase(key, pattern) for pattern in one_service.claims(one))
    )

    assert one_service.Claimants(known).owner(key) == next(asked, None)


@given(name=st.text("ab.[", max_size=4), patterns=st.lists(WORDS, max_size=4))
def test_a_name_fits_patterns_that_are_taken_apart_as_it_fits_each(
    name: str, patterns: list[str]
) -> None:
    each = any(fnmatchcase(name, pattern) for pattern in patterns)

    assert fits(name, tuple(patterns)) == each
