from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import consents, requests

app_name = "privacy"
urlpatterns = [
    path("", requests.index, name="index"),
    path("new/", requests.new, name="new"),
    path("export/", requests.export, name="export"),
    path("of/<str:number>/<slug:code>/", consents.agree, name="agree"),
    path("of/<str:number>/<slug:code>/withdrawal/", consents.take_back, name="take_back"),
    path("<str:number>/", requests.one, name="request"),
    path("<str:number>/copy/", requests.copy, name="copy"),
    path("<str:number>/<slug:verb>/", requests.act, name="act"),
]
places.setting(
    _("Privacy requests"), "privacy:index", rule=rules.VIEW, order=71, icon="id", group=_("Personal data"),
    hint=_("Who asks for a copy, a correction, the deletion or an explanation of their data"),
)  # fmt: skip
