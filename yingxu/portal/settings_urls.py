from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import staff

app_name = "portal_settings"
places.setting(
    _("Forms and QR codes"),
    "portal_settings:points",
    rule=rules.MANAGE,
    icon="web",
    group=_("Flow"),
    hint=_("Where customers raise needs"),
)
urlpatterns = [
    path("", staff.points, name="points"),
    path("<int:pk>/", staff.point, name="point"),
]
