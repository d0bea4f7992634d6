from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("palette/", views.palette, name="palette"),
    path("pulse/", views.pulse, name="pulse"),
    path("settings/", views.settings, name="settings"),
    path("drafts/", views.drafts, name="drafts"),
    path("healthz", views.healthz, name="healthz"),
    path("metrics", views.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
]
places.place(_("Home"), "home", "desk:home", order=0, go="h")
