from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.customers import panels
from yingxu.deadlines import rules as deadlines_rules
from yingxu.meetings import rules as meetings_rules
from yingxu.tasks import rules as tasks_rules
from yingxu.ui import places

from . import rules, views
from .events import DayListMade, DayListUnread
from .queries import management
from .views import of_customer

app_name = "needs"
urlpatterns = [
    path("", views.index, name="index"),
    path("mine/", views.index, {"queue": "mine"}, name="mine"),
    path("department/", views.index, {"queue": "department"}, name="department"),
    path("overdue/", views.index, {"queue": "overdue"}, name="overdue"),
    path("filter/", views.filter_form, name="filter"),
    path("columns/", views.columns, name="columns"),
    path("export/", views.export, name="export"),
    path("bulk/", views.bulk, name="bulk"),
    path("views/", views.save, name="save_view"),
    path("views/<int:pk>/delete/", views.delete, name="delete_view"),
    path("found/", views.found, name="found"),
    path("colleagues/", views.colleagues, name="colleagues"),
    path("raise/", views.raise_one, name="raise"),
    path("management/", views.inbox, name="management"),
    path("management/filter/", views.filter_raises, name="management_filter"),
    path("management/export/", views.export_raises, name="management_export"),
    path("management/<int:pk>/", views.raised, name="raised"),
    path("daylists/", views.day_lists, name="day_lists"),
    path("daylists/hours/", views.day_settings, name="day_settings"),
    path("daylists/<int:pk>/", views.day_list, name="day_list"),
    path("daylists/<int:pk>/read/", views.day_list_read, name="day_list_read"),
    path("daylists/<int:pk>/export/", views.day_list_export, name="day_list_export"),
    path("<str:number>/", views.detail, name="detail"),
    path("<str:number>/preview/", views.preview, name="preview"),
    path("<str:number>/print/", views.print_view, name="print"),
    path("<str:number>/say/", views.say, name="say"),
    path("<str:number>/words/<int:pk>/withdrawal/", views.withdraw, name="withdraw"),
    path("<str:number>/nodes/<int:pk>/", views.tick, name="tick"),
    path("<str:number>/extensions/<int:pk>/", views.decide, name="decide"),
    path("<str:number>/<slug:verb>/", views.act, name="act"),
]

panels.register(
    "needs", _("Needs"), "needs/of_customer.html", of_customer.load, count=of_customer.count, rule=rules.VIEW,
    told="needs/told_of_customer.html", tell=of_customer.told, order=10,
)  # fmt: skip
panels.register(
    "files", _("Files"), "needs/files_of_customer.html", of_customer.files_of, count=of_customer.count_files, rule=rules.VIEW, order=40,
)  # fmt: skip
panels.register("tasks", _("Tasks"), "needs/tasks_of_customer.html", of_customer.tasks_of, rule=tasks_rules.VIEW, order=20)
panels.register("meetings", _("Meetings"), "needs/meetings_of_customer.html", of_customer.meetings_of, rule=meetings_rules.VIEW, order=25)
places.place(_("Needs"), "need", "needs:index", rule=rules.VIEW, order=20, dot=management.burning)
places.shortcut(_("My needs"), "needs:mine", "q", rule=rules.VIEW)
places.shortcut(_("My department"), "needs:department", "d", rule=rules.VIEW)
places.shortcut(_("Overdue"), "needs:overdue", "o", rule=rules.VIEW)
places.shortcut(_("Straight to management"), "needs:management", "b", rule=rules.VIEW, icon="stamp")
places.shortcut(_("Raise to management"), "needs:raise", "u", rule=rules.RAISE, icon="stamp")
places.shortcut(_("Lists of the day"), "needs:day_lists", "l", rule=rules.DAY_LIST)
places.setting(_("Closing the day"), "needs:day_settings", rule=deadlines_rules.MANAGE, order=34, icon="moon", group=pgettext_lazy("settings", "Time"),
               hint=_("When the unsent is flagged, how long a list may stay unread"))  # fmt: skip
for _event in (DayListMade, DayListUnread):
    places.leads(_event.NAME, lambda facts: reverse("needs:day_list", args=[facts["list"]]))
