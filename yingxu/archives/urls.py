from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.customers import panels
from yingxu.ui import places

from . import rules, views

app_name = "archives"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("names/", views.names, name="names"),
    path("looks/", views.looks_list, name="looks"),
    path("looks/export/", views.export_looks, name="export_looks"),
    path("<str:number>/looks/", views.looks_list, name="looks_of"),
    path("<str:number>/looks/export/", views.export_looks, name="export_looks_of"),
    path("papers/<int:pk>/<slug:verb>/", views.act_on_paper, name="paper"),
    path("<str:number>/sections/<slug:code>/<slug:verb>/", views.act_on_section, name="section"),
    path("<str:number>/<slug:verb>/", views.act, name="act"),
]

panels.LISTS.append(panels.List(_("Guarded archives"), "lock", "archives:index", rules.VIEW))
panels.ACTS.append(panels.List(pgettext_lazy("archive", "Who looked"), "eye", "archives:looks_of", rules.KEEP))
places.setting(
    _("Secrecy levels"), "archives:names", rule=rules.LABELS, icon="lock", order=13, group=_("People"), hint=_("What the three levels are called")
)
