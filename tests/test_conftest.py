"""The guard around all tests does guard."""

from __future__ import annotations

import asyncio
import socket

import pytest


def test_a_socket_to_the_world_is_refused_with_a_clear_word() -> None:
    with (
        socket.socket() as sock,
        pytest.raises(Exception, match=r"wanted to connect to \('192\.0\.2\.1', 80\)"),
    ):
        sock.connect(("192.0.2.1", 80))


async def test_a_connection_of_asyncio_is_refused_too() -> None:
    with pytest.raises(Exception, match="tests reach loopback only"):
        await asyncio.open_connection("192.0.2.1", 80)


def test_a_socket_to_this_machine_is_let_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as sock:
        sock.connect(server.getsockname())

        assert server.getsockname() == sock.getpeername()


async def test_tests_run_on_asyncio(anyio_backend_name: str) -> None:
    assert anyio_backend_name == "asyncio"
