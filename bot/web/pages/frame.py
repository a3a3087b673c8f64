"""Frame: what stands around every page, and how every answer of the pages leaves."""

from __future__ import annotations

from aiohttp import web

from bot.web.pages import markup
from bot.web.pages.markup import STYLE_HASH, Child, Html, tag

POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
ANOTHER = "In Slack, type /heal link and the incident: a new link comes to you in private."


def framed(title: str, user: str, *parts: Child) -> Html:
    """A page for somebody who was let in."""
    nav = tag(
        "nav",
        tag("a", "Runs", href="/runs"),
        tag("a", "Reports", href="/reports"),
        tag("form", tag("button", f"Sign out {user}"), method="post", action="/sign-out"),
        aria_label="Pages",
    )
    return markup.page(title, tag("header", nav), tag("main", *parts))


def notice(title: str, *says: Child, more: Child = "") -> Html:
    """A page that says one thing, to whoever asks."""
    said = (tag("p", one) for one in says)
    return markup.page(title, tag("main", tag("h1", title), *said, more))


def answer(shown: Html, status: int = 200) -> web.Response:
    """Send a page."""
    return web.Response(text=shown.text, status=status, content_type="text/html", charset="utf-8")


def away(where: str) -> web.Response:
    """Send somebody to another address."""
    return web.Response(status=303, headers={"Location": where})


def leave(given: web.StreamResponse) -> web.StreamResponse:
    """Give an answer the headers that each has."""
    for name, value in HEADERS.items():
        given.headers[name] = value
    return given
