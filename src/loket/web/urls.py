"""Addresses without a language."""

from django.urls import path, re_path

from loket.web import monitoring, views

app_name = "web"
urlpatterns = [
    path("", views.front_door, name="front_door"),
    path("metrics", monitoring.metrics, name="metrics"),
    re_path(r"^theme/(?P<name>[0-9a-f]{6}-[0-9a-f]{6}-[0-9a-f]{10})\.css$", views.theme_sheet, name="theme"),
    re_path(r"^theme/(?P<key>[a-z0-9_-]{1,60})/(?P<name>[0-9a-f]{10})\.svg$", views.agency_mark, name="mark"),
]
