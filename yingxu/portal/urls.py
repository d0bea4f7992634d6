from django.urls import path

from .views import own, raising, staff, tracking

app_name = "portal"
urlpatterns = [
    path("", tracking.door, name="door"),
    path("new/", raising.new, name="new"),
    path("f/<slug:slug>/", raising.at_point, name="at_point"),
    path("leave/", tracking.leave, name="leave"),
    path("language/", tracking.language, name="language"),
    path("needs/<str:number>/", tracking.need, name="need"),
    path("needs/<str:number>/words/", tracking.write, name="write"),
    path("needs/<str:number>/verdict/", tracking.verdict, name="verdict"),
    path("needs/<str:number>/complaint/", tracking.complaint, name="complaint"),
    path("needs/<str:number>/files/<int:pk>/", tracking.file, name="file"),
    path("needs/<str:number>/privacy/", own.data, name="data"),
    path("needs/<str:number>/privacy/notice/", own.notice, name="notice"),
    path("needs/<str:number>/privacy/<slug:code>/", own.say, name="say"),
    path("needs/<str:number>/code/", staff.issue, name="issue"),
]
