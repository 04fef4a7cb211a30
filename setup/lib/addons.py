"""The addons of this repository: every root folder with a ``__manifest__.py``.

Some install themselves. A *part* does when all that it depends on is ours: it belongs
to what it builds on, as if it were one addon with it. *Glue* does where an app of Odoo
stands beside ours, and joins the two.
"""

import ast
import hashlib
import importlib.util
import os
from collections.abc import Iterable, Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from installer import say

ROOT = Path(__file__).resolve().parents[2]
# none of these changes what a database holds
NOT_IN_DATABASE = {"tests", "static", "__pycache__", "readme", "i18n_src"}
SUFFIXES_NOT_IN_DATABASE = (".pyc", ".pot")
# of the addons of Odoo that install themselves: lists are imported with it
EXPECTED = ("base_import",)


@dataclass(frozen=True)
class Addon:
    """One addon folder."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_demo(self) -> bool:
        """Ships a demo company rather than features: named ``…_demo``."""
        return self.name.endswith("_demo")

    @property
    def is_extra(self) -> bool:
        """Only who needs it has it: demo, a predecessor's database, OCA's queue."""
        return self.is_demo or self.name.endswith(("_migration", "_queue_job"))

    @property
    def is_glue(self) -> bool:
        """Installs itself where an app of Odoo, or glue, is installed beside ours."""
        lower = [Addon(self.path.with_name(name)) for name in self.depends]
        is_joining = any(not addon.is_ours or addon.is_glue for addon in lower)
        return self._installs_itself and is_joining

    @property
    def has_books(self) -> bool:
        """Stands on Odoo's Invoicing, which the others do without."""
        return "account" in self.depends and not self.is_glue

    @property
    def is_part(self) -> bool:
        """Installs itself as soon as those of ours that it builds on are there."""
        return self._installs_itself and not self.is_glue

    @property
    def _installs_itself(self) -> bool:
        return bool(self.manifest.get("auto_install"))

    @property
    def is_ours(self) -> bool:
        """Whether there is such an addon here; else it is one of Odoo."""
        return (self.path / "__manifest__.py").exists()

    @cached_property
    def manifest(self) -> dict:
        """What ``__manifest__.py`` says."""
        text = (self.path / "__manifest__.py").read_text(encoding="utf-8")
        return ast.literal_eval(text)

    @property
    def depends(self) -> list[str]:
        return self.manifest.get("depends", [])

    @property
    def database_hash(self) -> str:
        """Changes when a database must be upgraded: code, data, views, translations."""
        return self._hash_of(self._database_files())

    @cached_property
    def files_hash(self) -> str:
        """Changes with any of its files but compiled ones."""
        files = (file for file in self.path.rglob("*") if file.is_file())
        return self._hash_of(file for file in files if file.suffix != ".pyc")

    @cached_property
    def code_hash(self) -> str:
        """Changes with its Python, that of tests left out."""
        files = self.path.rglob("*.py")
        return self._hash_of(file for file in files if not self._is_test(file))

    def _is_test(self, file: Path) -> bool:
        return file.relative_to(self.path).parts[0] == "tests"

    def _hash_of(self, files: Iterable[Path]) -> str:
        digest = hashlib.sha256()
        for file in sorted(files):
            digest.update(str(file.relative_to(self.path)).encode())
            digest.update(file.read_bytes())
        return digest.hexdigest()[:16]

    def _database_files(self) -> Iterator[Path]:
        for folder, names, files in os.walk(self.path):
            names[:] = [name for name in names if name not in NOT_IN_DATABASE]
            yield from (
                Path(folder, file)
                for file in files
                if not file.endswith(SUFFIXES_NOT_IN_DATABASE)
            )


def our_addons(root: Path = ROOT) -> dict[str, Addon]:
    """The installable addons of ``root`` by name."""
    found = (Addon(file.parent) for file in sorted(root.glob("*/__manifest__.py")))
    return {
        addon.name: addon for addon in found if addon.manifest.get("installable", True)
    }


def split_by_dependencies(
    addons: dict[str, Addon], others: Iterable[str]
) -> tuple[list[Addon], dict[str, list[str]]]:
    """Which of ``addons`` can be installed beside the addons named in ``others``.

    :return: the installable ones, each after those of ours it depends on; and of
        each other one the names that are missing
    """
    known = set(others)
    ready: list[Addon] = []
    waiting = dict(addons)
    while movable := [a for a in waiting.values() if known.issuperset(a.depends)]:
        for addon in movable:
            known.add(addon.name)
            ready.append(waiting.pop(addon.name))
    missing = {
        name: [dependency for dependency in addon.depends if dependency not in known]
        for name, addon in waiting.items()
    }
    return ready, missing


def with_lower(addon: Addon) -> list[Addon]:
    """The addon after those of ours that it needs, directly or not."""
    found: dict[str, Addon] = {}
    for name in addon.depends:
        below = Addon(addon.path.with_name(name))
        if below.is_ours:
            found.update({each.name: each for each in with_lower(below)})
    return [*found.values(), addon]


def needed_of_odoo(addons: Iterable[Addon]) -> set[str]:
    """Names of the addons of Odoo that ``addons`` and those below them depend on."""
    family = [below for addon in addons for below in with_lower(addon)]
    names = {name for addon in family for name in addon.depends}
    return names - {addon.name for addon in family}


def ready_addons() -> list[Addon]:
    """Ours that can be installed in this Odoo; says which cannot."""
    ready, missing = split_by_dependencies(our_addons(), odoo_addon_names())
    for name, dependencies in missing.items():
        if not Addon(ROOT / name).is_extra:
            say(f"left out: {name} needs {', '.join(dependencies)}, not in this Odoo")
    return ready


def odoo_addon_names(config_file: str | None = None) -> set[str]:
    """Names of the addons on Odoo's own paths: its package and ``addons_path``."""
    config = ConfigParser(interpolation=None)
    config.read(config_file or os.environ["ODOO_RC"])
    folders = [Path(p) for p in config["options"]["addons_path"].split(",")]
    spec = importlib.util.find_spec("odoo")
    folders += [Path(p, "addons") for p in spec.submodule_search_locations]
    manifests = (
        file for folder in folders for file in folder.glob("*/__manifest__.py")
    )
    return {file.parent.name for file in manifests if file.parent.parent != ROOT}
