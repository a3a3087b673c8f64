"""What an alert is found by is written the one way that everything is written that is compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core import sighting, values

ANY = st.text(st.characters(codec=None))


@given(of=ANY, fingerprint=ANY)
def test_an_alert_of_a_trouble_is_named_canonically(of: str, fingerprint: str) -> None:
    assert sighting.alert(of, fingerprint) == values.canonical([of, fingerprint])
