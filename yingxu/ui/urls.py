from django.urls import path

from . import views

app_name = "ui"
urlpatterns = [
    path("", views.catalogue, name="catalogue"),
    path("<slug:part>/", views.catalogue, name="part"),
]
