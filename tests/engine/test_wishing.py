"""What a form says of a wish before it is recorded is what planning would say of it afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.facts import Wish
from bot.core.lifecycle import State
from bot.engine.wishing import Wishing
from tests import builders
from tests.engine.houses import WAITING, House

PLACE = {"service": "shop", "environment": "production"}
PARAMETERS = {
    "size": {"type": "integer", "min": 20, "max": 80, "value": 50},
    "owner": {"type": "string", "value": "${service.owner}"},
    "disk": {"type": "string", "value": "${service.facts.disk}"},
    "pod": {"type": "string", "value": "${alert.labels.pod}", "pattern": "[a-z]+-[0-9]+"},
}
STEPS = [{"do": "fake.pool", "with": {"to": "${params.size}"}, "timeout": "30s"}]


@pytest.fixture
async def sized(path: Path) -> AsyncIterator[House]:
    own = [{"service": "shop", "environment": "production"}]
    services = (
        builders.a_service(facts={"disk": "sda"}),
        builders.a_service(name="web"),
        builders.a_service(environment="demo", facts={"disk": "sdb"}),
    )
    everywhere = builders.a_runbook(parameters=PARAMETERS, steps=STEPS)
    narrow = builders.a_runbook(runbook="narrow", approved_for=own)
    built = House(path, builders.a_library(everywhere, narrow, services=services))
    await built.open()
    yield built
    await built.close()


def wish(runbook: str = "raise-pool", **given: str) -> Wish:
    return Wish(by="U2", runbook=runbook, given={**PLACE, "pod": "shop-1", **given})


async def test_only_what_the_catalogue_does_not_say_is_asked_for(sized: House) -> None:
    forms = Wishing(sized.world)

    assert list(forms.askable("raise-pool")) == ["size", "pod"]
    assert forms.askable("unheard-of") == {}


async def test_a_place_is_one_of_the_catalogue_that_the_owner_allows(sized: House) -> None:
    forms = Wishing(sized.world)

    assert [one.name for one in forms.places("raise-pool")] == ["shop", "web"]
    assert [one.name for one in forms.places("narrow")] == ["shop"]
    assert forms.places("unheard-of") == ()


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        (wish(), {}),
        (wish(size="60"), {}),
        (wish(size="100"), {"size": "give an integer from 20 to 80"}),
        (wish(pod="SHOP"), {"pod": "that matches [a-z]+-[0-9]+"}),
        (wish(owner="me"), {"owner": "the catalogue says what it is"}),
        (wish(service="web"), {"disk": "it has no value"}),
        (wish(sise="60"), {"sise": "did you mean 'size'?"}),
        (wish(runbook="rais-pool"), {"runbook": "did you mean 'raise-pool'?"}),
        (wish(service="shoe"), {"service": "not in the catalogue"}),
        (wish(environment="demo"), {"service": "not approved for shop in demo"}),
    ],
)
async def test_a_form_says_what_planning_would_say(
    sized: House, asked: Wish, wrong: dict[str, str]
) -> None:
    found = Wishing(sized.world).misfits(asked)

    assert list(found) == list(wrong)
    assert all(part in found[name] for name, part in wrong.items())
    if {"runbook", "service"} & wrong.keys():
        return
    await sized.requests.wish(asked, "", "", "once")
    known = await sized.until(WAITING, State.ESCALATED)
    assert (known.state is WAITING) is (not wrong)
    assert all(name in str(known.escalated) for name in wrong)


async def test_the_same_asking_opens_one_incident_and_another_under_its_name_none(
    sized: House,
) -> None:
    first = await sized.requests.wish(wish(), "", "", "form-1")
    second = await sized.requests.wish(wish(), "", "", "form-1")
    other = await sized.requests.wish(wish(size="60"), "", "", "form-1")

    assert (first.done, second.incident) == (True, first.incident)
    assert (other.done, len(sized.cases.open())) == (False, 1)
