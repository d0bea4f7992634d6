"""Settings: the ways out."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yingxu.base.errors import Gone, Refusal
from yingxu.base.web import door, go, methods, page

from .. import actions, queries, rules
from ..forms import Common, Mail, RobotForm, Sms, SmsTemplates, TestMail, TestSms
from ..models import Channel, Delivery, MailOut, Robot


def _saved(form: forms.Form, verb: Any) -> bool:
    """Do it; what is refused is written beside the field it is about."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        verb()
    except Refusal as refusal:
        for name, found in (refusal.fields or {"": [refusal.message]}).items():
            form.add_error(name if name in form.fields else None, found)
        return False
    return True


@door(rules.MANAGE)
@methods("GET", "POST")
def index(request: HttpRequest) -> HttpResponse:
    """All ways and how they are doing; what they have in common."""
    row = queries.common()
    form = Common(request.POST or None, initial={"address": row.address, "daily_at": row.daily_at})
    if _saved(form, lambda: actions.set_common(by=request.actor, **form.cleaned_data)):
        return go(request, request.path + "?saved=1")
    context = {
        "form": form, "health": queries.health(), "mail": queries.mail_out(), "sms": queries.sms_out(), "robots": queries.robots(),
        "saved": "saved" in request.GET, "may_outbox": request.actor.may(rules.OUTBOX),
    }  # fmt: skip
    return page(request, "notices/channels.html", context, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("GET", "POST")
def mail(request: HttpRequest) -> HttpResponse:
    row = queries.mail_out()
    names = _stored(Mail, "password")
    form = Mail(request.POST or None, initial={name: getattr(row, name) for name in names})
    if _saved(form, lambda: actions.set_mail(by=request.actor, **form.cleaned_data)):
        return go(request, request.path + "?saved=1")
    return _mail(request, row, form=form, status=422 if form.is_bound else 200)


def _stored(form: type[forms.Form], *but: str) -> list[str]:
    """The fields that lie in the row itself; whom it goes to is in the register of recipients."""
    return [name for name in form.base_fields if name not in ("party", *but)]


def _mail(
    request: HttpRequest, row: MailOut, *, form: Any = None, test: Any = None, tried: Delivery | None = None, status: int = 200
) -> HttpResponse:
    names = _stored(Mail, "password")
    form = form or Mail(initial={name: getattr(row, name) for name in names})
    context = {"form": form, "test": test or TestMail(), "tried": tried, "row": row, "saved": "saved" in request.GET}
    return page(request, "notices/mail.html", context, status=status)


@door(rules.MANAGE)
@methods("POST")
def mail_test(request: HttpRequest) -> HttpResponse:
    form, tried = TestMail(request.POST), []
    _saved(form, lambda: tried.append(actions.try_out(Channel.MAIL, form.cleaned_data["to"], by=request.actor)))
    return _mail(request, queries.mail_out(), test=form, tried=tried[0] if tried else None, status=200 if tried else 422)


@door(rules.MANAGE)
@methods("GET", "POST")
def sms(request: HttpRequest) -> HttpResponse:
    form = _sms_form(request.POST or None)
    if _saved(form, lambda: actions.set_sms(by=request.actor, **form.cleaned_data)):
        return go(request, request.path + "?saved=1")
    return _sms(request, form=form, status=422 if form.is_bound else 200)


def _sms_form(data: Any = None) -> Sms:
    row = queries.sms_out()
    return Sms(data, initial={name: getattr(row, name) for name in ("provider", "key_id", "sign_name", "app_id", "region")})


def _sms(
    request: HttpRequest, *, form: Any = None, templates: Any = None, test: Any = None, tried: Delivery | None = None, status: int = 200
) -> HttpResponse:
    known = queries.sms_templates()
    start = {f"code.{t.key}": code for t, code, _names in known} | {f"order.{t.key}": ", ".join(names) for t, _code, names in known}
    templates = templates or SmsTemplates(initial=start)
    rows = [{"template": t, "code": templates[f"code.{t.key}"], "order": templates[f"order.{t.key}"]} for t, _code, _names in known]
    context = {
        "form": form or _sms_form(), "templates": templates, "rows": rows, "test": test or TestSms(), "tried": tried, "saved": "saved" in request.GET,
    }  # fmt: skip
    return page(request, "notices/sms.html", context, status=status)


@door(rules.MANAGE)
@methods("POST")
def sms_templates(request: HttpRequest) -> HttpResponse:
    form = SmsTemplates(request.POST)
    if _saved(form, lambda: actions.set_sms_templates(by=request.actor, **form.wanted())):
        return go(request, reverse("channels:sms") + "?saved=1")
    return _sms(request, templates=form, status=422)


@door(rules.MANAGE)
@methods("POST")
def sms_test(request: HttpRequest) -> HttpResponse:
    form, tried = TestSms(request.POST), []
    data = form.data
    _saved(form, lambda: tried.append(actions.try_out(Channel.SMS, data["to"], by=request.actor, template=data["template"])))
    return _sms(request, test=form, tried=tried[0] if tried else None, status=200 if tried else 422)


@door(rules.MANAGE)
@methods("GET", "POST")
def robots(request: HttpRequest) -> HttpResponse:
    form = RobotForm(request.POST or None)
    if _saved(form, lambda: actions.add_robot(by=request.actor, **form.cleaned_data)):
        return go(request, request.path + "?saved=1")
    context = {"form": form, "robots": queries.robots(), "saved": "saved" in request.GET}
    return page(request, "notices/robots.html", context, status=422 if form.is_bound else 200)


@door(rules.MANAGE)
@methods("GET", "POST")
def robot(request: HttpRequest, pk: int) -> HttpResponse:
    row = _robot(pk)
    form = RobotForm(request.POST or None, robot=row)
    if _saved(form, lambda: actions.edit_robot(row, by=request.actor, **form.cleaned_data)):
        return go(request, request.path + "?saved=1")
    return _one_robot(request, row, form=form, status=422 if form.is_bound else 200)


def _one_robot(request: HttpRequest, row: Robot, *, form: Any = None, tried: Delivery | None = None, status: int = 200) -> HttpResponse:
    context = {"robot": row, "form": form or RobotForm(robot=row), "tried": tried, "saved": "saved" in request.GET}
    return page(request, "notices/robot.html", context, status=status)


@door(rules.MANAGE)
@methods("POST")
def robot_on(request: HttpRequest, pk: int) -> HttpResponse:
    actions.switch_robot(_robot(pk), by=request.actor, on=request.POST.get("on") == "on")
    return go(request, reverse("channels:robot", args=[pk]) + "?saved=1")


@door(rules.MANAGE)
@methods("POST")
def robot_test(request: HttpRequest, pk: int) -> HttpResponse:
    row = _robot(pk)
    return _one_robot(request, row, tried=actions.try_out(row.channel, str(row.pk), by=request.actor))


def _robot(pk: int) -> Robot:
    found = queries.robot(pk)
    if found is None:
        raise Gone()
    return found
