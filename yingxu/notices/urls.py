from django.urls import path

from yingxu.ui import places

from . import queries
from .views import inbox, outbox

app_name = "notices"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("read/", inbox.read_all, name="read_all"),
    path("<int:pk>/", inbox.to, name="go"),
    path("<int:pk>/open/", inbox.open_, name="open"),
    path("<int:pk>/read/", inbox.read, name="read"),
    path("outbox/", outbox.index, name="outbox"),
    path("outbox/export/", outbox.export, name="export"),
    path("outbox/<int:pk>/", outbox.one, name="delivery"),
    path("outbox/<int:pk>/release/", outbox.release, name="release"),
    path("outbox/<int:pk>/cancel/", outbox.cancel, name="cancel"),
]
places.bell("notices:inbox", queries.unread, queries.bell_mark)
