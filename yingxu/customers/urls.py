from django.urls import path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules, views

app_name = "customers"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("doubles/", views.doubles, name="doubles"),
    path("export/", views.export, name="export"),
    path("<str:number>/", views.profile, name="profile"),
    path("<str:number>/edit/", views.edit, name="edit"),
    path("<str:number>/tags/", views.tags, name="tags"),
    path("<str:number>/contacts/", views.contacts, name="contacts"),
    path("<str:number>/contacts/<int:pk>/", views.contact, name="contact"),
    path("<str:number>/contacts/<int:pk>/active/", views.contact_active, name="contact_active"),
    path("<str:number>/numbers/", views.numbers, name="numbers"),
    path("<str:number>/numbers/<int:pk>/remove/", views.number_gone, name="number_gone"),
    path("<str:number>/numbers/<int:pk>/reveal/", views.reveal, name="reveal"),
    path("<str:number>/merge/", views.merge, name="merge"),
    path("<str:number>/merges/<int:pk>/undo/", views.undo_merge, name="undo_merge"),
]

places.place(_("Customers"), "customer", "customers:index", rule=rules.VIEW, order=30, go="c")
