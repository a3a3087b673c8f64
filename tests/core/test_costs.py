"""What a plan costs says until when it is paid for, and nothing where nobody knows a price."""

from __future__ import annotations

import pytest

from bot.core import costs
from tests import builders

PRICE = "about 1.20 EUR/h more: 6 pods with 0.05 CPU at 4 EUR"


@pytest.mark.parametrize(
    ("rollback", "until"),
    [
        ({}, "until somebody changes it back"),
        ({"after": "30m"}, "until it goes back, after 30 min"),
        (
            {
                "on_recovery": "health.status == 200",
                "probes": [{"probe": "fake.health", "as": "health"}],
            },
            "until it goes back",
        ),
    ],
)
def test_what_steps_add_is_paid_for_until_it_goes_back(
    rollback: dict[str, object], until: str
) -> None:
    runbook = builders.a_runbook(rollback=rollback)
    step = builders.a_step(scope=builders.a_scope().model_copy(update={"cost": PRICE}))

    assert costs.told(runbook, [step]) == f"{PRICE}; {until}"


def test_without_a_price_there_is_what_the_runbook_says_and_no_end_of_it() -> None:
    runbook = builders.a_runbook(estimate={"recovery": "1m", "cost": "memory"})

    assert costs.told(runbook, [builders.a_step()]) == "memory"
