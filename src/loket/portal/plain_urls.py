"""Addresses of the portal that have no language, because programs use them."""

from django.urls import path

from loket.portal.views import checking

app_name = "plain"
urlpatterns = [
    path("verify/keys.json", checking.keys, name="keys"),
]
