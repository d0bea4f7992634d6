"""Webhooks for programs that look after them: endpoints, their deliveries, and sending once more."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Router

from yingxu.base.access import Actor
from yingxu.base.errors import Invalid
from yingxu.matters import catalogue
from yingxu.people.models import User

from . import actions, door, hooked, rules, showing
from . import hook_shapes as shapes
from .errors import Malformed
from .models import Delivery, Endpoint
from .needs import KEY
from .paging import page_of
from .queries import person, user
from .shapes import Nothing

router = Router(tags=[gettext_noop("Webhooks")])
_LISTED = {
    "state": gettext_noop("waiting, delivered, failed or withheld"),
    "event": gettext_noop("Name of an event"),
    "cursor": gettext_noop("From next or previous"),
    "size": gettext_noop("Entries a page, at most 200"),
}


@router.get("/events", response=list[shapes.EventRef], summary=gettext_noop("The events a webhook may hear"))
def events(request: HttpRequest) -> list[dict[str, Any]]:
    door.by(request, rules.MANAGE)
    return [{"name": name, "sentence": said, "room": name.partition(".")[0]} for room in catalogue.rooms(hooked.events()) for name, said in room.events]


@router.get("", response=list[shapes.Endpoint], summary=gettext_noop("The webhooks"))
def index(request: HttpRequest) -> list[dict[str, Any]]:
    return [showing.endpoint(found, health) for found, health in hooked.endpoints(door.by(request, rules.MANAGE))]


@router.post(
    "", response={201: shapes.EndpointMade}, summary=gettext_noop("Add a webhook"), openapi_extra={"parameters": [KEY]},
    description=gettext_noop("The answer holds the secret, which is never shown again; repeated under the same key it is empty. Recipient and purpose are required by law."),
)  # fmt: skip
def add(request: HttpRequest, data: shapes.NewEndpoint, response: HttpResponse) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    given = {name: getattr(data, name) for name in ("name", "url", "recipient", "purpose", "events")}
    secrets: list[str] = []

    def make() -> Endpoint:
        endpoint, secret = actions.make_endpoint(by=by, user=_for(data.user, by), **given)
        secrets.append(secret)
        return endpoint

    made = door.once(request, response, make)
    response["Location"] = f"/api/v1/webhooks/{made.pk}"
    return {**_shown(made.pk, by), "secret": "".join(secrets)}


@router.get("/{pk}", response=shapes.Endpoint, summary=gettext_noop("One webhook"))
def one(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _shown(pk, door.by(request, rules.MANAGE))


@router.patch("/{pk}", response=shapes.Endpoint, summary=gettext_noop("Change a webhook"), description=gettext_noop("Only the fields that are sent change."))
def change(request: HttpRequest, pk: int, data: shapes.EndpointChanges) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    found, given = hooked.endpoint(pk, by), data.given()
    if "user" in given:
        given["user"] = _for(given["user"], by)
    kept = {name: getattr(found, name) for name in ("name", "recipient", "purpose", "events", "user")}
    actions.change_endpoint(found, by=by, **{**kept, **given})
    return _shown(pk, by)


@router.delete("/{pk}", response=shapes.Endpoint, summary=gettext_noop("Delete a webhook"), description=gettext_noop("POST /webhooks/{pk}/restore brings it back."))
def delete(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _done(request, pk, actions.delete_endpoint)


@router.post("/{pk}/restore", response=shapes.Endpoint, summary=gettext_noop("Bring a deleted webhook back"))
def restore(request: HttpRequest, pk: int, data: Nothing) -> dict[str, Any]:
    return _done(request, pk, actions.restore_endpoint)


@router.post("/{pk}/pause", response=shapes.Endpoint, summary=gettext_noop("Pause a webhook; what happens meanwhile waits"))
def pause(request: HttpRequest, pk: int, data: Nothing) -> dict[str, Any]:
    return _done(request, pk, actions.pause_endpoint)


@router.post("/{pk}/resume", response=shapes.Endpoint, summary=gettext_noop("Let a paused webhook go on"))
def resume(request: HttpRequest, pk: int, data: Nothing) -> dict[str, Any]:
    return _done(request, pk, actions.resume_endpoint)


@router.post("/{pk}/test", response={201: shapes.Delivery}, summary=gettext_noop("Send a test"))
def test(request: HttpRequest, pk: int, data: Nothing) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    found = hooked.endpoint(pk, by)
    return showing.delivery(hooked.delivery(found, actions.send_test(found, by=by).pk, by))


@router.post("/{pk}/secret", response=shapes.Secret, summary=gettext_noop("Make a new secret"))
def rotate(request: HttpRequest, pk: int, data: shapes.Rotation) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    secret = actions.rotate_secret(hooked.endpoint(pk, by), by=by, overlap_hours=data.overlap_hours)
    return {"secret": secret, "old_until": showing.local(hooked.endpoint(pk, by).old_until)}


@router.get(
    "/{pk}/deliveries", response=shapes.DeliveryPage, summary=gettext_noop("What was or will be sent"),
    openapi_extra={"parameters": [{"in": "query", "name": n, "schema": {"type": "string"}, "description": d} for n, d in _LISTED.items()]},
)  # fmt: skip
def deliveries(request: HttpRequest, pk: int) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    asked = {key: request.GET.get(key, "").strip() for key in _LISTED}
    unknown = set(request.GET) - set(_LISTED)
    if unknown or (asked["state"] and asked["state"] not in Delivery.State.values):
        raise Malformed(_("This list cannot be filtered by “%(key)s”.") % {"key": sorted(unknown or {"state"})[0][:40]}, code="filter")
    found = hooked.endpoint(pk, by)
    try:
        page = hooked.deliveries(found, by, state=asked["state"], event=asked["event"][:60], cursor=asked["cursor"], size=_size(asked["size"]))
    except Invalid as refusal:
        raise Malformed(refusal.message, code=refusal.code) from None
    return page_of(request, page, [showing.delivery(line) for line in page.rows])


@router.get("/{pk}/deliveries/{delivery}", response=shapes.DeliveryFull, summary=gettext_noop("One delivery with its attempts"))
def one_delivery(request: HttpRequest, pk: int, delivery: int) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    line = hooked.delivery(hooked.endpoint(pk, by), delivery, by)
    tried = [showing.attempt(found) for found in hooked.attempts(line.delivery)]
    return {**showing.delivery(line), "attempts": tried, "body": hooked.body(line)}


@router.post("/{pk}/deliveries/{delivery}/replay", response=shapes.Delivery, summary=gettext_noop("Send a delivery once more"))
def replay(request: HttpRequest, pk: int, delivery: int, data: Nothing) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    found = hooked.endpoint(pk, by)
    actions.replay(hooked.delivery(found, delivery, by).delivery, by=by)
    return showing.delivery(hooked.delivery(found, delivery, by))


@router.post("/{pk}/replay", response=shapes.Count, summary=gettext_noop("Send everything of a span once more"))
def replay_span(request: HttpRequest, pk: int, data: shapes.Span) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    return {"count": actions.replay_span(hooked.endpoint(pk, by), by=by, start=data.start, end=data.end, states=data.states)}


def _done(request: HttpRequest, pk: int, verb: Any) -> dict[str, Any]:
    by = door.by(request, rules.MANAGE)
    verb(hooked.endpoint(pk, by), by=by)
    return _shown(pk, by)


def _shown(pk: int, by: Actor) -> dict[str, Any]:
    found: Endpoint = hooked.endpoint(pk, by)
    return showing.endpoint(found, hooked.health([pk])[pk])


def _for(username: str | None, by: Actor) -> User:
    """Whom it acts for: the person named, else the token's own. Raises Invalid."""
    found = person(username, "user") or user(by.user_id)
    if found is None:
        raise Invalid.field("user", _("Say whom it acts for."))
    return found


def _size(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Malformed(_("size is a number from 1 to 200."), code="filter")
    return int(text or 50)
