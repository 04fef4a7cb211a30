"""Compares each addon's ``i18n/<addon>.pot`` with the terms it has now.

``python pot.py [--fix]``: prints the terms that were added and removed and ends with
status 1 if there are any; with ``--fix`` writes the file anew. The terms are those Odoo
exports, less the fields that other addons put on models of ours (an addon extending
``mail.thread`` does), so that they do not depend on what else is installed. Dates and
versions in a file's header are not compared.
"""

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import polib

import addons as addons_module
import databases
from addons import ROOT, Addon
from installer import OdooFailed, run_odoo

HOME = Path(os.environ["KPI_HOME"])
TREE = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
DATABASE = f"kpi_lint_{TREE}"
# which addons the database holds, and the hash of each one's code and data
STATE = HOME / "stamps" / f"{DATABASE}.json"
# differs from one run or Odoo to the next, says nothing about the terms
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date", "Project-Id-Version")
LINES_SHOWN = 20

Terms = dict[tuple, polib.POEntry]


def update_database(addons: Iterable[Addon]) -> None:
    """Makes the database hold exactly these addons as they are now."""
    wanted = _hashes(addons)
    known = _read_state()
    if known == wanted:
        return
    STATE.unlink(missing_ok=True)
    if known is None or known.keys() - wanted.keys():
        _install(wanted)
    else:
        try:
            _run(wanted.keys() - known.keys(), _changed(known, wanted))
        except OdooFailed:  # an upgrade that no migration prepares: from scratch
            _install(wanted)
    _write_state(wanted)


def _hashes(addons: Iterable[Addon]) -> dict[str, str]:
    return {addon.name: addon.database_hash for addon in addons}


def _read_state() -> dict[str, str] | None:
    if not STATE.exists() or not databases.exists(DATABASE):
        return None
    return json.loads(STATE.read_text(encoding="utf-8"))


def _write_state(hashes: dict[str, str]) -> None:
    STATE.write_text(json.dumps(hashes), encoding="utf-8")


def _changed(known: dict[str, str], wanted: dict[str, str]) -> set[str]:
    return {name for name in known if known[name] != wanted[name]}


def _install(names: Iterable[str]) -> None:
    databases.drop(DATABASE)
    _run(names, ())


def _run(installed: Iterable[str], upgraded: Iterable[str]) -> None:
    arguments = ["-d", DATABASE, "--stop-after-init", "--no-http"]
    for option, names in (("-i", installed), ("-u", upgraded)):
        if names:
            arguments += [option, ",".join(sorted(names))]
    run_odoo(arguments, HOME / "logs" / "lint.log")


class Exporter:
    """Odoo on the database."""

    def __enter__(self):
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry
        from odoo.tools import config

        options = ["-d", DATABASE, "--no-http", "--log-level=error"]
        config.parse_config(options, setup_logging=True)
        self._cursor = Registry(DATABASE).cursor()
        self.env = api.Environment(self._cursor, SUPERUSER_ID, {})
        return self

    def __exit__(self, *_exception):
        self._cursor.close()

    def export(self, addon: str) -> polib.POFile:
        """The template of an addon."""
        from odoo.tools.translate import PoFileWriter, TranslationModuleReader

        reader = TranslationModuleReader(self.env.cr, modules=[addon])
        family = self._family(addon)
        rows = [row for row in reader if self._is_of(family, row)]
        content = io.BytesIO()
        if rows:
            PoFileWriter(content, None).write_rows(rows)
        return polib.pofile(content.getvalue().decode())

    def _family(self, addon: str) -> set[str]:
        """The addon and all it depends on."""
        module = self.env["ir.module.module"].search([("name", "=", addon)])
        return {
            addon,
            *module.upstream_dependencies(exclude_states=("",)).mapped("name"),
        }

    def _is_of(self, family: set[str], row: tuple) -> bool:
        _module, kind, name, xml_id, *_rest = row
        if kind != "model" or not name.startswith("ir.model.fields"):
            return True
        record = self.env.ref(xml_id)
        if record._name == "ir.model.fields.selection":
            record = record.field_id
        field = self.env[record.model]._fields[record.name]
        return not family.isdisjoint(field._modules)


def terms(file: polib.POFile) -> Terms:
    """Entries by all that makes them: text, comment, places."""
    return {
        (entry.msgid, entry.comment, tuple(sorted(entry.occurrences))): entry
        for entry in file
    }


def differences(old: Terms, new: Terms) -> Iterator[str]:
    """A line for each term that is only in one of the two."""
    for sign, here, there in (("-", old, new), ("+", new, old)):
        for key in sorted(here.keys() - there.keys()):
            msgid, _comment, occurrences = key
            places = ", ".join(place for place, _line in occurrences[:2])
            yield f"  {sign} {msgid!r} ({places})"


def check(addon: Addon, template: polib.POFile, fix: bool) -> bool:
    """Whether the addon's file is current; with ``fix`` it is afterwards."""
    path = addon.path / "i18n" / f"{addon.name}.pot"
    old = terms(polib.pofile(str(path))) if path.exists() else {}
    lines = list(differences(old, terms(template)))
    if not lines:
        return True
    verb = "written anew" if fix else "not current"
    print(f"{path.relative_to(ROOT)}: {verb}, {len(lines)} lines differ")
    print("\n".join(lines[:LINES_SHOWN]))
    if fix:
        for name in VOLATILE:
            template.metadata.pop(name, None)
        path.parent.mkdir(exist_ok=True)
        template.save(str(path), newline="\n")
    return fix


def main(fix: bool) -> int:
    ours = addons_module.our_addons()
    ready, missing = addons_module.split_by_dependencies(
        ours, addons_module.odoo_addon_names()
    )
    for name, dependencies in missing.items():
        print(f"{name}: left out, as {', '.join(dependencies)} is not installed here")
    try:
        update_database(ready)
    except OdooFailed as error:
        print(f"the addons could not be installed:\n{error}")
        return 1
    with Exporter() as exporter:
        results = [check(addon, exporter.export(addon.name), fix) for addon in ready]
    if fix:  # the files just written are no reason for an upgrade
        _write_state(_hashes(ready))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main("--fix" in sys.argv[1:]))
