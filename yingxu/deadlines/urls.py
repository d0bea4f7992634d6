from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import answers, rules
from .views import ladders
from .views import time as views

app_name = "deadlines"
urlpatterns = [
    path("", views.index, name="index"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/hours/", views.windows, name="windows"),
    path("calendar/official/<int:year>/", views.official, name="official"),
    path("calendar/<str:on>/", views.day, name="day"),
    path("targets/", views.targets, name="targets"),
    path("targets/<slug:category>/<slug:step>/", views.target, name="target"),
    path("ladders/", ladders.ladders, name="ladders"),
    path("ladders/<slug:category>/", ladders.ladder, name="ladder"),
    path("ladders/<slug:category>/<slug:step>/", ladders.ladder, name="ladder"),
    path("climbs/<int:pk>/", ladders.climb, name="climb"),
    path("extensions/", views.extensions, name="extensions"),
    path("extensions/<int:pk>/", views.decision, name="decision"),
    path("clocks/<int:pk>/", views.arithmetic, name="clock"),
    path("clocks/<int:pk>/extension/", views.extension, name="extension"),
]

_TIME = pgettext_lazy("settings", "Time")
places.setting(_("Working calendar"), "deadlines:calendar", rule=rules.MANAGE, order=30, icon="calendar", group=_TIME,
               hint=_("Working hours, public holidays, company days"))  # fmt: skip
places.setting(_("Time limits"), "deadlines:targets", rule=rules.MANAGE, order=31, icon="clock", group=_TIME,
               hint=_("How long each step may take, by category"))  # fmt: skip
places.setting(_("Escalation"), "deadlines:ladders", rule=rules.MANAGE, order=32, icon="up", group=_TIME,
               hint=_("Who is told, and when, while a step stays late"))  # fmt: skip
places.setting(_("Requests for more time"), "deadlines:extensions", rule=rules.DECIDE_EXTENSION, order=33, icon="snooze",
               group=_TIME, hint=_("Who asked, for what, until when"))  # fmt: skip
answers.register()
