"""Addresses without a language, below /api/v1/."""

from django.urls import path

from loket.api import callbacks, operations, receipts

app_name = "api"
urlpatterns = [
    path("callbacks/<slug:provider>/", callbacks.take, name="callback"),
    path("receipts/<slug:channel>/", receipts.take, name="receipt"),
    *operations.urls(),
]
