"""The doctor says when nothing is signed, when nobody keeps it, and when somebody lags behind."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from bot.clients.signing import Signer
from bot.core.facts import CheckpointKey
from bot.doctor.finding import Finding, State
from bot.store.file import connect
from bot.store.view import View
from tests.doctor.bodies import KEY, Body, examined, healthy, listening
from tests.store.drafts import draft


async def told(body: Body) -> dict[str, Finding]:
    found = await examined(body)
    return {
        one.name: one for one in found
        if one.name.startswith(("checkpoints", "checkpoint sink", "HEAL_CHECKPOINT"))
    }  # fmt: skip


def recorded(ledger: Path, signer: Signer) -> None:
    """A ledger whose checkpoints another key signed until now, and a sink that is behind."""
    fact = CheckpointKey(key=signer.public.written)
    signed = signer.checkpoint(1, b"r" * 32).text
    with closing(connect(ledger, 0)) as db:
        View(db).append(draft("key", kind=fact.kind, incident="", body=fact.body))
        db.conn.execute("insert into checkpoint values (1, '', ?, '')", [signed])
        db.conn.execute("insert into sink values ('file', 0, '2026-11-20', 'no route')")


async def test_what_is_in_order_is_said_so_with_the_public_key(tmp_path: Path) -> None:
    async with listening() as port:
        found = await told(healthy(tmp_path, port))

    assert {one.state for one in found.values()} == {State.OK}
    assert KEY.public.written in found["HEAL_CHECKPOINT_KEY"].found
    assert set(found) == {
        "HEAL_CHECKPOINT_KEY", "checkpoint sink file", "checkpoint sink slack_webhook",
    }  # fmt: skip


async def test_a_ledger_that_nobody_signs_is_warned_of_with_the_remedy(tmp_path: Path) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        del body.environment["HEAL_CHECKPOINT_KEY"]
        found = (await told(body))["checkpoints"]

    assert found.state is State.WARNING
    assert "heal audit key new" in found.remedy


@pytest.mark.parametrize(
    ("without", "said"),
    [(("FILE_PATH",), "only slack_webhook keeps them"),
     (("FILE_PATH", "SLACK_WEBHOOK_URL"), "nobody keeps them but Heal itself")],
)  # fmt: skip
async def test_fewer_than_two_sinks_are_too_few(
    tmp_path: Path, without: tuple[str, ...], said: str
) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        for name in without:
            del body.environment[f"HEAL_SINK_{name}"]
        found = (await told(body))["checkpoints"]

    assert (found.state, found.found) == (State.WARNING, said)


async def test_a_key_that_is_none_or_nobody_handed_over_to_and_a_sink_behind_are_told(
    tmp_path: Path,
) -> None:
    async with listening() as port:
        body = healthy(tmp_path, port)
        recorded(body.ledger, Signer("ledger.test", b"2" * 32))
        found = await told(body)
        assert found["HEAL_CHECKPOINT_KEY"].state is State.WARNING
        assert "--after" in found["HEAL_CHECKPOINT_KEY"].remedy
        behind = found["checkpoint sink file"]
        assert behind.state is State.FAILED
        assert behind.found == "1 behind since 2026-11-20: no route"

        body.environment["HEAL_CHECKPOINT_KEY"] = "hunter2"
        found = await told(body)

    assert found["HEAL_CHECKPOINT_KEY"].state is State.FAILED
    assert "hunter2" not in str(found)
