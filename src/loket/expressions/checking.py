"""What can be known of an expression before any answer: its type, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from loket.expressions.expression import Expression
from loket.expressions.faults import Fault
from loket.expressions.functions import FUNCTIONS, Function, Nulls, result_type
from loket.expressions.numbers import NUMBERS, RULES, orderable
from loket.expressions.steps import is_null_literal
from loket.expressions.texts import compiled_pattern
from loket.expressions.tree import (
    MACROS,
    Arithmetic,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Field,
    Index,
    ListLiteral,
    Literal,
    Logical,
    Name,
    Node,
    RecordLiteral,
    Unary,
)
from loket.expressions.types import ANY, BOOLEAN, NULL, TEXT, Kind, Type, kind_of, list_of, record
from loket.kernel.text import Message, marked


class ProblemCode(StrEnum):
    UNKNOWN_NAME = "unknown_name"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_FUNCTION = "unknown_function"
    WRONG_ARITY = "wrong_arity"
    WRONG_TYPE = "wrong_type"
    NOT_AN_OPTION = "not_an_option"
    BAD_PATTERN = "bad_pattern"
    ALWAYS_NULL = "always_null"


@dataclass(frozen=True, slots=True)
class Problem:
    """`suggestion` is the name meant, perhaps. A hint is no error: the expression runs, but to no use."""

    code: ProblemCode
    message: Message
    line: int
    column: int
    suggestion: str = ""

    @property
    def is_hint(self) -> bool:
        return self.code is ProblemCode.ALWAYS_NULL


def check(
    expression: Expression, types: Mapping[str, Type], expected: Type | None = None
) -> tuple[Problem, ...]:
    """What is wrong, in the order of the source; `expected` is the type that the result must have."""
    checker = _Checker()
    found = checker.type_of(expression.root, types)
    if expected is not None and not fits(found, expected):
        checker.report(
            expression.root,
            ProblemCode.WRONG_TYPE,
            marked("This gives %(found)s, but %(expected)s is needed here."),
            found=found.kind,
            expected=expected.kind,
        )
    return tuple(sorted(checker.problems, key=lambda problem: (problem.line, problem.column)))


def infer(expression: Expression, types: Mapping[str, Type]) -> Type:
    """The type of the result; ANY where it cannot be known."""
    return _Checker().type_of(expression.root, types)


def fits(found: Type, expected: Type) -> bool:
    """Whether a value of one type can stand where the other is expected; null fits everywhere."""
    loose = {Kind.ANY, Kind.NULL}
    if found.kind in loose or expected.kind in loose:
        return True
    if expected.kind is Kind.DECIMAL and found.kind is Kind.INTEGER:
        return True
    if expected.kind is Kind.LIST and found.kind is Kind.LIST:
        return fits(found.item or ANY, expected.item or ANY)
    return _plain(found.kind) is _plain(expected.kind)


def _plain(kind: Kind) -> Kind:
    """A choice is, to the operators, the text of its option."""
    return Kind.TEXT if kind is Kind.CHOICE else kind


def common(types: tuple[Type, ...]) -> Type:
    """The type that all have: for the items of a list and the branches of a condition."""
    known = [type_ for type_ in types if type_.kind is not Kind.NULL]
    if not known:
        return NULL if types else ANY
    kinds = {_plain(type_.kind) for type_ in known}
    if kinds == set(NUMBERS):
        return Type(Kind.DECIMAL)
    if len(kinds) > 1:
        return ANY
    return known[0] if all(type_ == known[0] for type_ in known) else Type(kinds.pop())


def _lookup_problem(kind: Kind) -> bool:
    return kind not in (Kind.ANY, Kind.NULL, Kind.RECORD)


class _Checker:
    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def report(self, node: Node, code: ProblemCode, msgid: str, meant: str = "", /, **params: object) -> None:
        message = Message(msgid, {name: str(value) for name, value in params.items()})
        self.problems.append(Problem(code, message, node.at.line, node.at.column, meant))

    def type_of(self, node: Node, types: Mapping[str, Type]) -> Type:  # noqa: C901, PLR0911, PLR0912 - a case per shape
        match node:
            case Literal(value=value):
                return Type(kind_of(value))
            case Name(name=name):
                return self._named(node, name, types)
            case Field(target=target):
                return self._field(node, self.type_of(target, types))
            case Index(target=target, key=key):
                return self._index(node, self.type_of(target, types), self.type_of(key, types))
            case Unary(operator="!", operand=operand):
                self._needs_boolean(operand, types)
                return BOOLEAN
            case Unary(operand=operand):
                return self._minus(node, self.type_of(operand, types))
            case Arithmetic(left=left, right=right):
                return self._arithmetic(node, self.type_of(left, types), self.type_of(right, types))
            case Comparison(left=left, right=right):
                self._comparison(node, self.type_of(left, types), self.type_of(right, types))
                return BOOLEAN
            case Logical(operands=operands):
                for operand in operands:
                    self._needs_boolean(operand, types)
                return BOOLEAN
            case Conditional(condition=condition, then=then, otherwise=otherwise):
                self._needs_boolean(condition, types)
                return common((self.type_of(then, types), self.type_of(otherwise, types)))
            case Call(arguments=arguments):
                return self._call(node, tuple(self.type_of(argument, types) for argument in arguments))
            case Comprehension():
                return self._comprehension(node, types)
            case ListLiteral(items=items):
                return list_of(common(tuple(self.type_of(item, types) for item in items)))
            case RecordLiteral():
                return self._record(node, types)

    def _named(self, node: Name, name: str, types: Mapping[str, Type]) -> Type:
        found = types.get(name)
        if found is None:
            self._unknown(node, ProblemCode.UNKNOWN_NAME, name, types)
        return found or ANY

    def _unknown(self, node: Node, code: ProblemCode, name: str, known: Mapping[str, object]) -> None:
        close = get_close_matches(name, known, n=1)
        if close:
            msgid = marked("“%(name)s” is not known. Did you mean “%(suggestion)s”?")
            self.report(node, code, msgid, close[0], name=name, suggestion=close[0])
        else:
            self.report(node, code, marked("“%(name)s” is not known."), name=name)

    def _field(self, node: Field, target: Type) -> Type:
        if _lookup_problem(target.kind):
            msgid = marked("“%(name)s” cannot be read here: this is %(found)s, not a record.")
            self.report(node, ProblemCode.WRONG_TYPE, msgid, name=node.name, found=target.kind)
        if target.fields is None:
            return ANY
        if node.name not in target.fields:
            self._unknown(node, ProblemCode.UNKNOWN_FIELD, node.name, target.fields)
            return ANY
        return target.fields[node.name]

    def _index(self, node: Index, target: Type, key: Type) -> Type:
        wanted = {Kind.LIST: Kind.INTEGER, Kind.RECORD: Kind.TEXT}.get(target.kind, Kind.ANY)
        if target.kind not in (Kind.ANY, Kind.NULL, Kind.LIST, Kind.RECORD) or not fits(key, Type(wanted)):
            msgid = marked("%(left)s cannot be indexed with %(right)s.")
            self.report(node, ProblemCode.WRONG_TYPE, msgid, left=target.kind, right=key.kind)
        if target.kind is Kind.LIST:
            return target.item or ANY
        if target.fields and isinstance(node.key, Literal) and isinstance(node.key.value, str):
            return target.fields.get(node.key.value, NULL)
        return ANY

    def _needs_boolean(self, node: Node, types: Mapping[str, Type]) -> None:
        found = self.type_of(node, types)
        if not fits(found, BOOLEAN):
            msgid = marked("A condition is needed here, but this is %(found)s.")
            self.report(node, ProblemCode.WRONG_TYPE, msgid, found=found.kind)

    def _minus(self, node: Unary, operand: Type) -> Type:
        if operand.kind not in (*NUMBERS, Kind.MONEY, Kind.ANY, Kind.NULL):
            msgid = marked("There is no minus for %(found)s.")
            self.report(node, ProblemCode.WRONG_TYPE, msgid, found=operand.kind)
            return ANY
        return operand

    def _arithmetic(self, node: Arithmetic, left: Type, right: Type) -> Type:
        if Kind.NULL in (left.kind, right.kind):
            self._always_null(node)
            return NULL
        if Kind.ANY in (left.kind, right.kind):
            return ANY
        rule = RULES.get((node.operator, _plain(left.kind), _plain(right.kind)))
        if rule is None:
            self._do_not_go_together(node, node.operator, left, right)
            return ANY
        return (
            list_of(common((left.item or ANY, right.item or ANY)))
            if rule.result is Kind.LIST
            else Type(rule.result)
        )

    def _always_null(self, node: Node) -> None:
        self.report(node, ProblemCode.ALWAYS_NULL, marked("This is always empty, whatever is answered."))

    def _do_not_go_together(self, node: Node, operator: str, left: Type, right: Type) -> None:
        msgid = marked("“%(operator)s” does not go with %(left)s and %(right)s.")
        self.report(node, ProblemCode.WRONG_TYPE, msgid, operator=operator, left=left.kind, right=right.kind)

    def _comparison(self, node: Comparison, left: Type, right: Type) -> None:
        kinds = _plain(left.kind), _plain(right.kind)
        equality = node.operator in ("==", "!=")
        if Kind.NULL in kinds:
            # `x == null` asks whether x is answered; any other comparison with null is false.
            if not (equality and (is_null_literal(node.left) or is_null_literal(node.right))):
                self.report(node, ProblemCode.ALWAYS_NULL, marked("A comparison with null is never true."))
        elif node.operator == "in":
            self._among(node, left, right)
        elif equality:
            if not (fits(left, right) or fits(right, left)):
                self._do_not_go_together(node, node.operator, left, right)
            self._is_option(node.right, left)
            self._is_option(node.left, right)
        elif Kind.ANY not in kinds and not orderable(*kinds):
            self._do_not_go_together(node, node.operator, left, right)

    def _among(self, node: Comparison, left: Type, right: Type) -> None:
        item = TEXT if right.kind is Kind.RECORD else right.item or ANY
        if right.kind not in (Kind.LIST, Kind.RECORD, Kind.ANY) or not (fits(left, item) or fits(item, left)):
            self._do_not_go_together(node, node.operator, left, right)
        for each in node.right.items if isinstance(node.right, ListLiteral) else ():
            self._is_option(each, left)
        self._is_option(node.left, item)

    def _is_option(self, node: Node, chosen: Type) -> None:
        if chosen.kind is not Kind.CHOICE or not chosen.options or not isinstance(node, Literal):
            return
        if isinstance(node.value, str) and node.value not in chosen.options:
            close = get_close_matches(node.value, chosen.options, n=1)
            msgid = marked("“%(value)s” is not one of the options: %(options)s.")
            options = ", ".join(chosen.options)
            suggestion = close[0] if close else ""
            self.report(node, ProblemCode.NOT_AN_OPTION, msgid, suggestion, value=node.value, options=options)

    def _call(self, node: Call, arguments: tuple[Type, ...]) -> Type:
        function = FUNCTIONS.get(node.function)
        if function is None:
            self._unknown(
                node, ProblemCode.UNKNOWN_FUNCTION, node.function, {**FUNCTIONS, **dict.fromkeys(MACROS)}
            )
            return ANY
        if not function.takes(len(arguments)):
            msgid = marked("“%(name)s” is written %(signature)s.")
            self.report(
                node, ProblemCode.WRONG_ARITY, msgid, name=function.name, signature=function.signature
            )
            return result_type(function, arguments)
        for position, found in enumerate(arguments):
            self._argument(node, function, position, found)
        self._literals(node, arguments)
        return result_type(function, arguments)

    def _argument(self, node: Call, function: Function, position: int, found: Type) -> None:
        parameter = function.parameter(position)
        if found.kind is Kind.NULL and function.nulls is not Nulls.SEE:
            self._always_null(node)
        elif {found.kind, *parameter.kinds}.isdisjoint({Kind.ANY, Kind.NULL}) and (
            _plain(found.kind) not in parameter.kinds
        ):
            self.report(
                node.arguments[position],
                ProblemCode.WRONG_TYPE,
                marked("“%(name)s” does not take %(found)s; it is written %(signature)s."),
                name=function.name,
                found=found.kind,
                signature=function.signature,
            )

    def _literals(self, node: Call, arguments: tuple[Type, ...]) -> None:
        """What can be said of arguments written out: an option, a pattern."""
        if len(node.arguments) != 2:
            return
        second = node.arguments[1]
        if node.function == "selected":
            chosen = arguments[0]
            self._is_option(second, chosen.item or ANY if chosen.kind is Kind.LIST else chosen)
        if node.function == "matches" and isinstance(second, Literal) and isinstance(second.value, str):
            try:
                compiled_pattern(second.value)
            except Fault:
                msgid = marked("This pattern cannot be used: it is not RE2, or it is too large.")
                self.report(second, ProblemCode.BAD_PATTERN, msgid)

    def _comprehension(self, node: Comprehension, types: Mapping[str, Type]) -> Type:
        target = self.type_of(node.target, types)
        if target.kind not in (Kind.LIST, Kind.RECORD, Kind.ANY, Kind.NULL):
            msgid = marked("“%(name)s” goes over a list, but this is %(found)s.")
            self.report(node, ProblemCode.WRONG_TYPE, msgid, name=node.macro, found=target.kind)
        item = TEXT if target.kind is Kind.RECORD else target.item or ANY
        inner = {**types, node.variable: item}
        if node.macro == "map":
            return list_of(self.type_of(node.body, inner))
        self._needs_boolean(node.body, inner)
        return list_of(item) if node.macro == "filter" else BOOLEAN

    def _record(self, node: RecordLiteral, types: Mapping[str, Type]) -> Type:
        fields: dict[str, Type] = {}
        for key, value in node.entries:
            if not fits(self.type_of(key, types), TEXT):
                self.report(key, ProblemCode.WRONG_TYPE, marked("The keys of a record are texts."))
            found = self.type_of(value, types)
            if isinstance(key, Literal):
                fields[str(key.value)] = found
        return record(fields) if len(fields) == len(node.entries) else Type(Kind.RECORD)
