"""SigV4: the signature that S3 and what speaks like it want under each request."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

import httpx

ALGORITHM = "AWS4-HMAC-SHA256"
Headers = Mapping[str, str]


class AccessKey(NamedTuple):
    """Who signs, and for which region."""

    id: str
    secret: str
    region: str


def signed(
    method: str, url: httpx.URL, body: bytes, headers: Headers, key: AccessKey, at: datetime
) -> dict[str, str]:
    """
    Return the headers, whose names are lower case, with the signature over all of them.

    The path of the address has to be written as it is sent, without doubly encoded signs.
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    content = hashlib.sha256(body).hexdigest()
    host = url.netloc.decode()
    sent = {**headers, "host": host, "x-amz-content-sha256": content, "x-amz-date": stamp}
    names = ";".join(sorted(sent))
    lines = "".join(f"{name}:{' '.join(sent[name].split())}\n" for name in sorted(sent))
    request = "\n".join((method, _path(url), _query(url), lines, names, content))
    scope = f"{stamp[:8]}/{key.region}/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    secret = f"AWS4{key.secret}".encode()
    for part in scope.split("/"):
        secret = _hmac(secret, part)
    signature = _hmac(secret, to_sign).hex()
    sent["authorization"] = (
        f"{ALGORITHM} Credential={key.id}/{scope},SignedHeaders={names},Signature={signature}"
    )
    return sent


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _path(url: httpx.URL) -> str:
    return quote(url.path, safe="/-_.~")


def _query(url: httpx.URL) -> str:
    parts = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~"))
                   for name, value in url.params.multi_items())  # fmt: skip
    return "&".join(f"{name}={value}" for name, value in parts)
