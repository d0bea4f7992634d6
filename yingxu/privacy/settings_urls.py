from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import settings

app_name = "privacy_settings"
urlpatterns = [
    path("", settings.index, name="index"),
    path("records/", settings.records, name="records"),
    path("notice/", settings.notice, name="notice"),
    path("notice/<str:version>/", settings.notice_read, name="notice_read"),
    path("purposes/new/", settings.purpose, name="new_purpose"),
    path("purposes/<slug:code>/", settings.purpose, name="purpose"),
    path("purposes/<slug:code>/active/", settings.purpose_active, name="purpose_active"),
    path("retention/<str:kind>/", settings.retention, name="retention"),
    path("retention/<str:kind>/due/", settings.due, name="due"),
]
places.setting(
    _("Purposes and retention"), "privacy_settings:index", rule=rules.MANAGE, order=70, icon="lock", group=_("Personal data"),
    hint=_("What personal data is used for, in which words people are told, and how long it is kept"),
)  # fmt: skip
