"""What is wrong with a form's definition, told to its author (in English, like the linter)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DefinitionProblem:
    """`where` is the path inside the form, such as ("pages", 0, "questions", 1, "when");
    `line` and `column` count from 1 inside that text, 0 where unknown."""

    code: str
    message: str
    where: tuple[str | int, ...]
    line: int = 0
    column: int = 0


class InvalidForm(ValueError):
    """The form can't be compiled."""

    def __init__(self, problems: Sequence[DefinitionProblem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)
