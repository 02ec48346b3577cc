"""An import-linter contract: how far into another context an import may reach.

The floors say which context may look at which; this says that it sees the public modules only.
"""

from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PublicSurfaceContract(Contract):
    """Options: `package`; `public` modules of every context; `open` packages, seen whole.

    `also` lists more, as `context.module` or deeper. `roots` are packages that may see all but the `never`
    modules.
    """

    type_name = "public_surface"

    package = fields.StringField()
    public = fields.SetField(subfield=fields.StringField())
    also = fields.SetField(subfield=fields.StringField(), required=False)
    open = fields.SetField(subfield=fields.StringField(), required=False)
    roots = fields.SetField(subfield=fields.StringField(), required=False)
    never = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        reaches = sorted(
            (importer, imported)
            for importer in graph.modules
            for imported in graph.find_modules_directly_imported_by(importer)
            if self._reaches_too_far(importer, imported)
        )
        return ContractCheck(kept=not reaches, metadata={"reaches": reaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, imported in check.metadata["reaches"]:
            output.print_error(f"{importer} reaches into {imported}")

    def _reaches_too_far(self, importer: str, imported: str) -> bool:
        source, _ = self._place(importer)
        target, module = self._place(imported)
        if not source or not target or source == target or not module:
            return False
        if source in self._named("roots"):
            return module in self._named("never")
        if target in self._named("open"):
            return False
        inner = imported.partition(".")[2]
        offered = any(inner == name or inner.startswith(f"{name}.") for name in self._named("also"))
        return module not in self._named("public") and not offered

    def _place(self, name: str) -> tuple[str, str]:
        """The context that a module belongs to and the name of the module in it; both may be empty."""
        root, _, inner = name.partition(".")
        if root != cast("str", self.package):
            return "", ""
        context, _, rest = inner.partition(".")
        return context, rest.partition(".")[0]

    def _named(self, option: str) -> set[str]:
        given: Any = getattr(self, option)
        return given or set()
