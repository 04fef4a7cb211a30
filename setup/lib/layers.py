"""Finds imports that go against the layers of the addons.

``python layers.py [ROOT]``: prints each place, ends with status 1 if there is one.

- Pure code (``engine/``, ``analytics/``, ``schemas/``) imports pure code, the standard
  library and declared libraries; optional ones only inside functions.
- Models, wizards and reports import no controllers.
- An addon imports only those of ours that it depends on, directly or not, and none of
  their private names; and only those of Odoo that it, or one of these, names.
- The platform is kpi_base, kpi_tracking and the parts above them. Other addons import
  of it only the modules listed below ``## Public modules`` in docs/architecture.md.
- Themes of an addon, which are the folders of its models and of its pure code, do not
  import one another in a circle.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from addons import ROOT, Addon, needed_of_odoo, our_addons, with_lower

PURE = {"engine", "analytics", "schemas"}
THEMES = PURE | {"models"}
THIN = {"models", "wizards", "report"}
PLATFORM = {"kpi_base", "kpi_tracking"}
ODOO_BRINGS = {"babel", "lxml", "markupsafe", "openpyxl", "reportlab", "xlsxwriter"}
OPTIONAL = {"paramiko", "scipy", "sklearn", "threadpoolctl"}
PAGE = "docs/architecture.md"
SECTION = re.compile(r"^## Public modules\n(.*?)(?=^## |\Z)", re.M | re.S)
MODULE = re.compile(r"`(\w+(?:\.\w+)+)`")
OF_ADDONS = "odoo.addons."
# there are no imports in expressions
WITH_STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)

Statement = tuple[ast.AST, bool]


@dataclass(frozen=True)
class Import:
    """One imported module, or name of a module.

    :ivar module: ours without ``odoo.addons.``, others in full
    :ivar name: what is taken from it, if anything
    """

    line: int
    module: str
    name: str
    is_in_function: bool

    @property
    def addon(self) -> str:
        return self.module.split(".")[0]

    @property
    def addon_of_odoo(self) -> str:
        """One of Odoo's that it lies in; empty: none."""
        if not self.module.startswith(OF_ADDONS):
            return ""
        return self.module.split(".")[2]

    @property
    def folder(self) -> str:
        """The folder or module of the addon that it lies in."""
        return (*self.module.split("."), "")[1]


