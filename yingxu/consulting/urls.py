from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.customers import panels

from . import rules, views

app_name = "consulting"
urlpatterns = [
    path("", views.index, name="index"),
    path("all/", views.kept, name="kept"),
    path("ask/", views.new, name="new"),
    path("break-glass/", views.break_glass, name="break_glass"),
    path("uses/", views.uses, name="uses"),
    path("uses/export/", views.export_uses, name="export_uses"),
    path("uses/<int:pk>/", views.use, name="use"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/<slug:verb>/", views.act, name="act"),
]

panels.LISTS.append(panels.List(_("Emergency readings"), "alarm", "consulting:uses", rules.USES))
panels.LISTS.append(panels.List(_("Consult an archive"), "eye", "consulting:index", rules.ASK))
