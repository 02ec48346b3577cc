"""The page for people who write programs, below /<language>/developers/."""

from django.urls import path

from loket.api import reference

app_name = "developers"
urlpatterns = [path("", reference.show, name="reference")]
