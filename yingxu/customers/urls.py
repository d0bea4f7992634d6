from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yingxu.privacy import rules as privacy_rules
from yingxu.ui import places

from . import panels, rules, shown, views

app_name = "customers"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("doubles/", views.doubles, name="doubles"),
    path("export/", views.export, name="export"),
    path("suspected/", views.suspected, name="suspected"),
    path("contracts/", views.contracts.index, name="contract_list"),
    path("contracts/export/", views.contracts.export, name="export_contracts"),
    path("dealings/", views.dealings.index, name="dealing_list"),
    path("dealings/export/", views.dealings.export, name="export_dealings"),
    path("fields/", views.fields, name="fields"),
    path("fields/new/", views.add_section, name="add_section"),
    path("fields/<slug:code>/", views.section_fields, name="section_fields"),
    path("fields/<slug:code>/new/", views.add_field, name="add_field"),
    path("fields/<slug:code>/<slug:name>/", views.field, name="field"),
    path("fields/<slug:code>/<slug:name>/place/", views.field_place, name="field_place"),
    path("<str:number>/", views.profile, name="profile"),
    path("<str:number>/serves/", views.serves, name="serves"),
    path("<str:number>/edit/", views.edit, name="edit"),
    path("<str:number>/tags/", views.tags, name="tags"),
    path("<str:number>/contacts/", views.contacts, name="contacts"),
    path("<str:number>/contacts/<int:pk>/", views.contact, name="contact"),
    path("<str:number>/contacts/<int:pk>/active/", views.contact_active, name="contact_active"),
    path("<str:number>/numbers/", views.numbers, name="numbers"),
    path("<str:number>/numbers/<int:pk>/remove/", views.number_gone, name="number_gone"),
    path("<str:number>/numbers/<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<str:number>/sections/<slug:code>/", views.section, name="section"),
    path("<str:number>/sections/<slug:code>/<slug:field>/reveal/", views.reveal_value, name="reveal_value"),
    path("<str:number>/changes/", views.changes, name="changes"),
    path("<str:number>/print/", views.print_file, name="print_file"),
    path("<str:number>/file/", views.export_file, name="export_file"),
    path("<str:number>/papers/", views.take_in, name="take_in"),
    path("<str:number>/papers/<int:pk>/", views.paper, name="paper"),
    path("<str:number>/papers/<int:pk>/active/", views.paper_active, name="paper_active"),
    path("<str:number>/papers/<int:pk>/reveal/", views.reveal_paper, name="reveal_paper"),
    path("<str:number>/dealings/", views.dealings.write_down, name="write_down"),
    path("<str:number>/dealings/<int:pk>/strike/", views.dealings.strike, name="strike"),
    path("<str:number>/contracts/", views.contracts.draw_up, name="draw_up"),
    path("<str:number>/contracts/<int:pk>/", views.contracts.contract, name="contract"),
    path("<str:number>/contracts/<int:pk>/edit/", views.contracts.edit, name="edit_contract"),
    path("<str:number>/contracts/<int:pk>/instalments/<int:row>/", views.contracts.pay, name="pay"),
    path("<str:number>/contracts/<int:pk>/<slug:verb>/", views.contracts.act, name="contract_act"),
    path("<str:number>/merge/", views.merge, name="merge"),
    path("<str:number>/merges/<int:pk>/undo/", views.undo_merge, name="undo_merge"),
]

places.setting(_("Customer files"), "customers:fields", rule=rules.FIELDS, order=23, icon="customer", group=pgettext_lazy("settings", "Records"),
               hint=_("What a customer's file holds, and when papers and contracts are spoken of"))  # fmt: skip
places.shortcut(_("Contracts"), "customers:contract_list", "", rule=rules.VIEW, icon="contract")
places.shortcut(_("Dealings with customers"), "customers:dealing_list", "", rule=rules.VIEW, icon="chat")
panels.register(
    "consents", _("Consents"), "customers/consents.html", shown.consents_of, rule=privacy_rules.RECORD, order=60,
)  # fmt: skip
places.place(_("Customers"), "customer", "customers:index", rule=rules.VIEW, order=30, go="c")
