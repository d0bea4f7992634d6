from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.needs import rules as needs_rules
from yingxu.ui import places

from . import rules
from .views import desk, imports, mailboxes, mails

app_name = "intake"
places.start(_("Register need"), "intake:new", rule=needs_rules.REGISTER)
places.setting(
    _("Imports"),
    "intake:imports",
    rule=rules.IMPORT,
    icon="upload",
    group=_("Data"),
    hint=_("Lists and logs from spreadsheets"),
)
places.place(_("Mails"), "mail", "intake:mails", rule=rules.MAILS, order=25, go="m")
places.setting(
    _("Mailboxes"), "intake:mailboxes", rule=rules.MAILBOXES, order=71, icon="mail", group=_("Ways in"),
    hint=_("Which addresses mail is taken in for, and how"),
)  # fmt: skip
urlpatterns = [
    path("", desk.new, name="new"),
    path("found/", desk.found, name="found"),
    path("beside/", desk.beside, name="beside"),
    path("fields/", desk.fields, name="fields"),
    path("mails/", mails.index, name="mails"),
    path("mails/export/", mails.export, name="export_mails"),
    path("mails/<int:pk>/", mails.mail, name="mail"),
    path("mails/<int:pk>/frame/", mails.frame, name="mail_frame"),
    path("mails/<int:pk>/original/", mails.original, name="mail_original"),
    path("mails/<int:pk>/<slug:verb>/", mails.act, name="mail_act"),
    path("mailboxes/", mailboxes.index, name="mailboxes"),
    path("mailboxes/<int:pk>/", mailboxes.mailbox, name="mailbox"),
    path("mailboxes/<int:pk>/active/", mailboxes.switch, name="mailbox_active"),
    path("mailboxes/<int:pk>/fetch/", mailboxes.fetch, name="mailbox_fetch"),
    path("imports/", imports.index, name="imports"),
    path("imports/<int:pk>/", imports.run, name="run"),
    path("imports/<int:pk>/progress/", imports.progress, name="progress"),
    path("imports/<int:pk>/refused/", imports.refused, name="refused"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo"),
    path("imports/<int:pk>/again/", imports.again, name="again"),
]
