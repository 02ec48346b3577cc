"""Expected refusals: things a person may be told, as opposed to faults."""


class Refusal(Exception):
    """An action said no for a reason that its caller can put into words.

    `code` names the reason for the face that turns it into words; `details` are plain values for
    that sentence. Subclass it beside the code that raises it.
    """

    code = "refused"

    def __init__(self, **details: str | int) -> None:
        super().__init__(self.code)
        self.details = details
