"""From source to tree: bounded in length and depth, and kind when it says no."""

import re
from decimal import Decimal, DecimalException
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken, v_args

from loket.expressions.numbers import DECIMALS, WHOLE_MAX
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
    Position,
    RecordLiteral,
    Unary,
    walk,
)
from loket.kernel.text import Message, marked

MAX_SOURCE = 10_000  # characters
MAX_DEPTH = 80  # nodes from the root to a leaf; evaluation uses two Python frames for each


class SyntaxProblem(Exception):
    """The source is no expression. `line` and `column` count from 1."""

    def __init__(self, message: Message, at: Position) -> None:
        super().__init__(message.msgid)
        self.message, self.line, self.column = message, at.line, at.column


def read_tree(source: str) -> Node:
    """Raises SyntaxProblem and nothing else."""
    if len(source) > MAX_SOURCE:
        message = marked("This expression is too long. Use at most %(limit)s characters.")
        raise SyntaxProblem(Message(message, {"limit": MAX_SOURCE}), Position(1, 1))
    try:
        root: Node = _PARSER.parse(source)  # type: ignore[assignment]  # the transformer makes nodes
    except UnexpectedInput as unexpected:
        raise _explained(unexpected, source) from None
    for node, depth in walk(root):
        if depth > MAX_DEPTH:
            message = marked("This expression is nested too deeply. Split it into calculated values.")
            raise SyntaxProblem(Message(message), node.at)
        if isinstance(node, Literal) and type(node.value) is int and node.value > WHOLE_MAX:
            raise SyntaxProblem(Message(_TOO_LARGE), node.at)
    return root


_TOO_LARGE = marked("This number is too large.")
_ESCAPE = re.compile(
    r"\\(?:[xX]([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-3][0-7]{2})|(.))", re.DOTALL
)
_SIMPLE_ESCAPES = dict(zip("abfnrtv\\?\"'`", "\a\b\f\n\r\t\v\\?\"'`", strict=True))


def _at(token: Token) -> Position:
    return Position(token.line or 1, token.column or 1)


def _text(token: Token) -> str:
    """The text a quoted token stands for."""
    raw = token[0] in "rR"
    quoted = token[1:] if raw else str(token)
    width = 3 if quoted[:3] in ('"""', "'''") else 1
    inner = quoted[width:-width]
    return inner if raw else _ESCAPE.sub(lambda found: _unescaped(found, token), inner)


def _unescaped(found: re.Match[str], token: Token) -> str:
    two, four, eight, octal, simple = found.groups()
    digits = two or four or eight
    code = int(digits, 16) if digits else int(octal, 8) if octal else -1
    if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
        return chr(code)
    if simple in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[simple]
    message = marked('“%(escape)s” is not a known escape. Write \\\\ for a backslash, or r"…" for raw text.')
    raise SyntaxProblem(Message(message, {"escape": found.group()}), _at(token))


