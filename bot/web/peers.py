"""Peers: who really posted, when proxies that are trusted stand before the door."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Peers:
    """Believes `X-Forwarded-For` of the proxies that are named, and of nobody else."""

    def __init__(self, proxies: Sequence[str] = ()) -> None:
        """Take addresses or networks; ValueError when one is neither."""
        self._proxies = [ipaddress.ip_network(one, strict=False) for one in proxies]

    def of(self, remote: str | None, headers: Mapping[str, str]) -> tuple[str, bool]:
        """
        Return the sender's address, and whether a trusted proxy handed it on.

        Each proxy adds whom it saw to the right; the first from there that is no proxy is meant.
        What stands left of that anybody may have written.

        >>> Peers(["10.0.0.0/8"]).of("10.0.0.7", {"x-forwarded-for": "6.6.6.6, 192.0.2.1"})
        ('192.0.2.1', True)
        >>> Peers().of("10.0.0.7", {"x-forwarded-for": "6.6.6.6, 192.0.2.1"})
        ('10.0.0.7', False)
        """
        peer = remote or ""
        if not self._proxies or not self._trusts(peer):
            return peer, False
        for one in reversed(headers.get("x-forwarded-for", "").split(",")):
            if not one.strip():
                break
            peer = one.strip()
            if not self._trusts(peer):
                break
        return peer, True

    def _trusts(self, address: str) -> bool:
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(known in network for network in self._proxies)
