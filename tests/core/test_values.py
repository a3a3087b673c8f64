"""Values never change, and the same value always has the same hash."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from bot.core import values
from bot.core.alert import Alert
from tests.builders import an_alert

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        an_alert().name = "another"  # type: ignore[misc]


def test_canonical_json_is_sorted_close_and_readable() -> None:
    assert values.canonical({"b": "ü", "a": [1, True, None]}) == '{"a":[1,true,null],"b":"ü"}'


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_the_order_of_keys_does_not_change_a_hash(value: dict[str, JsonValue]) -> None:
    turned = dict(reversed(list(value.items())))

    assert values.digest(dict(value)) == values.digest(turned)


def test_different_values_have_different_hashes() -> None:
    different: list[JsonValue] = [1, "1", True, None, [1], {"1": 1}]

    assert len({values.digest(value) for value in different}) == len(different)


def test_half_a_character_from_outside_can_still_be_written_down() -> None:
    assert values.canonical({"summary": "\ud800 is down"}) == '{"summary":"? is down"}'
    assert values.digest("\ud800") == values.digest("?")


def test_a_pared_value_is_the_same_without_a_dictionary() -> None:
    alerts = [an_alert(name=f"Alert{number}") for number in range(100)]

    pared = [values.pare(alert, vars(alert)) for alert in alerts]

    assert [one for one in pared if any(type(it) is dict for it in _held(one))] == []
    assert pared == alerts


def _held(alert: Alert) -> list[object]:
    """What the value itself keeps alive, without its fields."""
    fields = {id(field) for field in (alert.labels, alert.annotations)}
    return [it for it in gc.get_referents(alert) if id(it) not in fields]
