"""What the frame around every page shows: who is here, where they can go, in which light."""

from functools import cached_property
from hashlib import blake2b
from secrets import token_urlsafe
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, npgettext, pgettext
from django.utils.translation import gettext as _
from markupsafe import Markup

from yingxu.base.kept import scalars, size

from . import places

_MEDIA = {"dark": "all", "light": "not all"}


class Frame:
    """Computed once a request; works for nobody in particular, too (sign-in, errors)."""

    def __init__(self, request: HttpRequest | None) -> None:
        self.request = request
        self.actor = getattr(request, "actor", None)
        user = getattr(request, "user", None) if self.actor is not None else None
        self.user = user if user is not None and getattr(user, "is_authenticated", False) else None

    @property
    def theme(self) -> str:
        """The theme chosen: follow, light, dark."""
        return getattr(self.user, "theme", "follow") or "follow"

    @property
    def dark_media(self) -> str:
        """For which media the dark colours are meant."""
        return _MEDIA.get(self.theme, "(prefers-color-scheme: dark)")

    @property
    def letter_keys(self) -> bool:
        return bool(getattr(self.user, "letter_keys", True))

    @cached_property
    def rail(self) -> list[dict[str, Any]]:
        """The places this person may open; the current one is the room of the page."""
        match = getattr(self.request, "resolver_match", None)
        here = getattr(match, "app_name", "")
        return [
            {"name": p.name, "icon": p.icon, "href": href, "go": p.go, "current": p.room == here and not self.in_settings,
             "dot": self._asked[0][p.url_name] if p.url_name in self._asked[0] else self._burns(href)}
            for p, href in self._places
        ]  # fmt: skip

    @cached_property
    def _places(self) -> list[tuple[places.Place, str]]:
        return list(places.open_to(self.actor, places.RAIL))

    @cached_property
    def _asked(self) -> tuple[dict[str, bool], str]:
        """Which places of the rail burn by their own account, and the mark of the bell: all in one round trip."""
        if self.actor is None:
            return {}, ""
        said = {place.url_name: place.dot(self.actor) for place, _href in self._places if place.dot}
        asked = {name: size(answer) for name, answer in said.items() if isinstance(answer, tuple)}
        *found, mark = scalars([*asked.values(), places.BELL["mark"](self.actor)]) if places.BELL else [*scalars(list(asked.values())), ""]
        return {name: bool(answer) for name, answer in {**said, **dict(zip(asked, found, strict=True))}.items()}, mark

    def _burns(self, href: str) -> bool:
        """Does a banner that is no drill lead into this place? What burns was asked for the banners."""
        return href != "/" and any(line.href.startswith(href) and not line.tone for line in self.banners)

    @cached_property
    def shortcuts(self) -> list[dict[str, Any]]:
        """Everything reached by G and a letter."""
        found = places.open_to(self.actor, {**places.RAIL, **places.SHORTCUTS})
        return [{"name": p.name, "icon": p.icon, "href": href, "go": p.go} for p, href in found if p.go]

    @cached_property
    def settings(self) -> list[dict[str, Any]]:
        """The pages of settings this person may open."""
        return [
            {"name": p.name, "icon": p.icon, "href": href, "group": p.group, "hint": p.hint,
             "current": getattr(self.request, "path", "") == href}
            for p, href in places.open_to(self.actor, places.SETTINGS)
        ]  # fmt: skip

    @cached_property
    def bell(self) -> dict[str, Any] | None:
        """Where notices are read, and how many are unread."""
        href = link(places.BELL.get("url_name", ""))
        if not href or self.actor is None:
            return None
        return {"href": href, "unread": 0 if self.bell_mark.startswith("0.") else places.BELL["count"](self.actor)}

    @cached_property
    def banners(self) -> list[places.Banner]:
        """What burns, for whoever is at the desk."""
        if self.actor is None or self.actor.kind != "user":
            return []
        return [line for lines in places.BANNERS for line in lines(self.actor)]

    @property
    def banners_mark(self) -> str:
        """What a page knows to burn; only the heartbeat compares it."""
        return digest(*(line.mark for line in self.banners))

    @cached_property
    def bell_mark(self) -> str:
        """Another one as soon as a notice came in or was read."""
        if "_asked" in self.__dict__:
            return self._asked[1]
        return scalars([places.BELL["mark"](self.actor)])[0] if self.actor and places.BELL else ""

    @cached_property
    def start(self) -> dict[str, Any] | None:
        """Where something new is registered."""
        return next(iter(self._list(places.START)), None)

    @cached_property
    def personal(self) -> list[dict[str, Any]]:
        return self._list(places.PERSONAL)

    @cached_property
    def acts(self) -> list[dict[str, Any]]:
        return self._list(places.ACTS)

    @property
    def pulse(self) -> str | None:
        """Who answers the heartbeat of an open page."""
        return link("desk:pulse") if self.user else None

    @property
    def palette(self) -> str | None:
        """Who answers search and commands."""
        return link("desk:palette") if self.user else None

    @property
    def settings_href(self) -> str | None:
        """The list of settings, else the first page of it."""
        return (link("desk:settings") or self.settings[0]["href"]) if self.settings else None

    @property
    def in_settings(self) -> bool:
        path = getattr(self.request, "path", "")
        return any(s["current"] for s in self.settings) or path == link("desk:settings")

    @property
    def layout(self) -> str:
        """The frame that suits whoever is here, for pages that anybody may see (refusals)."""
        if self.user is not None:
            return "ui/desk.html"
        return "ui/portal.html" if getattr(self.request, "path", "").startswith("/p/") else "ui/plain.html"

    @property
    def lang(self) -> str:
        return {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(get_language() or "", get_language() or "zh-Hans")

    @property
    def script_words(self) -> dict[str, str]:
        """Words the script fills numbers into, at #."""
        return {
            "data_day": npgettext("span", "%(n)d day", "%(n)d days", 2).replace("%(n)d", "#"),
            "data_hour": pgettext("span", "%(n)d h").replace("%(n)d", "#"),
            "data_minute": pgettext("span", "%(n)d min").replace("%(n)d", "#"),
            "data_late": pgettext("clock", "over by %(span)s").replace("%(span)s", "#"),
            "data_soon": _("# min left"),
            "data_leave": _("What you typed is not saved yet."),
            "data_offline": _("Nothing was sent: the connection is gone. What you typed is still here."),
            "data_copied": _("Copied #"),
            "data_failed": _("Something broke on our side; nothing was saved. Try again."),
        }

    def _list(self, found: dict[str, places.Place]) -> list[dict[str, Any]]:
        return [{"name": p.name, "icon": p.icon, "href": href} for p, href in places.open_to(self.actor, found)]


def frame(request: HttpRequest | None) -> Frame:
    """The frame of this request."""
    if request is None:
        return Frame(None)
    if not hasattr(request, "_frame"):
        request._frame = Frame(request)  # type: ignore[attr-defined]
    return request._frame  # type: ignore[attr-defined]


def link(name: str, *args: Any, **kwargs: Any) -> str | None:
    """The address of a page, or None when this installation does not have it."""
    if not (args or kwargs):
        return places.address(name) if name else None
    try:
        return reverse(name, args=args or None, kwargs=kwargs or None) if name else None
    except NoReverseMatch:
        return None


def digest(*what: Any) -> str:
    """A short mark of anything that has a repr: two of the same are drawn the same."""
    return blake2b(repr(what).encode(), digest_size=6).hexdigest()


def csrf_field(request: HttpRequest) -> Markup:
    """The hidden field every POST form carries."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))


def nonce_field() -> Markup:
    """For a form that makes something: sent twice, it makes one (matters.actions.once_only). Fresh each time a form is drawn."""
    return Markup('<input type="hidden" name="nonce" value="{}">').format(token_urlsafe(18))
