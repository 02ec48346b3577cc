"""What casework refuses."""

from loket.kernel.refusals import Refusal


class NoSuchCase(Refusal):
    """There is none, or this person may not know of it: both are told alike."""

    code = "no_such_case"


class Stale(Refusal):
    """Someone else acted in the meantime: `by` and `at` (ISO 8601) say who and when."""

    code = "stale"


class ReasonToLook(Refusal):
    """The case is not this person's assigned work; opening it needs a typed reason."""

    code = "reason_to_look"


class TooLateToUndo(Refusal):
    code = "too_late_to_undo"


class NotAsked(Refusal):
    """Nothing is being asked of the applicant now."""

    code = "not_asked"


class NothingAsked(Refusal):
    """A question back needs a message and at least one answer to reopen."""

    code = "nothing_asked"


class WrongCode(Refusal):
    code = "wrong_code"


class CantSendCode(Refusal):
    """The applicant left no address; the PIN on paper is the way in."""

    code = "cant_send_code"


class TooOften(Refusal):
    """Tried too often; `minutes` says when to come back."""

    code = "too_often"


class ReplyNotComplete(Refusal):
    """A page of the reply is still to be answered; `page` says which."""

    code = "reply_not_complete"


class NotPayable(Refusal):
    """Nothing can be asked for, or given back, like that; `field` says what is wrong."""

    code = "not_payable"


class NotThere(Refusal):
    """The thing is not where this would need it to be: already handed over, sent on, or not yet arrived."""

    code = "not_there"


class NoSuchCentre(Refusal):
    """The agency has no such centre, or it has closed."""

    code = "no_such_centre"


class WrongPin(Refusal):
    """Not the PIN of this case; `tries` are left for the hour, as far as that is known."""

    code = "wrong_pin"
