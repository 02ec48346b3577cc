"""What can be said about tables, fees and waivers before anybody is charged or decided about."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from babel.numbers import list_currencies

from loket import expressions
from loket.catalogue.cells import Types, cell, form_of, one_of, types_of
from loket.catalogue.marks import Mark, error, warning
from loket.catalogue.reading import Path
from loket.catalogue.sentences import suggestion
from loket.catalogue.service import Service
from loket.decisions import proof
from loket.decisions.amounts import MOST, Unusable, amount_of, share_of
from loket.decisions.definition import Fee, Hit, Table
from loket.decisions.proof import Cover, coverage, domain
from loket.decisions.tables import compile_table
from loket.decisions.types import FaultCode
from loket.expressions import BOOLEAN, Expression, Kind, Value
from loket.expressions.tree import Conditional, Field, Literal, Name, Node, Unary
from loket.kernel.money import Money
from loket.workflow.definition import Automatic, Final, Term

_AMOUNT = frozenset({Kind.TEXT, Kind.CHOICE, Kind.INTEGER, Kind.DECIMAL, Kind.MONEY})
_SHARE = frozenset({Kind.INTEGER, Kind.DECIMAL})
_FAULTS: Mapping[FaultCode, str] = {
    FaultCode.AMOUNT_UNREADABLE: "This is no amount; write a decimal such as '1050.00'.",
    FaultCode.AMOUNT_NEGATIVE: "An amount can't be negative; a waiver takes something off.",
    FaultCode.AMOUNT_TOO_LARGE: f"No amount is larger than {MOST:,}.",
    FaultCode.AMOUNT_ROUNDED_AWAY: "Rounding makes nothing of this amount.",
    FaultCode.CURRENCY: "This is money in another currency than the fee's.",
    FaultCode.SHARE_UNREADABLE: "This is no share; write a number from 0 to 1.",
    FaultCode.SHARE_OUT_OF_RANGE: "A share is a number from 0 (nothing) to 1 (everything).",
}
# A working day takes at most so many hours of the week, for comparing terms roughly.
_WORKING_DAY = 24 * 7 / 5


def tables(service: Service) -> Iterator[Mark]:
    """Names, types, and that some rule always fits."""
    form = form_of(service)
    known: Types = form.types if form else {}
    for key, table in service.tables.items():
        path: Path = ("tables", key)
        if not _usable_name(key):
            yield error(
                "reserved", f"“{key}” means something in expressions; choose another name.", path, of_key=True
            )
        if key in known:
            yield error(
                "twice", f"“{key}” is the name of a question or calculated value, too.", path, of_key=True
            )
        yield from _cells(service, key, table, None if form is None else known)
        yield from _outputs(service, key, table)
        yield from _rules(service, key, table)


def fees(service: Service) -> Iterator[Mark]:
    types = types_of(service)
    yield from _ids(service)
    for number, fee in enumerate(service.fees):
        path: Path = ("fees", number)
        if fee.when is not None:
            yield from cell(fee.when, types, (*path, "when"), expected=BOOLEAN)
        yield from one_of(fee.amount, types, (*path, "amount"), _AMOUNT, "an amount")
        yield from _constants(service, fee.amount, (*path, "amount"), fee)
        if not _is_constant(fee) and fee.says is None:
            yield error(
                "fee-unsaid",
                f"What “{fee.id}” costs depends on answers: say in “says” what people may have to pay.",
                path,
            )
        yield from _currency(service, number, fee)


def waivers(service: Service) -> Iterator[Mark]:
    types = types_of(service)
    files = {question.id: question.kind for page in service.form.pages for question in page.questions}
    for number, waiver in enumerate(service.waivers):
        path: Path = ("waivers", number)
        yield from one_of(waiver.share, types, (*path, "share"), _SHARE, "a number from 0 to 1")
        yield from _constants(service, waiver.share, (*path, "share"), None)
        named = [fee.id for fee in service.fees]
        for index, of in enumerate(waiver.of):
            if of not in named:
                yield error(
                    "fee-unknown", f"There is no fee “{of}”.{suggestion(of, named)}", (*path, "of", index)
                )
        if waiver.proof is not None and files.get(waiver.proof) != "file":
            message = f"“{waiver.proof}” is no question that asks for a file."
            yield error("proof-is-no-file", message, (*path, "proof"))
    if service.waivers and not service.fees:
        yield error("waiver-of-nothing", "There are waivers, but no fees.", ("waivers",), of_key=True)


def payment(service: Service) -> Iterator[Mark]:
    terms = service.payment
    if not service.fees and "payment" in service.model_fields_set:
        yield warning(
            "payment-unused", "There are no fees, so nothing waits for a payment.", ("payment",), of_key=True
        )
    if terms.remind is not None and _hours(terms.remind) >= _hours(terms.within):
        message = "The reminder would go out before there is anything to remind of: remind later."
        path: Path = ("payment", "remind") if "remind" in terms.model_fields_set else ("payment",)
        yield error("reminder-too-early", message, path)


def unexplained(service: Service) -> Iterator[Mark]:
    """Branches that end a case without anybody acting, and without a word on why."""
    stages = service.workflow.stages
    for key, stage in stages.items():
        if not isinstance(stage, Automatic) or stage.choose is None:
            continue
        for index, choice in enumerate(stage.choose):
            if choice.because is None and isinstance(stages.get(choice.to), Final):
                yield warning(
                    "because-missing",
                    "This decides the case by itself; say why in “because”, for the person it is about.",
                    ("workflow", "stages", key, "choose", index),
                )


def _cells(service: Service, key: str, table: Table, known: Types | None) -> Iterator[Mark]:
    """A table may use those before it. Names of later ones are told apart from mistyped ones."""
    types: Types | None = known
    if known is not None:
        everything = types_of(service) or {}
        before = list(service.tables)[: list(service.tables).index(key)]
        types = {**known, **{name: everything[name] for name in before}}
    for number, rule in enumerate(table.rules):
        path: Path = ("tables", key, "rules", number)
        cells = [(rule.when, (*path, "when"), BOOLEAN)] if rule.when is not None else []
        for source, at, expected in cells:
            yield from _in_order(service, source, at, types, expected)
        for name, source in rule.gives.items():
            yield from _in_order(service, source, (*path, "gives", name), types, None)


def _in_order(
    service: Service, source: str, path: Path, types: Types | None, expected: expressions.Type | None
) -> Iterator[Mark]:
    late = [
        name for name in _names(source) if name in service.tables and types is not None and name not in types
    ]
    if late:
        yield error("asked-later", f"The table “{late[0]}” is worked out later than it is used here.", path)
    else:
        yield from cell(source, types, path, expected=expected)


def _outputs(service: Service, key: str, table: Table) -> Iterator[Mark]:
    types = types_of(service)
    for name in table.rules[0].gives:
        if not _usable_name(name):
            message = f"“{name}” means something in expressions; choose another name."
            yield error("reserved", message, ("tables", key, "rules", 0, "gives", name), of_key=True)
    if types is None:
        return
    record = types[key].fields or {}
    for name, found in record.items():
        kind = found.item.kind if table.hit is Hit.COLLECT and found.item else found.kind
        if kind is Kind.ANY:
            message = f"The rules give different kinds of value as “{name}”, or nothing that can be known."
            yield error("outputs-differ", message, ("tables", key, "rules"), of_key=True)


def _rules(service: Service, key: str, table: Table) -> Iterator[Mark]:
    path: Path = ("tables", key)
    seen: dict[str, int] = {}
    for number, rule in enumerate(table.rules):
        source = " ".join((rule.when or "").split())
        if rule.when is not None and source in seen:
            message = f"Rule {seen[source] + 1} has the same condition."
            yield warning("rule-twice", message, (*path, "rules", number, "when"))
        seen.setdefault(source, number)
    try:
        compiled = compile_table(key, table)
    except expressions.SyntaxProblem:
        return
    found = coverage(compiled, _domains(service))
    for number in sorted(found.dead):
        yield warning(
            "rule-unreachable", f"No case ever gets to rule {number + 1}.", (*path, "rules", number)
        )
    if table.hit is Hit.COLLECT or found.cover is Cover.WHOLE:
        return
    said = ", ".join(f"{name} is {_worded(value)}" for name, value in found.example.items())
    example = f" None fits where {said}." if said else ""
    yield error(
        "table-incomplete",
        f"It is not shown that a rule of “{key}” always fits: end with a rule without “when”.{example}",
        (*path, "rules"),
        of_key=True,
    )


def _domains(service: Service) -> Mapping[str, tuple[Value, ...]]:
    form = form_of(service)
    if form is None:
        return {}
    always = {
        question.id
        for page in service.form.pages
        for question in page.questions
        if page.when is None and question.when is None and question.required
    }
    found = {name: domain(type_, name not in always) for name, type_ in form.types.items()}
    return {name: values for name, values in found.items() if values is not None}


def _ids(service: Service) -> Iterator[Mark]:
    seen: set[str] = set()
    parts = [("fees", index, fee.id) for index, fee in enumerate(service.fees)]
    parts += [("waivers", index, waiver.id) for index, waiver in enumerate(service.waivers)]
    for what, index, name in parts:
        if name in seen:
            yield error("twice", f"“{name}” is used twice; every id is used once.", (what, index, "id"))
        seen.add(name)


def _currency(service: Service, number: int, fee: Fee) -> Iterator[Mark]:
    path: Path = ("fees", number)
    if fee.currency not in list_currencies():
        yield error("currency-unknown", f"There is no currency “{fee.currency}”.", (*path, "currency"))
        return
    if fee.currency != service.fees[0].currency:
        yield error("currency-mixed", "All fees of a service are in one currency.", (*path, "currency"))
    if fee.round is not None:
        smallest = Money(Decimal(1), fee.currency)
        if fee.round > MOST or Money(fee.round, fee.currency).rounded().amount != fee.round:
            message = f"{fee.round} can't be paid in {smallest.currency}: round to a sum that can."
            yield error("round-unpayable", message, (*path, "round"))


def _constants(service: Service, source: str, path: Path, fee: Fee | None) -> Iterator[Mark]:
    """Values written out, here or in the table that is read here: each must be an amount, or a share."""
    try:
        root = expressions.parse(source).root
    except expressions.SyntaxProblem:
        return
    for literal, at in _written(service, root, path):
        try:
            if fee is None:
                share_of(literal)
            else:
                amount_of(literal, fee.currency, fee.round)
        except Unusable as wrong:
            if wrong.code in _FAULTS:
                yield error(wrong.code.replace("_", "-"), _FAULTS[wrong.code], at)


def _written(service: Service, node: Node, path: Path) -> Iterator[tuple[Value, Path]]:
    match node:
        case Literal(value=value):
            yield value, path
        case Unary(operator="-", operand=Literal(value=int() | Decimal() as value)):
            yield -value, path
        case Conditional(then=then, otherwise=otherwise):
            yield from _written(service, then, path)
            yield from _written(service, otherwise, path)
        case Field(target=Name(name=name), name=output) if name in service.tables:
            # What a collecting table gives is a list, and so neither an amount nor a share.
            table = service.tables[name]
            for number, rule in enumerate(table.rules if table.hit is Hit.FIRST else ()):
                found = _parsed(rule.gives.get(output, ""))
                if found is not None and not isinstance(found.root, Field):
                    yield from _written(
                        service, found.root, ("tables", name, "rules", number, "gives", output)
                    )
        case _:
            return


def _parsed(source: str) -> Expression | None:
    try:
        return expressions.parse(source)
    except expressions.SyntaxProblem:
        return None


def _names(source: str) -> tuple[str, ...]:
    found = _parsed(source)
    return tuple(sorted(found.names)) if found else ()


def _usable_name(name: str) -> bool:
    found = _parsed(name)
    return found is not None and found.names == frozenset({name})


def _is_constant(fee: Fee) -> bool:
    """Also where it is wrong: that is told on its own."""
    found = _parsed(fee.amount)
    return fee.when is None and found is not None and not found.names and not proof.tells_time(found)


def _worded(value: Value) -> str:
    if value is None:
        return "not answered"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"“{value}”"


def _hours(term: Term) -> float:
    return (term.hours or 0) + (term.days or 0) * 24 + (term.working_days or 0) * _WORKING_DAY
