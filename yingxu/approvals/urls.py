from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import queries, rules
from .views import deputies, requests

app_name = "approvals"
urlpatterns = [
    path("", requests.index, name="index"),
    path("new/", requests.propose, name="propose"),
    path("export/", requests.export, name="export"),
    path("deputies/", deputies.deputies, name="deputies"),
    path("deputies/new/", deputies.name, name="name_deputy"),
    path("deputies/<int:pk>/end/", deputies.end, name="end_deputy"),
    path("<int:pk>/", requests.request_, name="request"),
    path("<int:pk>/<slug:verb>/", requests.act, name="act"),
]
places.place(pgettext_lazy("rail", "Approvals"), "stamp", "approvals:index", rule=rules.VIEW, order=26, go="a", dot=queries.any_waiting)
places.shortcut(_("Ask for a signature"), "approvals:propose", "", rule=rules.ASK, icon="stamp")
places.shortcut(_("Deputies"), "approvals:deputies", "", rule=rules.DEPUTISE, icon="users")