class Layers:
    """What the rules compare with: the addons below ``root`` and their page."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known_imports: dict[Path, list[Import]] = {}
        self.addons = our_addons(root)
        addons = self.addons.items()
        self.below = {name: _names(with_lower(addon)) for name, addon in addons}
        self.of_odoo = {name: {"base", *needed_of_odoo([a])} for name, a in addons}
        self.libraries = {name: _libraries(addon) for name, addon in addons}
        self.platform = {name for name, addon in addons if self._is_platform(addon)}
        page = root / PAGE
        section = SECTION.search(page.read_text()) if page.exists() else None
        self.public = set(MODULE.findall(section[1])) if section else set()

    def findings(self) -> Iterator[str]:
        for module in sorted(self.public):
            if not self._is_module(module):
                yield f"{PAGE}: there is no module {module}"
        for addon in self.addons.values():
            for file in sorted(addon.path.rglob("*.py")):
                yield from dict.fromkeys(self._findings_of(addon, file))
            if circle := self._find_circle(addon):
                yield f"{addon.name}: {', '.join(circle)} import in a circle"

    def _find_circle(self, addon: Addon) -> list[str]:
        """Themes that import one another."""
        imported: dict[str, set[str]] = {}
        for file in addon.path.rglob("[!_]*.py"):
            parts = file.relative_to(self.root).with_suffix("").parts
            if "tests" not in parts:
                known = imported.setdefault(_theme(parts), set())
                for found in self._imports(file):
                    if found.addon == addon.name:
                        known.add(_theme(found.module.split(".")))
        for theme, known in imported.items():
            known.discard(theme)
        try:
            TopologicalSorter(imported).prepare()
        except CycleError as error:
            return sorted({*error.args[1]})
        return []

    def _findings_of(self, addon: Addon, file: Path) -> Iterator[str]:
        place = file.relative_to(self.root)
        for found in self._imports(file):
            for problem in self._problems(addon, place.parts[1], found):
                yield f"{place}:{found.line}: {problem}"

    def _problems(self, addon: Addon, folder: str, found: Import) -> Iterator[str]:
        if folder in PURE and not self._is_pure(addon, found):
            yield f"pure code imports {found.module}"
        if found.addon_of_odoo and found.addon_of_odoo not in self.of_odoo[addon.name]:
            yield f"{addon.name} does not depend on {found.addon_of_odoo}"
        if found.addon not in self.addons:
            return
        if folder in THIN and found.folder == "controllers":
            yield f"{folder} import {found.module}"
        if found.addon == addon.name:
            return
        if found.addon not in self.below[addon.name]:
            yield f"{addon.name} does not depend on {found.addon}"
        elif re.search(r"(^|\.)_(?!_)", f"{found.module}.{found.name}"):
            yield f"{found.name or found.module} is private to {found.addon}"
        elif self._is_hidden(addon, found):
            yield f"{found.module} is not among the public modules of {PAGE}"

    def _is_pure(self, addon: Addon, found: Import) -> bool:
        if found.addon in self.addons:
            return found.folder in PURE
        declared = ODOO_BRINGS | self.libraries[addon.name]
        if found.is_in_function:
            declared |= OPTIONAL
        return found.addon in declared or found.addon in sys.stdlib_module_names

    def _is_hidden(self, addon: Addon, found: Import) -> bool:
        is_outside = found.addon in self.platform and addon.name not in self.platform
        return is_outside and found.module not in self.public

    def _is_platform(self, addon: Addon) -> bool:
        below = [self.addons.get(name) for name in addon.depends]
        return addon.name in PLATFORM or (
            addon.is_part and all(each and self._is_platform(each) for each in below)
        )

    def _imports(self, file: Path) -> list[Import]:
        """Read once, for the rules of each import and for circles."""
        if file not in self._known_imports:
            tree = ast.parse(file.read_text(encoding="utf-8"))
            self._known_imports[file] = [
                Import(node.lineno, module, name, is_in_function)
                for node, is_in_function in _statements(tree)
                if isinstance(node, ast.Import | ast.ImportFrom)
                for module, name in self._targets(file, node)
            ]
        return self._known_imports[file]

    def _targets(
        self, file: Path, node: ast.Import | ast.ImportFrom
    ) -> Iterator[tuple[str, str]]:
        """Modules, each with the name that is taken from it."""
        if isinstance(node, ast.Import):
            yield from ((self._plain(alias.name), "") for alias in node.names)
            return
        package = file.relative_to(self.root).with_suffix("").parts
        start = package[: len(package) - node.level] if node.level else ()
        base = self._plain(".".join([*start, *filter(None, [node.module])]))
        for alias in node.names:
            inner = self._plain(f"{base}.{alias.name}")
            is_module = self._is_module(inner) or f"{base}." == OF_ADDONS
            yield (inner, "") if is_module else (base, alias.name)

    def _plain(self, name: str) -> str:
        inner = name.removeprefix(OF_ADDONS)
        return inner if inner.split(".")[0] in self.addons else name

    def _is_module(self, name: str) -> bool:
        path = self.root.joinpath(*name.split("."))
        return path.is_dir() or path.with_suffix(".py").is_file()


def _statements(node: ast.AST, is_in_function: bool = False) -> Iterator[Statement]:
    """Those below a node, each with whether it lies in a function."""
    is_in_function |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, WITH_STATEMENTS):
            yield child, is_in_function
            yield from _statements(child, is_in_function)


def _theme(parts: Sequence[str]) -> str:
    """The folder of models or pure code that a module lies in; else its folder."""
    return "/".join(parts[1 : 3 if parts[1] in THEMES else 2])


def _names(addons: list[Addon]) -> set[str]:
    return {addon.name for addon in addons}


def _libraries(addon: Addon) -> set[str]:
    """What the manifests of the addon and of those below it declare."""
    declared = (a.manifest.get("external_dependencies", {}) for a in with_lower(addon))
    texts = (text for each in declared for text in each.get("python", []))
    return {re.match(r"[\w.-]+", text)[0].replace("-", "_") for text in texts}


if __name__ == "__main__":
    places = list(Layers(Path(*sys.argv[1:]) if sys.argv[1:] else ROOT).findings())
    sys.stdout.writelines(f"{place}\n" for place in places)
    sys.exit(bool(places))
