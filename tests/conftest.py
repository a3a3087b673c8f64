"""For every test: asyncio as the loop, and no socket but to this machine."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import matrix
from tests.cluster.plane import RUNNING
from tests.cluster.wards import OF_NODES

pytest_plugins = ["tests.cluster.fixtures", "tests.clients.postgreses"]
PLANES = {"plane", "any_plane"}

# How long an example takes says how busy the machine is. Where a failure would hold others up,
# the same examples are tried each time; whoever runs the tests at home tries new ones.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
    print_blob=True,
)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    What needs the control plane stays together, for there is one a process.

    Where one runs already, all processes share it, but for the nodes that only one may close.
    What shows a row of the matrices is found by the row's name: `pytest -k d01`.
    """
    shared, shows = RUNNING in os.environ, matrix.rows_of()
    for item in items:
        item.extra_keyword_matches.update(shows.get(matrix.called(item.nodeid), ()))
        fixtures = set(getattr(item, "fixturenames", ()))
        of_nodes = bool(fixtures & {"wards", "ward"}) or any(one in item.name for one in OF_NODES)
        if of_nodes or (not shared and (fixtures & PLANES or "kubernetes." in item.name)):
            item.add_marker(pytest.mark.xdist_group("control plane"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many of the documents' asks are shown, whichever tests were chosen."""
    told = tomllib.loads(Path(__file__).with_name("requirements.toml").read_text(encoding="utf-8"))
    planned = sum(isinstance(mapped, str) for mapped in told.values())
    line = f"{len(told) - planned} requirements shown, {planned} planned"
    terminalreporter.write_line(line)


class NetworkForbidden(Exception):  # noqa: N818 - what the test is told
    """A test wanted to talk to the world; no handler of network errors may swallow this."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse every connection that leaves this machine, before a packet does."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        yield


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """The command line sets up logging for its process; here that is every other test's too."""
    root = logging.getLogger()
    level, channels = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = channels


def _guarded(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if not _is_local(self, address):
            raise NetworkForbidden(
                f"a test wanted to connect to {address!r}: tests reach loopback only, so start a "
                "real server on 127.0.0.1 or write a fake"
            )
        return connect(self, address)

    return guarded


def _is_local(sock: socket.socket, address: Any) -> bool:
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = address[0]
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
