"""Sign in with Slack is looked at before anybody stands before a door that does not open."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.doctor.finding import Finding, State
from bot.rehearsal.workspace import App
from tests.doctor.bodies import examined, healthy, listening

BACK = "https://heal.example.org/sign-in/back"
TOLD = {
    "HEAL_PUBLIC_URL": "https://heal.example.org",
    "HEAL_PAGES_CLIENT_ID": "1.0",
    "HEAL_PAGES_CLIENT_SECRET": "local-client-secret",
}


async def looked_at(tmp_path: Path, app: App, **told: str) -> list[Finding]:
    async with listening() as port:
        body = healthy(tmp_path, port)
        body.environment |= told
        body.app = app
        return [one for one in await examined(body) if one.name == "Sign in with Slack"]


async def test_what_is_listed_is_in_order(tmp_path: Path) -> None:
    (one,) = await looked_at(tmp_path, App(redirect_urls=frozenset({BACK})), **TOLD)

    assert (one.state, one.found) == (State.OK, f"comes back to {BACK}")


@pytest.mark.parametrize(("listed", "secret", "says"), [
    ("https://other.example.org/sign-in/back", "local-client-secret", f"does not know {BACK}"),
    (BACK, "another-secret-of-an-app", "by id and secret: bad_client_secret"),
])  # fmt: skip
async def test_what_slack_refuses_fails_with_the_address_to_add(
    tmp_path: Path, listed: str, secret: str, says: str
) -> None:
    told = TOLD | {"HEAL_PAGES_CLIENT_SECRET": secret}
    (one,) = await looked_at(tmp_path, App(redirect_urls=frozenset({listed})), **told)

    assert (one.state, f"add {BACK}" in one.remedy) == (State.FAILED, True)
    assert one.found.endswith(says)


async def test_where_only_links_open_pages_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    assert await looked_at(tmp_path, App(), HEAL_PUBLIC_URL="https://heal.example.org") == []
