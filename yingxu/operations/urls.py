from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import rules, views

app_name = "operations"
urlpatterns = [
    path("backups/", views.backups, name="backups"),
    path("backups/progress/", views.progress, name="progress"),
    path("backups/take/", views.take, name="take"),
    path("backups/prove/", views.prove, name="prove"),
    path("keys/", views.keys, name="keys"),
    path("keys/progress/", views.sealing, name="sealing"),
    path("keys/rotate/", views.rotate, name="rotate"),
    path("keys/<slug:key>/retire/", views.retire, name="retire"),
    path("health/", views.health, name="health"),
]
_GROUP = pgettext_lazy("settings", "Operation")
places.setting(_("Backups"), "operations:backups", rule=rules.MANAGE, order=80, icon="box", group=_GROUP, hint=_("What is kept elsewhere, and whether it really comes back"))
places.setting(pgettext_lazy("sealing", "Keys"), "operations:keys", rule=rules.MANAGE, order=81, icon="lock", group=_GROUP, hint=_("What personal numbers and passwords are sealed with"))
places.setting(_("Health"), "operations:health", rule=rules.MANAGE, order=82, icon="clock", group=_GROUP, hint=_("Does everything go round?"))
