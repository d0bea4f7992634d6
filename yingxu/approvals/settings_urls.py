from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import chains

app_name = "approval_settings"
urlpatterns = [
    path("", chains.chains, name="chains"),
    path("<str:code>/", chains.chain, name="chain"),
]
places.setting(
    _("Approval chains"), "approval_settings:chains", rule=rules.MANAGE, icon="stamp", group=_("Policy"), order=41,
    hint=_("Who signs what, in which order, how many of them"),
)
