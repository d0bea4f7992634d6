from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import rules, views

app_name = "routing"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:code>/", views.rule, name="rule"),
    path("<slug:code>/active/", views.switch, name="switch"),
    path("<slug:code>/place/", views.move, name="move"),
]

places.setting(_("Routing"), "routing:index", rule=rules.MANAGE, order=25, icon="split", group=pgettext_lazy("settings", "Records"),
               hint=_("Which department takes what"))  # fmt: skip
