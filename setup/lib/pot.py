"""Compares each addon's ``i18n/<addon>.pot`` with the terms it has now.

``python pot.py [--fix]``: prints the terms that were added and removed and ends with
status 1 if there are any; with ``--fix`` writes the file. The terms are those Odoo
exports, less the fields that other addons put on models of ours (an addon extending
``mail.thread`` does), so that they do not depend on what else is installed. Dates and
versions in a file's header are not compared. Nobody translates the demo company, so
addons that ship one are left out. Terms are product English (``words.py``), in the
case of the places where they are shown (``letter_case.py``), and of 30 words at most.

Addons that were current, and whose terms nothing can have changed since, are skipped.
The others are exported from a database of the tests where there is one that has all
addons: what else is installed makes no difference.
"""

import io
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import polib

from odoo.tools.translate import PoFileWriter, TranslationModuleReader

import databases
import words
from addons import (
    ROOT,
    Addon,
    odoo_addon_names,
    our_addons,
    split_by_dependencies,
    with_lower,
)
from installer import OdooFailed
from letter_case import SENTENCE, wrong_case
from odoo_environment import environment, load_odoo
from templates import Template, templates_for_tests
from term_places import Places
from verdicts import Verdicts

# differ from one run or Odoo to the next, say nothing about the terms
VOLATILE = ("POT-Creation-Date", "PO-Revision-Date", "Project-Id-Version")
LINES_SHOWN = 20
TOOLS = (
    "setup/lib/letter_case.py",
    "setup/lib/pot.py",
    "setup/lib/term_places.py",
    "setup/lib/words.py",
    "setup/lib/words_allowed.txt",
    "setup/requirements/lint.lock",
    "setup/requirements/serve.lock",
)

Terms = dict[tuple, polib.POEntry]


def export(env: Any, addon: str) -> polib.POFile:
    """The template of an addon."""
    reader = TranslationModuleReader(env.cr, modules=[addon])
    module = env["ir.module.module"].search([("name", "=", addon)])
    lower = module.upstream_dependencies(exclude_states=("",)).mapped("name")
    rows = [row for row in reader if _is_of({addon, *lower}, env, row)]
    content = io.BytesIO()
    if rows:
        PoFileWriter(content, None).write_rows(rows)
    return polib.pofile(content.getvalue().decode())


def _is_of(family: set[str], env: Any, row: tuple) -> bool:
    _module, kind, name, xml_id, *_rest = row
    if kind != "model" or not name.startswith("ir.model.fields"):
        return True
    record = env.ref(xml_id)
    if record._name == "ir.model.fields.selection":
        record = record.field_id
    return not family.isdisjoint(env[record.model]._fields[record.name]._modules)


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


def odd_terms(
    addon: Addon, template: Iterable[polib.POEntry], screens: set[str]
) -> Iterator[str]:
    """A line for each term with what to write instead: term, place, replacement.

    :param screens: names of menus and actions, which are in Title Case everywhere
    """
    places = Places(addon.path)
    for entry in template:
        if words.is_allowed(entry.msgid):
            continue
        found = [
            f"“{word}”: write {instead}"
            for _name, word, instead in words.find_words(entry.msgid)
        ]
        found += _form(entry, places, screens)
        place = entry.occurrences[0][0] if entry.occurrences else ""
        yield from (f"{entry.msgid!r} ({place}): {each}" for each in found)


def _form(entry: polib.POEntry, places: Places, screens: set[str]) -> Iterator[str]:
    count = words.count_words(entry.msgid)
    if count > words.MAX_WORDS:
        yield f"{count} words, at most {words.MAX_WORDS}"
    for case in places.cases(entry):
        is_name = case == SENTENCE and entry.msgid in screens
        right = None if is_name else wrong_case(entry.msgid, case)
        if right:
            yield f"{case}: {right!r}"


