"""Kinds of import contract that import-linter doesn't have, named in `.importlinter`.

`private` is new. The two `…_if_present` kinds are import-linter's own, with one difference: a
package that doesn't exist yet is no mistake, so that a contract stands before its first subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.protected import ProtectedContract

if TYPE_CHECKING:
    from grimp import ImportGraph
    from importlinter.domain.imports import ModuleExpression


class Private(Contract):
    """A module of one of these names is imported only from inside the package that holds it.

    `baton.orders.store`, and all below it, is known to `baton.orders` and its descendants alone.
    """

    modules = fields.SetField(subfield=fields.StringField())
    broken_contract_guidance = fields.TextField(required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        names: set[str] = self.modules  # type: ignore[assignment]
        output.verbose_print(verbose, f"Searching for imports of another's {sorted(names)}...")
        intruders = sorted(
            (importer, module, _lines(graph, importer, module))
            for module in graph.modules
            if (owner := _owner(module, names)) and not graph.is_module_squashed(module)
            for importer in graph.find_modules_that_directly_import(module)
            if not f"{importer}.".startswith(f"{owner}.")
        )
        return ContractCheck(kept=not intruders, metadata={"intruders": intruders})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module, lines in check.metadata["intruders"]:
            output.print_error(f"- {importer} -> {module} ({lines})", bold=False)
        output.new_line()
        contract_utils.render_broken_contract_guidance(self.broken_contract_guidance)  # type: ignore[arg-type]


class ForbiddenIfPresent(ForbiddenContract):
    """import-linter's `forbidden`; sources that don't exist are passed over."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        self.source_modules: Any = set(_present(self.source_modules, graph))
        self.forbidden_modules: Any = set(_present(self.forbidden_modules, graph))
        return super().check(graph, verbose)


class ProtectedIfPresent(ProtectedContract):
    """import-linter's `protected`; importers and protected packages may be absent."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        self.protected_modules: Any = list(_present(self.protected_modules, graph))
        self.allowed_importers: Any = list(_present(self.allowed_importers, graph))
        return super().check(graph, verbose)


def _present(
    expressions: Iterable[ModuleExpression], graph: ImportGraph
) -> Iterable[ModuleExpression]:
    return (e for e in expressions if e.has_wildcard_expression() or e.expression in graph.modules)


def _owner(module: str, names: set[str]) -> str:
    """The package that holds the first part of `module` with one of the names, or ""."""
    parts = module.split(".")
    first = next((at for at, part in enumerate(parts) if part in names), 0)
    return ".".join(parts[:first])


def _lines(graph: ImportGraph, importer: str, imported: str) -> str:
    details = graph.get_import_details(importer=importer, imported=imported)
    return ", ".join(f"l.{detail['line_number']}" for detail in details)
