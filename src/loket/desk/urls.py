"""Addresses of the desk, below a language."""

from django.urls import path

from loket.desk.views import (
    accesses,
    acting,
    books,
    case,
    counter,
    money,
    notices,
    papers,
    start,
    texts,
    undelivered,
    worklist,
)

app_name = "desk"
_CASE = "cases/<str:reference>/"

urlpatterns = [
    path("", start.start, name="start"),
    path("cases/", worklist.worklist, name="worklist"),
    path("find/", worklist.find, name="find"),
    path(_CASE, case.show, name="case"),
    path(f"{_CASE}files/<uuid:file_id>/", case.download, name="file"),
    path(f"{_CASE}papers/<uuid:paper_id>/make/", papers.make, name="make_paper"),
    path(f"{_CASE}papers/<uuid:paper_id>/withdraw/", papers.withdraw, name="withdraw_paper"),
    path(f"{_CASE}papers/<uuid:paper_id>/anew/", papers.reissue, name="reissue_paper"),
    path(f"{_CASE}note/", acting.note, name="note"),
    path(f"{_CASE}take/", acting.take, name="take"),
    path(f"{_CASE}act/<slug:action>/", acting.act, name="act"),
    path(f"{_CASE}payments/ask/", money.ask, name="ask_payment"),
    path(f"{_CASE}payments/<uuid:payment_id>/", money.link, name="payment"),
    path(f"{_CASE}payments/<uuid:payment_id>/cash/", money.cash, name="cash"),
    path(f"{_CASE}payments/<uuid:payment_id>/back/", money.give_back, name="give_back"),
    path("money/", books.books, name="books"),
    path("money/record/", books.record, name="record_money"),
    path("money/<uuid:money_id>/match/", books.match, name="match_money"),
    path("money/<uuid:money_id>/back/", books.send_back, name="send_back"),
    path("money/refunds/<uuid:refund_id>/", books.done_by_hand, name="refund_done"),
    path("money/report/<str:day>.<slug:kind>", books.report, name="report"),
    path("undo/<uuid:event_id>/", acting.undo, name="undo"),
    path("counter/", counter.counter, name="counter"),
    path("counter/arrived/", counter.arrived, name="arrived"),
    path("counter/find/", counter.find, name="counter_find"),
    path("counter/<str:reference>/", counter.hand_over, name="hand_over"),
    path("counter/<str:reference>/send-on/", counter.send_on, name="send_on"),
    path("counter/<str:reference>/returned/", counter.returned, name="returned"),
    path("notices/", notices.inbox, name="notices"),
    path("notices/<uuid:notice_id>/", notices.show, name="notice"),
    path("notices/<uuid:notice_id>/received/", notices.receive, name="receive"),
    path("messages/", undelivered.undelivered, name="undelivered"),
    path("texts/", texts.services, name="texts"),
    path("texts/<slug:agency>/<slug:service>/", texts.letters, name="letters"),
    path("accesses/", accesses.accesses, name="accesses"),
    path("profile/", start.profile, name="profile"),
]
