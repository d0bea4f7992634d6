from django.urls import path
from django.utils.translation import pgettext_lazy

from yingxu.ui import places

from . import queries, rules, views

app_name = "tasks"
urlpatterns = [
    path("", views.index, name="index"),
    path("export/", views.export, name="export"),
    path("on/<str:number>/", views.give, name="give"),
    path("<int:pk>/", views.task, name="task"),
    path("<int:pk>/<slug:verb>/", views.act, name="act"),
]
places.place(pgettext_lazy("rail", "Tasks"), "check", "tasks:index", rule=rules.VIEW, order=25, go="t", dot=queries.any_late)
