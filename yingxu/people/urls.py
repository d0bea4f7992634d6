from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules, views
from .directory import views as directory

app_name = "people"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("settings/me/", views.me, name="me"),
    path("settings/me/password/", views.password, name="password"),
    path("settings/me/available/", views.available, name="available"),
    path("settings/people/", views.staff, name="staff"),
    path("settings/people/new/", views.add_person, name="add_person"),
    path("settings/people/import/", directory.imports, name="imports"),
    path("settings/people/import/<int:pk>/", directory.run, name="import"),
    path("settings/people/import/<int:pk>/passwords/", directory.passwords, name="import_passwords"),
    path("settings/people/import/<int:pk>/refused/", directory.refused, name="import_refused"),
    path("settings/people/import/<int:pk>/undo/", directory.undo, name="undo_import"),
    re_path(r"^settings/people/import/(?P<shape>staff|departments)\.xlsx$", directory.sample, name="import_sample"),
    path("settings/people/<int:pk>/", views.person, name="person"),
    path("settings/people/<int:pk>/password/", views.new_secret, name="new_secret"),
    path("settings/people/<int:pk>/active/", views.person_active, name="person_active"),
    path("settings/people/<int:pk>/roles/", views.give_role, name="give_role"),
    path("settings/people/<int:pk>/roles/<int:held>/end/", views.end_role, name="end_role"),
    path("settings/departments/", views.departments, name="departments"),
    path("settings/departments/new/", views.add_department, name="add_department"),
    path("settings/departments/<int:pk>/", views.department, name="department"),
    path("settings/departments/<int:pk>/active/", views.department_active, name="department_active"),
    path("settings/roles/", views.roles, name="roles"),
    path("settings/roles/new/", views.add_role, name="add_role"),
    path("settings/roles/<int:pk>/", views.role, name="role"),
]

_PEOPLE = _("People")
places.personal(_("My settings"), "settings", "people:me", order=10)
places.act(_("Sign out"), "back", "people:sign_out", order=90)
places.setting(_("Staff"), "people:staff", rule=rules.MANAGE, order=10, icon="users", group=_PEOPLE, hint=_("Who works here, and in which roles"))
places.setting(_("Departments"), "people:departments", rule=rules.MANAGE, order=11, icon="org", group=_PEOPLE, hint=_("How the company is built"))
places.setting(_("Roles"), "people:roles", rule=rules.MANAGE, order=12, icon="lock", group=_PEOPLE, hint=_("Who may do what, and how far"))
