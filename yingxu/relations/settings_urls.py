from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .views import care, settings

app_name = "relation_settings"
urlpatterns = [
    path("classification/", settings.classification, name="classification"),
    path("care/", care.care_rules, name="care"),
    path("care/new/", care.care_rule, name="new_care_rule"),
    path("care/<slug:code>/", care.care_rule, name="care_rule"),
    path("prospects/", settings.prospects, name="prospects"),
    path("classification/reckon/", settings.reckon, name="reckon"),
]
places.setting(
    _("Classification of customers"), "relation_settings:classification", rule=rules.MANAGE, icon="flag", group=_("Policy"), order=43,
    hint=_("Grade, lifecycle, years together and size: what counts, from where on"),
)  # fmt: skip
places.setting(
    _("Steps of prospects"), "relation_settings:prospects", rule=rules.MANAGE, icon="flag", group=_("Policy"), order=44,
    hint=_("What must be known for each step, when a prospect stands too long"),
)  # fmt: skip
places.setting(
    _("Care plan"), "relation_settings:care", rule=rules.MANAGE, icon="calendar", group=_("Policy"), order=45,
    hint=_("Birthdays, festivals, events: what is done for whom, how many days ahead"),
)  # fmt: skip
