from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.customers import panels
from yingxu.customers import rules as customers
from yingxu.ui import places

from . import rules
from .views import cards, news, ownerless, reports, rounds, setting

app_name = "upkeep"
urlpatterns = [
    path("", rounds.index, name="index"),
    path("rounds/<int:pk>/", rounds.one, name="round"),
    path("rounds/<int:pk>/export/", rounds.export, name="export_round"),
    path("rounds/<int:pk>/rows/<slug:result>/", rounds.behind, name="rows"),
    path("sheets/<str:number>/", rounds.sheet, name="sheet"),
    path("sheets/<str:number>/<int:customer>/", rounds.line, name="line"),
    path("ownerless/", ownerless.index, name="ownerless"),
    path("ownerless/owner/", ownerless.give, name="give_owner"),
    path("reports/", reports.index, name="reports"),
    path("reports/export/", reports.export, name="export_reports"),
    path("reports/<str:number>/", reports.one, name="report"),
    path("reports/<str:number>/print/", reports.paper, name="print"),
    path("reports/<str:number>/figures/<slug:code>/", reports.figure, name="figure"),
    path("reports/<str:number>/<slug:verb>/", reports.act, name="act"),
    path("news/", news.index, name="news"),
    path("news/export/", news.export, name="export_news"),
    path("news/on/<str:number>/", news.note, name="note"),
    path("news/<int:pk>/enter/", news.enter, name="enter"),
    path("cards/", cards.index, name="cards"),
    path("cards/export/", cards.export, name="export_cards"),
    path("cards/<str:number>/<slug:kind>/<str:day>/", cards.one, name="card"),
    path("settings/", setting.index, name="settings"),
]

panels.LISTS.append(panels.List(_("Re-verification and supplement"), "refresh", "upkeep:index", rules.VIEW))
panels.LISTS.append(panels.List(_("Customers without an owner"), "customer", "upkeep:ownerless", customers.EDIT))
panels.LISTS.append(panels.List(_("Monthly reports"), "chart", "upkeep:reports", rules.VIEW_REPORT))
panels.LISTS.append(panels.List(_("What was learned"), "info", "upkeep:news", rules.SEE_NEWS))
panels.LISTS.append(panels.List(_("Customer cards"), "copy", "upkeep:cards", customers.VIEW))
places.setting(
    _("Upkeep of archives"), "upkeep:settings", rule=rules.SET, icon="refresh", order=24, group=pgettext_lazy("settings", "Records"), hint=_("What is verified anew, how soon news are entered")
)
