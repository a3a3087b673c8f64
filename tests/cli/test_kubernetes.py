"""`heal kubernetes role`, and what `heal run` says of rights at its start."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
import yaml

from bot.cli import main, run
from bot.clients.kubernetes import granting
from bot.clock import Clock
from bot.plugins import Toolbox
from bot.probes.kubernetes import logs
from tests import builders
from tests.clients.kubernetes import kubeconfigs
from tests.doctor import bodies
from tests.doctor.test_kubernetes import reads_logs

DIAGNOSE = "diagnose:\n"
READS = "  - {probe: kubernetes.logs, as: log, with: {namespace: shop, name: api}}\n"


@pytest.fixture
def runbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library that is in order, in a house that knows cluster prod."""
    shutil.copytree(bodies.shipped(), tmp_path / "runbooks")
    told = {"CONTEXTS": "prod", "NAMESPACES": "shop", "ACCOUNT": "/nonexistent"}
    for name, value in told.items():
        monkeypatch.setenv(f"HEAL_KUBERNETES_{name}", value)
    monkeypatch.setenv("HEAL_RUNBOOKS", str(tmp_path / "runbooks"))
    return tmp_path / "runbooks"


def reading_logs(runbooks: Path) -> None:
    book = runbooks / "restart-dead-service.yaml"
    book.write_text(book.read_text().replace(DIAGNOSE, DIAGNOSE + READS))


def test_the_role_has_what_the_runbooks_in_use_need(
    runbooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reading_logs(runbooks)

    assert main(["kubernetes", "role"]) == 0

    role, binding = yaml.safe_load_all(capsys.readouterr().out)
    assert role["metadata"] == {"name": "heal", "namespace": "shop"}
    assert role["rules"] == granting.rules(granting.needs(logs.PLUGIN.needs, "prod", "shop"))
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "heal", "namespace": "heal"}]


def test_nothing_is_printed_when_nothing_is_needed(
    runbooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runbooks.is_dir()
    assert main(["kubernetes", "role"]) == 1
    assert "no runbook in use acts on cluster prod" in capsys.readouterr().err


def test_a_cluster_that_is_not_set_is_answered_with_a_name(
    runbooks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runbooks.is_dir()
    assert main(["kubernetes", "role", "--cluster", "prdo"]) == 2
    assert "did you mean 'prod'?" in capsys.readouterr().err


async def test_at_the_start_what_a_cluster_would_refuse_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = kubeconfigs.write(tmp_path / "config", prod="http://127.0.0.1:1")
    told = {"contexts": "prod", "namespaces": "shop", "kubeconfig": file, "account": "/nowhere"}
    toolbox = Toolbox(None, lambda _: told)

    with caplog.at_level(logging.WARNING):
        await run.look_at_rights(reads_logs(), toolbox, Clock())

    assert "cluster prod: prod cannot be reached" in caplog.text


async def test_at_the_start_no_cluster_is_asked_for_runbooks_without_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await run.look_at_rights(builders.a_library(), Toolbox(None, lambda _: {}), Clock())

    assert caplog.text == ""
