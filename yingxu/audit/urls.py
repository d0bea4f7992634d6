from django.urls import path
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import rules, views

app_name = "audit"
urlpatterns = [
    path("", views.index, name="index"),
    path("seals/", views.sealed, name="seals"),
    path("export/", views.export, name="export"),
    path("verify/", views.verify, name="verify"),
]
places.place(pgettext_lazy("rail", "Audit"), "scan", "audit:index", rule=rules.VIEW, order=80)
