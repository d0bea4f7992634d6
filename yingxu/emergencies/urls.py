from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.customers import panels as customers
from yingxu.needs import panels
from yingxu.ui import places

from . import rules, views
from .views import shown

app_name = "emergencies"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.declare, name="new"),
    path("export/", views.export, name="export"),
    path("reserves/", views.register, name="reserves"),
    path("reserves/new/", views.take_in, name="take_in"),
    path("reserves/export/", views.export_reserves, name="export_reserves"),
    path("reserves/import/", views.import_reserves, name="import_reserves"),
    path("reserves/<str:number>/", views.reserve, name="reserve"),
    path("reserves/<str:number>/edit/", views.amend, name="amend"),
    path("reserves/<str:number>/<slug:verb>/", views.move, name="move"),
    path("<str:number>/", views.detail, name="detail"),
    path("<str:number>/live/", views.live, name="live"),
    path("<str:number>/log/", views.write, name="write"),
    path("<str:number>/print/", views.print_view, name="print"),
    path("<str:number>/export/", views.export_report, name="export_report"),
    path("<str:number>/calls/<int:pk>/", views.call_done, name="call_done"),
    path("<str:number>/<slug:verb>/", views.act, name="act"),
]

customers.register("emergencies", _("Emergencies"), "emergencies/of_customer.html", shown.of_customer, rule=rules.VIEW, order=45)
panels.register("emergencies", "emergencies/of_need.html", shown.of_need, rule=rules.VIEW, order=10)
places.place(_("Emergency"), "alarm", "emergencies:index", rule=rules.VIEW, order=45, go="e")
places.shortcut(_("Declare an emergency"), "emergencies:new", "", rule=rules.DECLARE, icon="alarm")
places.shortcut(_("Reserves"), "emergencies:reserves", "", rule=rules.VIEW_RESERVES, icon="box")
places.banner(shown.banner)
