from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules, views

app_name = "policies"
urlpatterns = [
    path("", views.index, name="index"),
    path("pack/", views.pack, name="pack"),
    path("pack/install/", views.install, name="install"),
    path("pack/company/", views.name, name="company"),
    path("pack/export/", views.export, name="export"),
]

places.place(_("Policy"), "policy", "policies:index", rule=rules.VIEW, order=90)
places.setting(_("Policy pack"), "policies:pack", rule=rules.MANAGE, order=40, icon="policy", group=_("Policy"),
               hint=_("What is installed, what you changed since, upgrade and export"))  # fmt: skip
