from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import rules, views

app_name = "templates"
urlpatterns = [
    path("", views.first, name="first"),
    path("kinds/", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("categories/", views.categories, name="categories"),
    path("texts/", views.texts, name="texts"),
    path("texts/new/", views.text, name="add_text"),
    path("texts/<slug:code>/", views.text, name="text"),
    path("texts/<slug:code>/removal/", views.remove_text, name="remove_text"),
    path("kinds/<slug:code>/", views.editor, name="editor"),
    path("kinds/<slug:code>/name/", views.rename, name="rename"),
    path("kinds/<slug:code>/archive/", views.archive, name="archive"),
    path("kinds/<slug:code>/must-ask/", views.must_ask, name="must_ask"),
    path("kinds/<slug:code>/preview/", views.preview, name="preview"),
    path("kinds/<slug:code>/versions/", views.versions, name="versions"),
    path("kinds/<slug:code>/fields/new/", views.add_field, name="add_field"),
    path("kinds/<slug:code>/fields/<slug:name>/", views.field, name="field"),
    path("kinds/<slug:code>/fields/<slug:name>/removal/", views.remove_field, name="remove_field"),
    path("kinds/<slug:code>/fields/<slug:name>/place/", views.move_field, name="move_field"),
]

_RECORDS = pgettext_lazy("settings", "Records")
places.setting(_("Record templates"), "templates:index", rule=rules.MANAGE, order=20, icon="list", group=_RECORDS,
               hint=_("What is asked for each kind of need"))  # fmt: skip
places.setting(_("Categories"), "templates:categories", rule=rules.MANAGE, order=21, icon="flag", group=_RECORDS,
               hint=_("What urgent, important, general and potential mean here"))  # fmt: skip
places.setting(_("Ready-made words"), "templates:texts", rule=rules.MANAGE, order=22, icon="chat", group=_RECORDS,
               hint=_("Answers and reasons that are written often"))  # fmt: skip
