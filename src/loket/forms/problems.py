"""What is wrong with a form's definition, told to its author."""

from collections.abc import Sequence
from dataclasses import dataclass

from loket.kernel.text import Message


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """`where` is the path inside the form, such as ("pages", 0, "questions", 1, "when"); `line` and
    `column` count from 1 inside that text, 0 where unknown. A hint keeps nothing from compiling."""

    code: str
    message: Message
    where: tuple[str | int, ...]
    line: int = 0
    column: int = 0
    is_hint: bool = False

    def __str__(self) -> str:
        path = ".".join(map(str, self.where))
        return f"{path}: {self.message.msgid % self.message.params}"


class InvalidForm(ValueError):
    """The form can't be compiled."""

    def __init__(self, problems: Sequence[DefinitionProblem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)
