"""From a delivery to the provider: which one, under which template, and what to do when the last try may have gone through."""

from django.utils.translation import gettext as _

from .. import queries, words
from ..models import Attempt, Delivery, SmsOut
from ..sending import Result, Taken
from .aliyun import Aliyun
from .port import Message, Provider, Recording
from .templates import TEMPLATES
from .tencent import Tencent

Outcome = Attempt.Outcome


def provider(out: SmsOut) -> Provider:
    """The one that is set up."""
    if out.provider == SmsOut.Provider.ALIYUN:
        return Aliyun(out.key_id, out.secret, out.sign_name)
    if out.provider == SmsOut.Provider.TENCENT:
        return Tencent(out.key_id, out.secret, out.sign_name, out.app_id, out.region)
    return Recording()


def hand_over(taken: Taken) -> Result:
    """The port of the outbox for SMS."""
    row, out = taken.row, queries.sms_out()
    key, params = _asked(row)
    if not key:
        return Result(Outcome.LEFT, _("Nothing is left to say."))
    template = TEMPLATES.get(key)
    if template is None:
        return Result(Outcome.REFUSED, _("There is no SMS template “%(key)s”.") % {"key": key})
    code, names = queries.sms_code(key, template.names)
    if out.provider != SmsOut.Provider.RECORDING and not code:
        return Result(Outcome.LATER, _("The provider's code of the template “%(title)s” is not set.") % {"title": template.title}, hold=True)
    message = Message(code, [(name, params.get(name, "")) for name in names], row.to, row.ref.hex)
    way = provider(out)
    if taken.unsure:
        first = row.attempts.filter(outcome=Outcome.LOST).earliest("number")
        receipt = way.receipt(message, first.at)
        if receipt.known:
            return Result(Outcome.SENT, provider_id=receipt.provider_id)
        if receipt.known is None and not row.urgent:
            words_ = _("It may have been sent already, and the provider cannot tell. Look into its records, then send again or cancel.")
            return Result(Outcome.LATER, words_, hold=True)
    return way.send(message)


def _asked(row: Delivery) -> tuple[str, dict[str, str]]:
    content = row.content
    if content.get("template"):
        return content["template"], content.get("params", {})
    told = words.fresh(row)
    if not told:
        return "", {}
    said = words.sms(row, told)
    return said.template, said.params
