"""Addresses of the portal, all below a language."""

from django.urls import include, path, re_path, register_converter

from loket.portal.addresses import PageIdConverter
from loket.portal.sandbox import pages
from loket.portal.views import (
    about,
    applying,
    case,
    checking,
    coming_back,
    finding,
    finishing,
    paying,
    replying,
    saving,
    writing,
)

register_converter(PageIdConverter, "page")

app_name = "portal"
_ONE_SERVICE = "<slug:agency>/<slug:service>/"

_apply = [
    path("", applying.start, name="apply"),
    path("again/", applying.start_again, name="again"),
    path("check/", applying.check, name="check"),
    path("done/", applying.done, name="done"),
    path("follow/", applying.follow, name="follow"),
    path("save/", saving.save, name="save"),
    path("saved/", saving.saved, name="saved"),
    path("<page:page>/", applying.question, name="page"),
]
_track = [
    path("", coming_back.track, name="track"),
    path("case/", case.show, name="case"),
    path("code/", coming_back.code, name="code"),
    path("leave/", coming_back.leave, name="leave"),
    path("files/<uuid:file_id>/", case.download, name="file"),
    path("reply/", replying.start, name="reply"),
    path("reply/check/", replying.check, name="reply_check"),
    path("reply/<page:page>/", replying.question, name="reply_page"),
]
urlpatterns = [
    # First what is asked for most.
    path(f"apply/{_ONE_SERVICE}", include(_apply)),
    path("", finding.home, name="home"),
    path("search/", finding.search, name="search"),
    path("life/<slug:key>/", finding.life_event, name="life_event"),
    path("agencies/<slug:agency>/", finding.agency, name="agency"),
    path(f"services/{_ONE_SERVICE}", finding.service, name="service"),
    path("return/", saving.come_back, name="return"),
    path("return/<str:token>/", saving.follow_link, name="return_link"),
    path("track/", include(_track)),
    path("pay/<str:token>/", paying.pay, name="pay"),
    path("pay/<str:token>/waiting/", paying.waiting, name="pay_waiting"),
    path("pay/<str:token>/back/<slug:provider>/", paying.back, name="pay_back"),
    path("sandbox/pay/<slug:ref>/", pages.show, name="sandbox"),
    path("verify/", checking.ask, name="verify"),
    # Codes lead here without the last stroke, to be shorter.
    re_path(r"^verify/(?P<given>[A-Za-z0-9-]{1,5000})/?$", checking.checked, name="verified"),
    path("finish/", finishing.finish, name="finish"),
    path("finished/", finishing.finished, name="finished"),
    path("privacy/", about.privacy, name="privacy"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("messages/<str:token>/", writing.choices, name="choices"),
    path("messages/<str:token>/stop/", writing.stop, name="stop"),
    path("performance/", writing.performance, name="performance"),
    path("outbox/", about.outbox, name="outbox"),
]
