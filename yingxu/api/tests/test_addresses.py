"""Where webhooks may go (S18): the public internet by https, and networks the administrator named; nothing else, however it is written."""

import ipaddress
import socket
from typing import Any

import pytest

from yingxu.base import addresses
from yingxu.base.addresses import Refused, allowed, check, resolve, target
from yingxu.base.calling import call
from yingxu.base.errors import Invalid

from .trap import trap


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "169.254.0.23", "100.64.0.1",
        "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "192.0.2.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2001:0:7f00:1::", "::7f00:1", "2001:db8::1",
    ],
)  # fmt: skip
def test_never(address: str) -> None:
    assert not allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:223.5.5.5", "64:ff9b::df05:505"])
def test_the_internet(address: str) -> None:
    assert allowed(ipaddress.ip_address(address))
    assert not allowed(ipaddress.ip_address(address), encrypted=False), "without encryption nothing goes into the internet"


def test_networks_the_administrator_named(settings: Any) -> None:
    settings.OUTBOUND_NETWORKS = ["10.1.0.0/16", "169.254.0.0/16", "fd00::/8"]
    yes, no = ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1"), ("10.2.0.1", "169.254.169.254", "fd00:ec2::254", "127.0.0.1")
    assert all(allowed(ipaddress.ip_address(address), encrypted=False) for address in yes)
    assert not any(allowed(ipaddress.ip_address(address)) for address in no), "metadata never, whatever is named"


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com", "//example.com", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///x",
        "https://user:pass@example.com/", "https://user@example.com/", "https://:@example.com/", "https://example.com/#part", "https://example.com:0x50/",
        "https://example.com:99999/", "https://example.com:25/", "https://example.com:22/", "https://exa mple.com/", "https://例子.公司/",
        "https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://[::1", "https://example.com/\r\nX: 1",
        "https://-a.com/", "https://example.com/" + "a" * 600,
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        target(url)
    assert refusal.value.fields["url"]


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]:8443/", "http://10.0.0.1/", "https://localhost/", "https://[::ffff:169.254.169.254]/", "https://127.0.0.1./"]
)
def test_refused_when_saved(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check(url)
    assert refusal.value.fields["url"]


def test_what_is_shown_holds_no_secret() -> None:
    assert target("https://hooks.example.com:8443/a/T0123456789ABCDEFGHIJKLM?key=hush").shown == "https://hooks.example.com:8443/a/T012…?…"


def _names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """The resolver answers so, one after the other; the last answer stays."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        if host != "hooks.example.com":
            return real(host, port, *more, **named)
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    return asked


def test_a_name_with_one_bad_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch, ["223.5.5.5", "10.0.0.1"])
    with pytest.raises(Refused):
        resolve(target("https://hooks.example.com/"), seconds=1)


def test_a_name_that_changes_its_mind_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: public when it was saved, this machine when it is called."""
    with trap() as here:
        url = f"https://hooks.example.com:{here.port}/"
        asked = _names(monkeypatch, ["223.5.5.5"], ["127.0.0.1"])
        found = check(url)
        answer = call(found, {}, b"{}", seconds=2)
        assert answer.trouble == "refused" and not here.got and len(asked) == 2


def test_the_address_that_was_checked_is_the_one_called(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Asked once for a call, and connected to what was answered; the name goes into Host only."""
    settings.OUTBOUND_NETWORKS = ["127.0.0.2/32"]
    with trap() as here:
        asked = _names(monkeypatch, ["127.0.0.2"], ["127.0.0.1"])
        answer = call(target(f"http://hooks.example.com:{here.port}/"), {}, b"{}", seconds=2)
        assert answer.trouble == "connect" and not here.got, "the trap listens at 127.0.0.1 only"
        assert asked == ["hooks.example.com"]


def test_a_name_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch, [])
    with pytest.raises(Invalid):
        check("https://hooks.example.com/")
    assert call(target("https://hooks.example.com/"), {}, b"{}", seconds=1).trouble == "unknown"
