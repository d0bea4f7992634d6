from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.customers import panels
from yingxu.customers import rules as customers

from .views import classes

app_name = "relations"
urlpatterns = [
    path("", classes.index, name="index"),
    path("export/", classes.export, name="export"),
    path("distribution/", classes.distribution, name="distribution"),
    path("<str:number>/class/<slug:dimension>/", classes.override, name="override"),
    path("<str:number>/class/<slug:dimension>/rules/", classes.take_back, name="take_back"),
]
panels.register("classes", _("Classes"), "relations/of_customer.html", classes.load, rule=customers.VIEW, order=60)
panels.LISTS.append(panels.List(_("Classes"), "flag", "relations:index", customers.VIEW))
