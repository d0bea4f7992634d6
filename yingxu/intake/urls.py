from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.needs import rules as needs_rules
from yingxu.ui import places

from . import rules
from .views import desk, imports

app_name = "intake"
places.start(_("Register need"), "intake:new", rule=needs_rules.REGISTER)
places.setting(
    _("Imports"),
    "intake:imports",
    rule=rules.IMPORT,
    icon="upload",
    group=_("Data"),
    hint=_("Lists and logs from spreadsheets"),
)
urlpatterns = [
    path("", desk.new, name="new"),
    path("found/", desk.found, name="found"),
    path("beside/", desk.beside, name="beside"),
    path("fields/", desk.fields, name="fields"),
    path("imports/", imports.index, name="imports"),
    path("imports/<int:pk>/", imports.run, name="run"),
    path("imports/<int:pk>/progress/", imports.progress, name="progress"),
    path("imports/<int:pk>/refused/", imports.refused, name="refused"),
    path("imports/<int:pk>/undo/", imports.undo, name="undo"),
    path("imports/<int:pk>/again/", imports.again, name="again"),
]
