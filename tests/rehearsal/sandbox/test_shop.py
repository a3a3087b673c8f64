"""The shop by itself: what it serves, how each trouble shows, and what mends it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.rehearsal.sandbox import shop


class Seen(NamedTuple):
    status: int
    body: dict[str, Any]


class Asked:
    """A shop that is asked without a network; started again, it finds its state file."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self.restart()

    def restart(self) -> None:
        self._shop = shop.Shop("shop", self._state)

    def __call__(self, request: str, **body: object) -> Seen:
        method, path = request.split()
        answer = self._shop.answer(method, path, json.dumps(body).encode())
        return Seen(answer.status, json.loads(answer.body))

    def text(self, path: str) -> str:
        return self._shop.answer("GET", path, b"").body

    @property
    def health(self) -> tuple[int, str]:
        status, body = self("GET /healthz")
        return status, body.get("reason", "")


@pytest.fixture
def ask(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Asked:
    return Asked(tmp_path / "shop.json")


def test_a_healthy_shop_says_its_version_and_how_full_its_pool_is(ask: Asked) -> None:
    status, body = ask("GET /healthz")

    assert status == 200
    assert 0 <= body.pop("uptime_s") < 60
    assert body == {"status": "ok", "version": "1.4.2", "pool": {"size": 20, "in_use": 6}}


def test_a_setting_is_echoed_and_read_back(ask: Asked) -> None:
    echoed = ask("PUT /settings/pool", size=50), ask("PUT /settings/breaker", state="open")

    assert echoed == (Seen(200, {"size": 50}), Seen(200, {"state": "open"}))
    assert echoed == (ask("GET /settings/pool"), ask("GET /settings/breaker"))


@pytest.mark.parametrize("size", [0, 201, True, 20.0, "20", None, []])
def test_a_size_that_is_none_is_refused_with_the_remedy(ask: Asked, size: object) -> None:
    answer = ask("PUT /settings/pool", size=size)

    assert answer == (400, {"error": f"size is a whole number from 1 to 200, not {size!r}"})


@pytest.mark.parametrize(
    ("request_line", "body", "error"),
    [
        ("PUT /settings/breaker", {"state": "ajar"}, "state is closed or open, not 'ajar'"),
        ("PUT /settings/pool", {}, "size is a whole number from 1 to 200, not None"),
        (
            "POST /break",
            {"how": "gently"},
            "how is crash, hang, leak, upstream, pool or mend, not 'gently'",
        ),
        ("GET /nowhere", {}, "there is no GET /nowhere"),
        ("POST /settings/pool", {"size": 20}, "there is no POST /settings/pool"),
    ],
)
def test_nonsense_is_refused_and_nothing_of_it_happens(
    ask: Asked,
    capfd: pytest.CaptureFixture[str],
    request_line: str,
    body: dict[str, object],
    error: str,
) -> None:
    answer = ask(request_line, **body)

    assert answer == (404 if "there is no" in error else 400, {"error": error})
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("body", [b"", b"not json", b"[20]", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_asks_for_nothing(ask: Asked, body: bytes) -> None:
    assert ask._shop.answer("PUT", "/settings/pool", body).status == 400


def test_the_metrics_count_requests_and_errors(ask: Asked) -> None:
    ask("GET /healthz")
    ask("POST /break", how="leak")
    ask("GET /healthz")

    lines = ask.text("/metrics").splitlines()
    assert "# TYPE shop_requests_total counter" in lines
    assert dict(line.split() for line in lines if not line.startswith("#")) == {
        "shop_up": "0",
        "shop_requests_total": "3",
        "shop_errors_total": "1",
        "shop_pool_in_use": "6",
        "shop_pool_size": "20",
    }


def test_the_page_welcomes_customers_or_says_sorry(ask: Asked) -> None:
    fine = ask.text("/")
    ask("POST /break", how="upstream")

    assert "We are open" in fine
    assert "we cannot serve you now: payment gateway times out" in ask.text("/")


def test_a_leak_is_gone_after_a_restart(ask: Asked) -> None:
    ask("POST /break", how="leak")
    before = ask.health
    ask.restart()

    assert (before, ask.health) == ((503, "out of memory"), (200, ""))


def test_neither_a_restart_nor_a_larger_pool_mends_the_upstream(ask: Asked) -> None:
    ask("POST /break", how="upstream")
    ask("PUT /settings/pool", size=200)
    ask.restart()

    assert ask.health == (503, "payment gateway times out")
    assert ask("GET /upstream") == (503, {"status": "times out"})


def test_with_the_breaker_open_the_shop_does_without_its_upstream(ask: Asked) -> None:
    ask("POST /break", how="upstream")
    ask("PUT /settings/breaker", state="open")

    assert (ask.health, ask("GET /upstream").status) == ((200, ""), 503)


def test_an_exhausted_pool_is_healed_by_forty_connections_and_no_fewer(ask: Asked) -> None:
    ask("POST /break", how="pool")
    ask("PUT /settings/pool", size=39)
    too_few = ask.health
    ask("PUT /settings/pool", size=40)

    assert (too_few, ask.health) == ((503, "connection pool exhausted"), (200, ""))


def test_settings_and_an_exhausted_pool_outlive_a_restart(ask: Asked) -> None:
    ask("PUT /settings/pool", size=30)
    ask("POST /break", how="pool")
    ask.restart()

    assert ask("GET /healthz").body["pool"] == {"size": 30, "in_use": 30}


@pytest.mark.parametrize("request_line", ["POST /mend", "POST /break"])
def test_mending_takes_every_trouble_away_and_leaves_the_settings(
    ask: Asked, request_line: str
) -> None:
    ask("PUT /settings/pool", size=30)
    for how in ("leak", "upstream", "pool", "hang"):
        ask("POST /break", how=how)
    ask(request_line, how="mend")

    assert (ask.health, ask("GET /settings/pool").body) == ((200, ""), {"size": 30})


def test_what_happened_is_said_as_lines_of_json(
    ask: Asked, capfd: pytest.CaptureFixture[str]
) -> None:
    ask("PUT /settings/pool", size=50)
    ask("POST /break", how="leak")
    ask("POST /mend")

    said = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [(line["unit"], line["what"], line["value"]) for line in said] == [
        ("shop", "put", {"size": 50}),
        ("shop", "break", {"how": "leak"}),
        ("shop", "mend", {}),
    ]
