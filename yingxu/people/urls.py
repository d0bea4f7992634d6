from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from yingxu.ui import places

from . import rules
from .directory import views as directory
from .views import changes, departments, door, factors, me, passkeys, providers, roles, signing, sso, staff

app_name = "people"
urlpatterns = [
    path("sign-in/", door.sign_in, name="sign_in"),
    path("sign-in/second/", door.second, name="second"),
    path("sign-in/second/passkey/", passkeys.second, name="second_by_passkey"),
    path("sign-in/second/passkey/options/", passkeys.second_options, name="second_options"),
    path("sign-in/passkey/", passkeys.sign_in, name="passkey"),
    path("sign-in/passkey/options/", passkeys.options, name="passkey_options"),
    path("sign-in/with/<int:pk>/", sso.start, name="sso_start"),
    path("sign-in/with/<int:pk>/back/", sso.back, name="sso_back"),
    path("sign-out/", door.sign_out, name="sign_out"),
    path("settings/me/", me.me, name="me"),
    path("settings/me/password/", me.password, name="password"),
    path("settings/me/available/", me.available, name="available"),
    path("settings/me/security/", me.security, name="security"),
    path("settings/me/security/app/", factors.app, name="new_app"),
    path("settings/me/security/passkey/", passkeys.new, name="new_passkey"),
    path("settings/me/security/passkey/options/", passkeys.new_options, name="new_passkey_options"),
    path("settings/me/security/again/options/", passkeys.again_options, name="again_options"),
    path("settings/me/security/codes/", factors.codes, name="recovery_codes"),
    path("settings/me/security/factors/<int:pk>/remove/", factors.remove, name="remove_factor"),
    path("settings/me/security/with/<int:pk>/", sso.link, name="link_account"),
    path("settings/me/security/accounts/<int:pk>/remove/", sso.unlink, name="unlink_account"),
    path("settings/me/security/others/", me.end_others, name="end_others"),
    path("settings/me/security/<slug:handle>/end/", me.end_session, name="end_session"),
    path("settings/people/", staff.staff, name="staff"),
    path("settings/people/new/", staff.add_person, name="add_person"),
    path("settings/people/import/", directory.imports, name="imports"),
    path("settings/people/import/<int:pk>/", directory.run, name="import"),
    path("settings/people/import/<int:pk>/passwords/", directory.passwords, name="import_passwords"),
    path("settings/people/import/<int:pk>/refused/", directory.refused, name="import_refused"),
    path("settings/people/import/<int:pk>/undo/", directory.undo, name="undo_import"),
    re_path(r"^settings/people/import/(?P<shape>staff|departments)\.xlsx$", directory.sample, name="import_sample"),
    path("settings/people/<int:pk>/", staff.person, name="person"),
    path("settings/people/<int:pk>/password/", staff.new_secret, name="new_secret"),
    path("settings/people/<int:pk>/sessions/", staff.end_sessions, name="end_sessions"),
    path("settings/people/<int:pk>/active/", staff.person_active, name="person_active"),
    path("settings/people/<int:pk>/roles/", staff.give_role, name="give_role"),
    path("settings/people/<int:pk>/roles/<int:held>/end/", staff.end_role, name="end_role"),
    path("settings/people/<int:pk>/factors/", staff.reset_factor, name="reset_factor"),
    path("settings/people/<int:pk>/accounts/", providers.links, name="accounts"),
    path("settings/people/<int:pk>/accounts/remove/", providers.unlink, name="unlink"),
    path("settings/administrators/", changes.administrators, name="administrators"),
    path("settings/changes/", changes.changes, name="changes"),
    path("settings/changes/export/", changes.export, name="export_changes"),
    re_path(r"^settings/changes/(?P<pk>\d{1,18})/(?P<verb>agree|refuse|withdraw)/$", changes.settle, name="settle_change"),
    path("settings/sign-in/", signing.sign_in_rules, name="sign_in_rules"),
    path("settings/single-sign-on/", providers.providers, name="providers"),
    path("settings/single-sign-on/new/", providers.provider, name="add_provider"),
    path("settings/single-sign-on/<int:pk>/", providers.provider, name="provider"),
    path("settings/single-sign-on/<int:pk>/try/", providers.try_provider, name="try_provider"),
    path("settings/single-sign-on/<int:pk>/off/", providers.switch_off, name="switch_off_provider"),
    path("settings/departments/", departments.departments, name="departments"),
    path("settings/departments/new/", departments.add_department, name="add_department"),
    path("settings/departments/<int:pk>/", departments.department, name="department"),
    path("settings/departments/<int:pk>/active/", departments.department_active, name="department_active"),
    path("settings/roles/", roles.roles, name="roles"),
    path("settings/roles/new/", roles.add_role, name="add_role"),
    path("settings/roles/<int:pk>/", roles.role, name="role"),
]

_PEOPLE = _("People")
places.personal(_("My settings"), "settings", "people:me", order=10)
places.personal(_("Security"), "lock", "people:security", order=11)
places.act(_("Sign out"), "back", "people:sign_out", order=90)
places.setting(_("Staff"), "people:staff", rule=rules.MANAGE, order=10, icon="users", group=_PEOPLE, hint=_("Who works here, and in which roles"))
places.setting(_("Departments"), "people:departments", rule=rules.MANAGE, order=11, icon="org", group=_PEOPLE, hint=_("How the company is built"))
places.setting(_("Roles"), "people:roles", rule=rules.MANAGE, order=12, icon="lock", group=_PEOPLE, hint=_("Who may do what, and how far"))
places.setting(_("Administrators"), "people:administrators", rule=rules.MANAGE, order=13, icon="users", group=_PEOPLE, hint=_("Three administrators, and changes of rights that wait for another"))
places.setting(_("Signing in"), "people:sign_in_rules", rule=rules.MANAGE, order=14, icon="lock", group=_PEOPLE, hint=_("Sessions, wrong passwords, second factor"))
places.setting(_("Single sign-on"), "people:providers", rule=rules.MANAGE, order=15, icon="lock", group=_PEOPLE, hint=_("Providers that vouch for people, and accounts linked to them"))
