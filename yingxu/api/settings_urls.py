from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules, views

app_name = "api_settings"
urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("<int:pk>/revoke/", views.revoke, name="revoke"),
]

places.setting(
    _("API"), "api_settings:tokens", rule=rules.MANAGE, order=70, icon="link", group=_("Ways in"), hint=_("Other programs: tokens and how to call")
)
