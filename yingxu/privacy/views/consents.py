"""What a customer agreed to, written down and taken back from the page of the customer's file."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yingxu.base.web import door, methods
from yingxu.matters import queries as matters
from yingxu.ui.asking import ask

from .. import actions, forms, queries, rules


@door(rules.RECORD)
@methods("GET", "POST")
def agree(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Write down that the customer agreed to a purpose, or refused, under the words in force."""
    file, purpose = queries.file(number, request.actor), queries.purpose(code)
    said = purpose.wordings.first()
    form = forms.Agree(request.POST if request.method == "POST" else None)
    return ask(
        request, form, lambda **given: actions.agree(file, by=request.actor, purpose=purpose, **given), title=_("Write down the consent"),
        said=_("Written down"), address=reverse("privacy:agree", args=[number, code]), back=f"{matters.page_of(file)}?part=consents", number=number,
        subject=f"{purpose.name}：{said.scope}。{said.means}",
    )  # fmt: skip


@door(rules.RECORD)
@methods("GET", "POST")
def take_back(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """The customer takes it back; the use ends with this."""
    file, purpose = queries.file(number, request.actor), queries.purpose(code)
    form = forms.TakeBack(request.POST if request.method == "POST" else None)
    return ask(
        request, form, lambda **given: actions.withdraw(file, by=request.actor, purpose=purpose, **given), title=_("Take the consent back"),
        said=_("Taken back; this use has ended"), address=reverse("privacy:take_back", args=[number, code]),
        back=f"{matters.page_of(file)}?part=consents", number=number, subject=purpose.name, danger=True,
    )  # fmt: skip
