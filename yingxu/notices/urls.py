from django.urls import path

from yingxu.ui import places

from . import queries, views

app_name = "notices"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("count/", views.count, name="count"),
    path("read/", views.read_all, name="read_all"),
    path("<int:pk>/open/", views.open_, name="open"),
    path("<int:pk>/read/", views.read, name="read"),
]
places.bell("notices:inbox", queries.unread)
