from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalog.policy import load_model
from bot.catalog.problems import CatalogError
from bot.core.catalogue import Service
from bot.core.values import Frozen


class Services(Frozen):
    services: tuple[Service, ...]


def test_a_policy_is_read_as_the_model_that_its_rules_bring(tmp_path: Path) -> None:
    path = tmp_path / "services.yaml"
    path.write_text("services:\n- {name: shop, environment: demo, owner: us, tier: 1}\n")

    assert load_model(path, Services).services[0].name == "shop"


def test_a_wrong_policy_is_told_with_line_field_value_and_remedy(tmp_path: Path) -> None:
    path = tmp_path / "services.yaml"
    path.write_text("services:\n- name: shop\n  environment: demo\n  owner: us\n  teir: 1\n")

    with pytest.raises(CatalogError) as refusal:
        load_model(path, Services)

    assert [str(problem).partition(":")[2] for problem in refusal.value.problems] == [
        "2: services[0].tier: 'tier' is missing: 1 = nobody notices, 5 = the company stops",
        "5: services[0].teir: 'teir' is unknown: did you mean 'tier'?",
    ]
