from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import channels, ways

app_name = "channels"
urlpatterns = [
    path("me/notices/", ways.ways, name="ways"),
    path("channels/", channels.index, name="index"),
    path("channels/mail/", channels.mail, name="mail"),
    path("channels/mail/test/", channels.mail_test, name="mail_test"),
    path("channels/sms/", channels.sms, name="sms"),
    path("channels/sms/templates/", channels.sms_templates, name="sms_templates"),
    path("channels/sms/test/", channels.sms_test, name="sms_test"),
    path("channels/robots/", channels.robots, name="robots"),
    path("channels/robots/<int:pk>/", channels.robot, name="robot"),
    path("channels/robots/<int:pk>/on/", channels.robot_on, name="robot_on"),
    path("channels/robots/<int:pk>/test/", channels.robot_test, name="robot_test"),
]
places.personal(_("How I am told"), "bell", "channels:ways", order=20)
places.setting(
    _("Ways out"), "channels:index", rule=rules.MANAGE, order=60, icon="send", group=_("Messages"),
    hint=_("Mail, SMS and group robots: what leaves the house, and how it is doing"),
)  # fmt: skip
places.setting(
    _("Outbox"), "notices:outbox", rule=rules.OUTBOX, order=61, icon="upload", group=_("Messages"),
    hint=_("Everything that was or will be sent, with its state"),
)  # fmt: skip
