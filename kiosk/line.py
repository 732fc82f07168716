"""Line: the one way from this machine to the office. Every request tells the machine's key, most a citizen's numbers: they
go by https to whom a trusted authority has certified, in plain to a program on this very machine, and to nobody else.
"""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Final

import httpx

from backend.kernel.errors import Told
from backend.kernel.language import ZH

HERE: Final = "localhost"


class LineInPlain(Told):
    """后台地址“{url}”没有加密，没有连接：密钥和办事人的号码会被别人看到。请改成 https:// 开头的地址；后台就在本机，才用 http://。"""


class AuthorityUnreadable(Told):
    """验证后台的证书文件“{file}”读不出来，没有连接。请放好给后台发证书的机构的证书（PEM），或者从设置里删掉 backend_ca。"""


def client(
    url: str,
    kiosk: str,
    key: str,
    *,
    timeout_s: float,
    ca: Path | None = None,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """Speaks to the office and to nobody it points to; refuses in the source language."""
    if not _private(url):
        raise LineInPlain(url=url)
    return httpx.Client(
        transport=transport,
        base_url=url,
        headers={"Authorization": f"Device {kiosk}:{key}", "Accept-Language": ZH},
        timeout=timeout_s,
        verify=trusted(ca),
        trust_env=False,
        follow_redirects=False,
    )


def trusted(ca: Path | None) -> ssl.SSLContext:
    """Believes whom this authority has certified and nobody else; without one, whom the system's authorities have."""
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as why:
        raise AuthorityUnreadable(file=ca) from why


def _private(url: str) -> bool:
    """Whether nobody on the way reads along.

    >>> _private("https://rs.example.cn"), _private("http://[::1]:8000"), _private("http://10.0.0.1:8000")
    (True, True, False)
    """
    try:
        to = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return bool(to.host) and (to.scheme == "https" or (to.scheme == "http" and _here(to.host)))


def _here(host: str) -> bool:
    try:
        return host == HERE or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why(error: httpx.HTTPError) -> str:
    """What went wrong, for the log; nothing of what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"certificate: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
