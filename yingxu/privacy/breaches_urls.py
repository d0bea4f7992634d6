from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import breaches

app_name = "breaches"
urlpatterns = [
    path("", breaches.index, name="index"),
    path("new/", breaches.new, name="new"),
    path("export/", breaches.export, name="export"),
    path("<str:number>/", breaches.one, name="one"),
    path("<str:number>/persons/", breaches.persons, name="persons"),
    path("<str:number>/report/", breaches.report, name="report"),
    path("<str:number>/<slug:verb>/", breaches.act, name="act"),
]
places.setting(
    _("Data breaches"), "breaches:index", rule=rules.VIEW_BREACHES, order=74, icon="warning", group=_("Personal data"),
    hint=_("What leaked, was changed, lost or misused; who was told, and when"),
)  # fmt: skip