def check(addon: Addon, template: polib.POFile, fix: bool, screens: set[str]) -> bool:
    """Whether the addon's file is current; with ``fix`` it is afterwards."""
    path = addon.path / "i18n" / f"{addon.name}.pot"
    old = terms(polib.pofile(str(path))) if path.exists() else {}
    lines = list(differences(old, terms(template)))
    odd = list(odd_terms(addon, template, screens))
    print("".join(f"{addon.name}: {line}\n" for line in odd), end="")
    if not lines:
        return not odd
    verb = "written" if fix else "not current"
    print(f"{path.relative_to(ROOT)}: {verb}, {len(lines)} lines differ")
    print("\n".join(lines[:LINES_SHOWN]))
    if fix:
        for name in VOLATILE:
            template.metadata.pop(name, None)
        path.parent.mkdir(exist_ok=True)
        template.save(str(path), newline="\n")
    return fix and not odd


class _Unread(logging.Handler):
    """What Odoo says of files that it could not read: their terms are missing."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def check_all(addons: list[Addon], fix: bool) -> bool:
    """Whether the files of all ``addons`` are current."""
    verdicts = Verdicts("pot", [ROOT / tool for tool in TOOLS])
    families = _hash_families(addons)
    waiting = [
        addon
        for addon in addons
        if not verdicts.is_clean(addon.name, addon.files_hash, families[addon.name])
    ]
    if not waiting:
        return True

    unread = _Unread()
    logging.getLogger("odoo.tools.translate").addHandler(unread)
    results = []
    try:
        with _open_database(addons) as env:
            screens = _names_of_screens(env)
            for addon in waiting:
                unread.texts.clear()
                is_current = check(addon, export(env, addon.name), fix, screens)
                print("".join(f"{text}\n" for text in unread.texts), end="")
                results.append(is_current and not unread.texts)
                if results[-1]:
                    # with the file that may just have been written
                    files_hash = Addon(addon.path).files_hash
                    verdicts.keep_clean(addon.name, files_hash, families[addon.name])
    except (OdooFailed, databases.DatabaseError) as error:
        print(f"the addons could not be installed\n{error}")
        return False

    return all(results)


def _names_of_screens(env: Any) -> set[str]:
    found: set[str] = set()
    for model in ("ir.ui.menu", "ir.actions.act_window", "ir.actions.client"):
        found.update(env[model].search([]).mapped("name"))
    return found


def _hash_families(addons: list[Addon]) -> dict[str, str]:
    """Of each addon, one hash of what its database holds, and that of its family.

    An addon above can give a field of it another label, as one below does.
    """
    hashes = {addon: addon.database_hash for addon in addons}
    lower = {addon: with_lower(addon) for addon in addons}
    return {
        addon.name: ".".join(
            hashes[other]
            for other in addons
            if other in lower[addon] or addon in lower[other]
        )
        for addon in addons
    }


@contextmanager
def _open_database(addons: list[Addon]) -> Iterator[Any]:
    """An environment in a copy of a database that has all ``addons``."""
    load_odoo()
    template = choose_template(addons)
    with (
        databases.temporary_copy(template.build()) as database,
        environment(database) as env,
    ):
        yield env


def choose_template(addons: list[Addon]) -> Template:
    """One of the tests that exists and has all ``addons``, or a separate one."""
    of_tests = templates_for_tests(addons)
    for kind in ("gallery", "counted"):
        if databases.exists(of_tests[kind].name):
            return of_tests[kind]
    return Template(tuple(addons), on=of_tests["plain"])


def main(fix: bool) -> int:
    ready, missing = split_by_dependencies(our_addons(), odoo_addon_names())
    for name, dependencies in missing.items():
        print(f"{name}: left out, it needs {', '.join(dependencies)}")
    plain = [addon for addon in ready if not addon.is_demo]
    return 0 if check_all(plain, fix) else 1


if __name__ == "__main__":
    sys.exit(main("--fix" in sys.argv[1:]))
