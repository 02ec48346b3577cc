"""When messages go out, in words for whoever looks them through."""

from collections.abc import Mapping

from loket.casework.specimens import Told
from loket.kernel.text import Message, marked
from loket.web.words import say

_SAID: Mapping[Told, str] = {
    Told.SUBMITTED: marked("The application came"),
    Told.MOVED: marked("The case reached a stage"),
    Told.ASKED: marked("We ask a question"),
    Told.ANSWERED: marked("The person answered"),
    Told.TIMED_OUT: marked("Nobody answered in time"),
    Told.FEE_DUE: marked("The fee is to be paid"),
    Told.PAID: marked("Money came"),
    Told.PAYMENT_ASKED: marked("An officer asks for a payment"),
    Told.MONEY_BACK: marked("Money goes back"),
    Told.LAPSED: marked("The fee was not paid in time"),
    Told.PAID_ELSEWHERE: marked("Somebody else paid the bill"),
    Told.ARRIVED: marked("It is ready at the counter"),
    Told.SENT_ON: marked("It goes to another counter"),
    Told.COLLECTED: marked("It was picked up"),
    Told.UNCOLLECTED: marked("Nobody picked it up in time"),
    Told.REMIND_UNPAID: marked("Reminder to pay"),
    Told.REMIND_ANSWER: marked("Reminder to answer"),
    Told.REMIND_UNCOLLECTED: marked("Reminder to pick up"),
    Told.REMIND_EXPIRY: marked("Reminder that a document ends"),
    Told.CODE: marked("Code to open the case"),
}


def said(told: Told) -> str:
    return say(Message(_SAID[told]))
