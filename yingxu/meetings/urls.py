from django.urls import path
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import rules, views

app_name = "meetings"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("call/", views.call, name="call"),
    path("<str:number>/", views.meeting, name="meeting"),
    path("<str:number>/invitation.ics", views.invitation, name="invitation"),
    path("<str:number>/minutes/", views.minutes, name="minutes"),
    path("<str:number>/<slug:verb>/", views.act, name="act"),
]
places.place(pgettext_lazy("rail", "Meetings"), "calendar", "meetings:index", rule=rules.VIEW, order=27, go="m")
