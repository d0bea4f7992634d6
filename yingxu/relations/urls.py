from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.customers import panels
from yingxu.customers import rules as customers

from .views import care, classes, prospects

app_name = "relations"
urlpatterns = [
    path("", classes.index, name="index"),
    path("export/", classes.export, name="export"),
    path("distribution/", classes.distribution, name="distribution"),
    path("prospects/", prospects.prospects, name="prospects"),
    path("prospects/board/", prospects.board, name="board"),
    path("prospects/conversion/", prospects.conversion, name="conversion"),
    path("prospects/export/", prospects.export_prospects, name="export_prospects"),
    path("care/", care.month, name="care"),
    path("care/export/", care.export_care, name="export_care"),
    path("<str:number>/birthday/", care.birthday, name="birthday"),
    path("<str:number>/birthday/<int:pk>/removal/", care.no_birthday, name="no_birthday"),
    path("<str:number>/care/<int:pk>/<slug:verb>/", care.settle, name="settle"),
    path("<str:number>/prospect/<slug:verb>/", prospects.prospect_act, name="prospect_act"),
    path("<str:number>/class/<slug:dimension>/", classes.override, name="override"),
    path("<str:number>/class/<slug:dimension>/rules/", classes.take_back, name="take_back"),
]
panels.register("classes", _("Classes"), "relations/of_customer.html", classes.load, rule=customers.VIEW, order=60)
panels.register("prospects", _("Prospects"), "relations/prospects_of_customer.html", prospects.load_prospects, rule=customers.VIEW, order=61)
panels.register("care", _("Care"), "relations/care_of_customer.html", care.load_care, rule=customers.VIEW, order=62)
panels.LISTS.append(panels.List(_("Classes"), "flag", "relations:index", customers.VIEW))
panels.LISTS.append(panels.List(_("Prospects"), "flag", "relations:board", customers.VIEW))
panels.LISTS.append(panels.List(_("Care calendar"), "calendar", "relations:care", customers.VIEW))
