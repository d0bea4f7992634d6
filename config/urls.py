"""The front doors: each room names its own pages in its `urls.py`."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

PREFIXES = {
    "api": "api/v1/",  # first, since programs call it most
    "desk": "",
    "people": "",
    "needs": "needs/",
    "customers": "customers/",
    "archives": "archives/",
    "consulting": "consulting/",
    "destruction": "destruction/",
    "intake": "intake/",
    "files": "files/",
    "notices": "inbox/",
    "matters": "matters/",
    "audit": "audit/",
    "approvals": "approvals/",
    "tasks": "tasks/",
    "meetings": "meetings/",
    "relations": "relations/",
    "emergencies": "emergencies/",
    "agendas": "management/",
    "privacy": "privacy/",
    "upkeep": "upkeep/",
    "deadlines": "settings/deadlines/",
    "routing": "settings/routing/",
    "operations": "settings/",
    "templates": "settings/templates/",
    "policies": "policies/",
    "portal": "p/",
    "ui": "ui/",
}
urlpatterns = [
    path(prefix, include(f"yingxu.{room}.urls"))
    for room, prefix in PREFIXES.items()
    if f"yingxu.{room}" in settings.INSTALLED_APPS and find_spec(f"yingxu.{room}.urls")
]
if "yingxu.api" in settings.INSTALLED_APPS:
    urlpatterns.insert(0, path("settings/api/", include("yingxu.api.settings_urls")))
if "yingxu.portal" in settings.INSTALLED_APPS:
    urlpatterns.insert(0, path("settings/portal/", include("yingxu.portal.settings_urls")))
if "yingxu.approvals" in settings.INSTALLED_APPS:
    urlpatterns.insert(0, path("settings/approvals/", include("yingxu.approvals.settings_urls")))
if "yingxu.relations" in settings.INSTALLED_APPS:
    urlpatterns.insert(0, path("settings/relations/", include("yingxu.relations.settings_urls")))
if "yingxu.notices" in settings.INSTALLED_APPS:
    urlpatterns.insert(0, path("settings/", include("yingxu.notices.settings_urls")))
if "yingxu.privacy" in settings.INSTALLED_APPS:
    urlpatterns[:0] = [
        path("settings/privacy/recipients/", include("yingxu.privacy.recipients_urls")), path("settings/privacy/", include("yingxu.privacy.settings_urls")),
        path("privacy/assessments/", include("yingxu.privacy.assessments_urls")), path("privacy/breaches/", include("yingxu.privacy.breaches_urls")),
    ]  # fmt: skip
handler404 = "yingxu.base.web.not_found"
handler500 = "yingxu.base.web.broken"
