from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import recipients

app_name = "recipients"
urlpatterns = [
    path("", recipients.index, name="index"),
    path("new/", recipients.new, name="new"),
    path("export/", recipients.export, name="export"),
    path("<int:pk>/", recipients.one, name="one"),
    path("<int:pk>/edit/", recipients.edit, name="edit"),
    path("<int:pk>/active/", recipients.switch, name="switch"),
]
places.setting(
    _("Recipients"), "recipients:index", rule=rules.MANAGE, order=72, icon="send", group=_("Personal data"),
    hint=_("Whom personal data goes to, on which contract, for which purposes, by which way"),
)  # fmt: skip
