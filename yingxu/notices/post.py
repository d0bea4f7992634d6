"""The port of the outbox for mail."""

from django.utils.translation import gettext as _

from . import queries, smtp, words
from .letters import letter
from .models import Attempt
from .sending import Result, Taken

Outcome = Attempt.Outcome


def hand_over(taken: Taken) -> Result:
    """One letter to the company's server. Sent again after an unknown outcome, it has the Message-ID it had."""
    row, out = taken.row, queries.mail_out()
    if not (out.host and out.from_address):
        return Result(Outcome.LATER, _("No mail server is set up."), hold=True)
    content = row.content
    if content or row.parts.exists():
        said = words.Said(row.subject, content.get("body", ""), content.get("html", ""))
    else:
        told = words.fresh(row)
        if not told:
            return Result(Outcome.LEFT, _("Nothing is left to say."))
        said = words.mail(row, told)
    automatic = content.get("automatic", False) or row.user_id is not None
    try:
        mail = letter(row, out, subject=said.subject, body=said.body, html=said.html, automatic=automatic)
    except ValueError as wrong:
        return Result(Outcome.REFUSED, _("This cannot be written as a mail: %(why)s") % {"why": wrong})
    return smtp.transmit(out, mail, row.to)
