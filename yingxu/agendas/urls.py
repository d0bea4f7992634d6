from django.urls import path
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import rules, views

app_name = "agendas"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("decisions/", views.decisions, name="decisions"),
    path("decisions/export/", views.export, name="export"),
    path("<str:number>/", views.agenda, name="agenda"),
    path("<str:number>/arrange/", views.arrange, name="arrange"),
    path("<str:number>/refresh/", views.refresh, name="refresh"),
    path("<str:number>/minutes/", views.minutes, name="minutes"),
    path("<str:number>/items/", views.add_item, name="add_item"),
    path("<str:number>/decide/", views.decide, name="decide"),
    path("<str:number>/figures/<slug:code>/", views.figure, name="figure"),
]
places.place(pgettext_lazy("rail", "Council"), "users", "agendas:index", rule=rules.PREPARE, order=28)
