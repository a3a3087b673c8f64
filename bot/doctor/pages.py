"""Pages: whether Sign in with Slack brings browsers back to where the pages are."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app.pages import BACK
from bot.clients.openid import OpenId, origin_of
from bot.core.errors import PermanentError, TemporaryError
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.web.pages.settings import PagesSettings, PublicSettings

NAME = "Sign in with Slack"


async def sign_in(patient: Patient) -> Sequence[Finding]:
    """Nothing where no page is, or where only links from Slack open them."""
    public = patient.configured("public", PublicSettings)
    told = patient.configured("pages", PagesSettings)
    secret = told.client_secret.get_secret_value().strip() if told else ""
    if public is None or not public.url or told is None or not (told.client_id and secret):
        return []
    back = f"{public.url}{BACK}"
    origin = origin_of(patient.settings.slack_api_url)
    try:
        app = OpenId(patient.rig.http, patient.clock, origin, told.client_id, secret, back)
        found = await app.objection()
    except (PermanentError, TemporaryError) as error:
        return [warning(NAME, f"Slack could not be asked: {error}", "ask again")]
    remedy = (
        f"in the Slack app, OAuth & Permissions, Redirect URLs: add {back}; ID and secret stand "
        "under Basic Information (docs/pages.md)"
    )
    return [failed(NAME, found, remedy) if found else ok(NAME, f"comes back to {back}")]
