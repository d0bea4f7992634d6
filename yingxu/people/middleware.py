"""Who is at the door: language, actor, and deny by default."""

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from yingxu.base.access import Rule
from yingxu.base.action import check
from yingxu.base.web import AWAY, answer_to, asked_by_htmx, peer

from . import devices, offices, queries, strictness
from .actions import Device
from .models import User

NEW_PASSWORD = "/settings/me/password/"
NEW_FACTOR = "/settings/me/security/app/"


class Language:
    """The person's own language, else the one chosen in this session, else Simplified Chinese."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            here = "" if request.path.startswith("/api/") else request.session.get("language")  # no session is looked at for the API
            code = here or _asked(request)
        except AWAY:  # the session is read again at the door, which then says so
            code = _asked(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


def _asked(request: HttpRequest) -> str:
    """API and portal callers may ask by Accept-Language; anything unknown is answered in Simplified Chinese."""
    if request.path.startswith(("/api/", "/p/")):
        return translation.get_language_from_request(request)
    return settings.LANGUAGE_CODE


class Doors:
    """Opens a view only if it declared a door and the person may pass it. Sets request.actor for staff."""

    def __init__(self, get_response: Callable) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        try:
            return self._pass(request, view)
        except Exception as error:
            request.actor = None  # type: ignore[attr-defined]
            answer = answer_to(request, error)
            if answer is None:
                raise
            return answer

    def _pass(self, request: HttpRequest, view: Callable) -> HttpResponse | None:
        door = getattr(view, "door", None)
        if door == "public":
            return None
        if not request.user.is_authenticated or not request.user.is_active or self._ended(request, view):
            return self._sign_in(request)
        if not getattr(view, "before_password", False):
            if asks_new_password(request):
                return self._to(request, NEW_PASSWORD)
            if request.session.get("factor_due"):
                return self._to(request, NEW_FACTOR)
        request.actor = queries.actor(request.user)  # type: ignore[attr-defined]
        if isinstance(door, Rule):
            check(door, request.actor)
        elif door != "signed_in":
            raise RuntimeError(f"{view.__module__}.{getattr(view, '__name__', view)} declares no door")
        return None

    def _ended(self, request: HttpRequest, view: Callable) -> bool:
        now = timezone.now().timestamp()
        session = request.session
        idle = now - session.get("seen_at", now) > session.get("idle", 30 * 60)
        old = now - session.get("began_at", now) > session.get("longest", 12 * 3600)
        if idle or old or session.get("mark") != request.user.session_mark:
            logout(request)
            return True
        if not getattr(view, "poll", False) and now - session.get("seen_at", 0) > 60:
            session["seen_at"] = now
        return False

    def _sign_in(self, request: HttpRequest) -> HttpResponse:
        here = request.headers.get("HX-Current-URL", "") if asked_by_htmx(request) else request.get_full_path()
        to = f"{settings.LOGIN_URL}?next={quote(here)}" if here.startswith("/") and here != "/" else settings.LOGIN_URL
        return self._to(request, to)

    def _to(self, request: HttpRequest, to: str) -> HttpResponse:
        if asked_by_htmx(request):
            return HttpResponse(status=401, headers={"HX-Redirect": to})
        return HttpResponse(status=302, headers={"Location": to})


CAME = "came"  # how: {"way": "provider" or "passkey", …}; nothing of it for a password


def asks_new_password(request: HttpRequest) -> bool:
    """Must a new password come first? Not for whoever came in without one."""
    return bool(request.user.password_due or request.session.get("password_old")) and not request.session.get(CAME)


def enter(request: HttpRequest, user: User, *, came: dict | None = None) -> None:
    """This browser is this person from now on, in a session of its own. How long it lives is what the company says now. `came` says how, when
    it was no password: {"way", "factor": a second factor was asked for there, …}; who is in already came as they did."""
    if came is None and request.user.is_authenticated and request.user.pk == user.pk:
        came = request.session.get(CAME)
    request.session.flush()
    login(request, user)
    now, given = timezone.now().timestamp(), strictness.rules()
    by = queries.actor(user)
    administers = offices.administers(by)
    minutes = min(given.idle_minutes, given.idle_minutes_administrators) if administers else given.idle_minutes
    kept = {"mark": user.session_mark, "seen_at": now, "began_at": now, "idle": minutes * 60, "longest": given.longest_hours * 3600}
    request.session.update(kept | {"device": device(request).name, "peer": peer(request)})
    if strictness.too_old(user):
        request.session["password_old"] = True
    if came:
        request.session[CAME] = came
    if strictness.demands_factor(user, by) and not queries.has_factor(user) and not (came or {}).get("factor"):
        request.session["factor_due"] = True
    request.session.set_expiry(given.longest_hours * 3600)
    if user.language:
        request.session["language"] = user.language


def device(request: HttpRequest) -> Device:
    """The browser that asks."""
    cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")[:100]
    return Device(cookie, devices.called(request.headers.get("User-Agent", ""))[:80])
