from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from yingxu.customers import panels
from yingxu.matters import access
from yingxu.privacy import kinds

from . import rules, shown, views

app_name = "destruction"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("certificates/<str:number>/", views.certificate, name="certificate"),
    path("due/<str:kind>/", views.propose_due, name="propose_due"),
    path("gone/<str:number>/", views.gone, name="gone"),
    path("of/<str:number>/", views.propose, name="propose"),
    path("of/<str:number>/hold/", views.hold, name="hold"),
    path("<str:number>/", views.proposal, name="proposal"),
    path("<str:number>/<slug:verb>/", views.act, name="act"),
]
panels.LISTS.append(panels.List(_("Destruction"), "x", "destruction:index", rules.VIEW))
panels.register("destruction", _("Destruction"), "destruction/of_customer.html", shown.of_customer, rule=rules.VIEW, order=96)
access.GRAVES.append(lambda matter: reverse("destruction:gone", args=[matter.number]))
kinds.NEXT.append((_("Propose destruction"), "destruction:propose_due", rules.PROPOSE))
