"""The expression language of services: CEL's syntax, exact numbers, and null for what is unanswered.

Pure: values in, a result out; the time comes in the context. Evaluating never raises. Owns parsing,
types, evaluation, checking and the explanation of a result; knows nothing of forms or services.
"""

from loket.expressions.checking import Problem, ProblemCode, check, common, fits, infer
from loket.expressions.context import Context
from loket.expressions.evaluation import Result
from loket.expressions.expression import Expression, evaluate, parse
from loket.expressions.faults import ErrorCode, EvaluationError
from loket.expressions.functions import FUNCTIONS
from loket.expressions.parsing import SyntaxProblem
from loket.expressions.tracing import Trace, explain
from loket.expressions.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    INTEGER,
    MONEY,
    NULL,
    TEXT,
    Kind,
    Type,
    Value,
    choice,
    list_of,
    record,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "FUNCTIONS",
    "INTEGER",
    "MONEY",
    "NULL",
    "TEXT",
    "Context",
    "ErrorCode",
    "EvaluationError",
    "Expression",
    "Kind",
    "Problem",
    "ProblemCode",
    "Result",
    "SyntaxProblem",
    "Trace",
    "Type",
    "Value",
    "check",
    "choice",
    "common",
    "evaluate",
    "explain",
    "fits",
    "infer",
    "list_of",
    "parse",
    "record",
]
