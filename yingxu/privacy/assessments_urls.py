from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import assessments

app_name = "assessments"
urlpatterns = [
    path("", assessments.index, name="index"),
    path("new/", assessments.new, name="new"),
    path("export/", assessments.export, name="export"),
    path("<str:number>/", assessments.one, name="one"),
    path("<str:number>/edit/", assessments.edit, name="edit"),
    path("<str:number>/<slug:verb>/", assessments.act, name="act"),
]
places.setting(
    _("Impact assessments"), "assessments:index", rule=rules.VIEW_ASSESSMENTS, order=73, icon="policy", group=_("Personal data"),
    hint=_("What a use of personal data does to people, weighed up before it begins"),
)  # fmt: skip
