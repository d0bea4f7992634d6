"""How a browser and the place it asks from are called, without telling more than their owner needs to recognise them."""

import re

_BROWSERS = (("Edg", "Edge"), ("MicroMessenger", "WeChat"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("CriOS", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("Linux", "Linux"))


def called(agent: str) -> str:
    """“Chrome · Windows” for what a browser says of itself; "" when it says nothing we know."""
    found = [next((name for mark, name in names if re.search(rf"{mark}\b", agent)), "") for names in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in found if part)


def place(peer: str | None) -> str:
    """The network an address lies in: “10.3.*.*”, “2001:db8:*”."""
    if not peer:
        return ""
    return ":".join([*peer.split(":")[:2], "*"]) if ":" in peer else ".".join([*peer.split(".")[:2], "*", "*"])
