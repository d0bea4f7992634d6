from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import tokens, webhooks

app_name = "api_settings"
urlpatterns = [
    path("", tokens.tokens, name="tokens"),
    path("<int:pk>/revoke/", tokens.revoke, name="revoke"),
    path("webhooks/", webhooks.index, name="webhooks"),
    path("webhooks/new/", webhooks.new, name="new_webhook"),
    path("webhooks/<int:pk>/", webhooks.one, name="webhook"),
    path("webhooks/<int:pk>/edit/", webhooks.edit, name="edit_webhook"),
    path("webhooks/<int:pk>/secret/", webhooks.rotate, name="webhook_secret"),
    path("webhooks/<int:pk>/export/", webhooks.export, name="export_deliveries"),
    path("webhooks/<int:pk>/replay/", webhooks.replay_span, name="replay_span"),
    path("webhooks/<int:pk>/deliveries/<int:sent>/", webhooks.delivery, name="delivery"),
    path("webhooks/<int:pk>/deliveries/<int:sent>/replay/", webhooks.replay, name="replay"),
    re_path(r"^webhooks/(?P<pk>\d{1,18})/(?P<verb>pause|resume|delete|restore|test)/$", webhooks.act, name="webhook_act"),
]

places.setting(
    _("API"), "api_settings:tokens", rule=rules.MANAGE, order=70, icon="link", group=_("Ways in"), hint=_("Other programs: tokens, webhooks, how to call")
)