@v_args(inline=True)
class _TreeBuilder(Transformer[Token, Node]):
    """Called by the parser as it goes, so that no depth of source needs depth of stack."""

    def start(self, root: Node) -> Node:
        return root

    def conditional(self, condition: Node, mark: Token, then: Node, otherwise: Node) -> Node:
        return Conditional(condition, then, otherwise, _at(mark))

    def logical(self, *parts: Node | Token) -> Node:
        operator = parts[1]
        assert isinstance(operator, Token)
        operands = tuple(part for part in parts if not isinstance(part, Token))
        return Logical(str(operator), operands, _at(operator))

    def comparison(self, left: Node, operator: Token, right: Node) -> Node:
        return Comparison(str(operator), left, right, _at(operator))

    def arithmetic(self, left: Node, operator: Token, right: Node) -> Node:
        return Arithmetic(str(operator), left, right, _at(operator))

    def unary(self, operator: Token, operand: Node) -> Node:
        if operator == "-" and isinstance(operand, Literal) and type(operand.value) is int:
            return Literal(-operand.value, _at(operator))
        return Unary(str(operator), operand, _at(operator))

    def field(self, target: Node, name: Token) -> Node:
        return Field(target, str(name), _at(name))

    def index(self, target: Node, bracket: Token, key: Node) -> Node:
        return Index(target, key, _at(bracket))

    def method(self, target: Node, name: Token, arguments: tuple[Node, ...]) -> Node:
        if name not in MACROS:
            return Call(str(name), (target, *arguments), _at(name))
        if len(arguments) == 2 and isinstance(arguments[0], Name):
            return Comprehension(str(name), target, arguments[0].name, arguments[1], _at(name))
        message = marked("“%(name)s” needs a name and a condition, as in list.%(name)s(item, item < 6).")
        raise SyntaxProblem(Message(message, {"name": str(name)}), _at(name))

    def call(self, name: Token, arguments: tuple[Node, ...]) -> Node:
        return Call(str(name), arguments, _at(name))

    def name(self, name: Token) -> Node:
        return Name(str(name), _at(name))

    def list_literal(self, bracket: Token, items: tuple[Node, ...]) -> Node:
        return ListLiteral(items, _at(bracket))

    def record_literal(self, brace: Token, entries: tuple[tuple[Node, Node], ...]) -> Node:
        return RecordLiteral(entries, _at(brace))

    def arguments(self, *nodes: Node | None) -> tuple[Node, ...]:
        return tuple(node for node in nodes if node is not None)

    items = entries = arguments

    def entry(self, key: Node, value: Node) -> tuple[Node, Node]:
        return (key, value)

    def null(self, token: Token) -> Node:
        return Literal(None, _at(token))

    def true(self, token: Token) -> Node:
        return Literal(True, _at(token))

    def false(self, token: Token) -> Node:
        return Literal(False, _at(token))

    def whole(self, token: Token) -> Node:
        # The one number beyond the largest is fine behind a minus; read_tree looks at that.
        if len(token) > 30 or (number := int(token, 16 if token[:2] in ("0x", "0X") else 10)) > WHOLE_MAX + 1:
            raise SyntaxProblem(Message(_TOO_LARGE), _at(token))
        return Literal(number, _at(token))

    def decimal(self, token: Token) -> Node:
        try:
            return Literal(DECIMALS.create_decimal(Decimal(str(token))), _at(token))
        except DecimalException:
            raise SyntaxProblem(Message(_TOO_LARGE), _at(token)) from None

    def text(self, token: Token) -> Node:
        return Literal(_text(token), _at(token))


_PARSER = Lark(
    (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8"),
    parser="lalr",
    transformer=_TreeBuilder(),
    maybe_placeholders=False,
)

_ADVICE = {
    "=": marked("To compare, write == instead of =."),
    "and": marked("For “and”, write &&."),
    "or": marked("For “or”, write ||."),
    "&": marked("For “and”, write &&."),
    "|": marked("For “or”, write ||."),
    '"': marked("This text has no closing quote."),
    "'": marked("This text has no closing quote."),
    "“": marked('Write texts in straight quotes, like "this".'),
    "”": marked('Write texts in straight quotes, like "this".'),
}


def _explained(unexpected: UnexpectedInput, source: str) -> SyntaxProblem:
    if isinstance(unexpected, UnexpectedToken) and unexpected.token.type == "$END":
        lines = source.split("\n")
        at = Position(len(lines), len(lines[-1]) + 1)
        if not source.strip():
            return SyntaxProblem(Message(marked("There is no expression here.")), at)
        return SyntaxProblem(Message(marked("The expression ends too early.")), at)
    at = Position(max(unexpected.line, 1), max(unexpected.column, 1))
    found = unexpected.char if isinstance(unexpected, UnexpectedCharacters) else ""
    if isinstance(unexpected, UnexpectedToken):
        found = str(unexpected.token)
    if found in _ADVICE:
        return SyntaxProblem(Message(_ADVICE[found]), at)
    message = marked("“%(found)s” is not expected here.")
    return SyntaxProblem(Message(message, {"found": found[:40]}), at)
