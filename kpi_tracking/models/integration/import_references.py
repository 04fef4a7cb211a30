import re
import unicodedata
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from odoo.fields import Domain

from odoo.addons.kpi_base.engine.tabular import fold_units, is_factor
from odoo.addons.kpi_base.formatting import reader_words
from odoo.addons.kpi_base.names import NameIndex, fold_name

from ...engine.formula import RESERVED_NAMES
from ...engine.typed_number import count_decimals, find_close_name
from ..definition.kpi_definition import CODE, CODE_LENGTH

KEYS = ("kpi_code", "kpi_name", "company", "department", "team", "user")
KPI_KEYS = ("kpi_code", "kpi_name")
SUGGESTED_NAMES = 10  # names that no KPI has, for which a known one is looked for
DURATIONS = {
    "minute": {"min", "minute", "minutes"},
    "hour": {"h", "hr", "hrs", "hour", "hours"},
    "day": {"d", "day", "days"},
}
SCOPE_KEYS = ("department", "team", "user")
LOOKED_UP = {
    "department": ("hr.department", ("name", "complete_name")),
    "team": ("kpi.team", ("name",)),
    "user": ("res.users", ("login", "email", "name")),
}


# Of these, what tells records apart where a name does not.
NAMED_BY = {"department": "complete_name", "team": "name", "user": "login"}


class RefusedReference(Exception):
    """Refusal of rows with this reference, with the reason.

    :ivar keys: of the columns whose cells are the reason
    :ivar unknown: (key of the column, text, company) where no record, or more than
        one, is named so
    """

    def __init__(self, reason, *keys, unknown=None):
        super().__init__(reason)
        self.keys = keys
        self.unknown = unknown


@dataclass
class Kpi:
    """A tracked KPI that rows are about, or one that is yet to be created.

    What its rows are checked against is looked up once.

    :ivar report_id: negative where it is planned
    :ivar definition: the record, or values of a new one
    :ivar scope: id of the department, team or user; the name of a planned department
    """

    report_id: int
    definition: object
    calendar: object
    locked_until: date | None
    scope_type: str = "company"
    scope: int | str = 0
    company_id: int = 0
    known_periods: dict = field(default_factory=dict)

    def __post_init__(self):
        for name in ("name", "frequency", "unit", "computation"):
            setattr(self, name, self.definition[name])
        self.spec, self.today = self.calendar._spec(), self.calendar._today()
        self.is_plan = not self.is_new and self.definition.is_plan

    def is_early(self, period):
        """Check whether it is too early for a value; plans are known before."""
        return period.start > self.today and not self.is_plan

    @property
    def is_new(self):
        """Whether the KPI itself is yet to be created, not only tracked."""
        return isinstance(self.definition, dict)

    @cached_property
    def currency(self):
        """That of the KPI; of its company where it has none."""
        company = self.calendar.env["res.company"].browse(self.company_id)
        own = self.definition.currency_id if not self.is_new else None
        return own or company.currency_id

    @cached_property
    def units(self):
        """Units that its values may have, in lower case."""
        money = {self.currency.name, self.currency.symbol}
        read = self.definition.get if self.is_new else self.definition.__getitem__
        own = list_unit_words(
            self.calendar.env, self.unit, read("duration_unit"), read("unit_symbol")
        )
        units = {
            "currency": money,
            "custom": own,
            "duration": own,
            "percent": {"%"},
            # has no unit of its own that would contradict
            "number": {"%", *money},
            "score": {"%"},
        }.get(self.unit, ())
        return fold_units(units)

    def has_units(self, amount):
        """Check whether an ``Amount`` or ``GoalRange`` is in a unit of the KPI.

        A KPI without a unit may have the one of a title, unless that is a factor.
        """
        if amount.is_titled and self.unit in ("number", "score"):
            return not any(map(is_factor, amount.units))
        return self.units.issuperset(map(str.casefold, amount.units))

    def note_decimals(self, value):
        """Have a new KPI show as many decimals as its values in the file have."""
        if self.is_new:
            shown = max(self.definition.get("decimals", 0), count_decimals(value))
            self.definition["decimals"] = shown


class References:
    """Finds the KPIs that rows name, in bulk; each reference is looked up once.

    :ivar missing: keys of the options by which more references would be found
    """

    def __init__(self, run, new_definition):
        """:param new_definition: values of an entry → those of the KPI to make"""
        self.run = run
        self.env = run.env
        self.job = run.job
        self.new_definition = new_definition
        self.planned = []
        self._known = {}
        self._texts_of_codes = {}
        self._planned_definitions = {}
        self._new_names = {}
        self._rows_without_code = defaultdict(list)  # by id of the planned values
        self._calendars = {}
        self._periods = defaultdict(dict)
        self._unknown_names = {}
        self._unknown = defaultdict(set)
        self.missing = set()

    def resolve(self, entries):
        """The ``Kpi`` of each entry; None where its row is refused."""
        kpis = []
        for kpi, entry in zip(self._find(entries), entries, strict=True):
            if isinstance(kpi, RefusedReference):
                self.run.refuse(entry.number, str(kpi), kpi.keys, entry.values)
                if kpi.unknown:
                    self._unknown[kpi.unknown].add(entry.number)
                kpi = None
            kpis.append(kpi)
            if "kpi_code" not in entry.values:
                name = entry.values.get("kpi_name")
                self._unknown_names.get(name, set()).add(entry.number)
                if kpi and kpi.is_new:
                    self._rows_without_code[id(kpi.definition)].append(entry.number)
        self._refuse_missing_codes()
        refused = self.run.refusals
        return [
            None if entry.number in refused else kpi
            for entry, kpi in zip(entries, kpis, strict=True)
        ]

    def _find(self, entries):
        """The ``Kpi`` of each entry, or why there is none; each is looked up once."""
        keys = [tuple(map(entry.values.get, KEYS)) for entry in entries]
        fresh = {
            key: entry.values
            for key, entry in zip(keys, entries, strict=True)
            if key not in self._known
        }
        if fresh:
            self._look_up(fresh)
        return [self._known[key] for key in keys]

    def list_known(self, entries):
        """The ``Kpi`` of each entry, or None; no row is refused."""
        known = self._find(entries)
        return [kpi if isinstance(kpi, Kpi) else None for kpi in known]

    def map_reports(self):
        """Id, provisional where it is planned, → ``Kpi`` of all that rows name."""
        known = [*self._known.values(), *self.planned]
        return {kpi.report_id: kpi for kpi in known if isinstance(kpi, Kpi)}

    def is_clear(self, values):
        """Check whether a row says which KPI it is about, and for which level."""
        has_kpi = self._kpi_of_all_rows or values.keys() & {*KPI_KEYS}
        return bool(has_kpi) and len(values.keys() & {*SCOPE_KEYS}) < 2

    def _refuse_missing_codes(self):
        """Refuse rows without a code of new KPIs that other rows give one.

        Each would be another KPI of the same name. Those with a code may come later,
        and several codes may have one name.
        """
        if not self._rows_without_code:
            return
        for company, name in self._new_names:
            planned = self._planned_definitions.get((company, "name", name))
            for number in self._rows_without_code.pop(id(planned), ()):
                why = self.env._(
                    "Other rows give the KPI “%s” a code. Enter it in this row, too.",
                    planned["name"],
                )
                self.run.refuse(number, why, ("kpi_code",))

    def _look_up(self, fresh):
        """Find what the references mean: ``Kpi``, or why there is none."""
        for kind in (*SCOPE_KEYS, "company"):
            texts = {key[KEYS.index(kind)] for key in fresh} - {None}
            if texts:
                self._index(kind).look_up(texts)
        wanted = {}
        for texts, values in fresh.items():
            key = dict(zip(KEYS, texts, strict=True))
            try:
                company = self._company(key["company"])
                definition = self._definition(key, company, values)
                self._check_kpi(definition)
                wanted[texts] = company, definition, *self._scope(key, company)
            except RefusedReference as reason:
                self._known[texts] = reason
        self._find_reports(wanted)

    def _check_kpi(self, definition):
        """:raises RefusedReference: this import does not write to the KPI"""
        rules = self.env["kpi.import.reference"]
        if why := rules._get_kpi_refusal(self.job, definition):
            raise RefusedReference(why, *KPI_KEYS)

    def code_of(self, text):
        """The KPI code that a text of the file stands for.

        :raises RefusedReference: another letter than those of codes would be dropped
        """
        code = fold(f"{self.run.options['code_prefix']}{text}")
        if not code.isascii() or not re.search("[a-z0-9]", fold(text)):
            why = self.env._(
                "“%s” is not a valid code (a to z, digits, underscores). Choose "
                "“KPI” for this column.",
                text,
            )
            raise RefusedReference(why, "kpi_code")
        if CODE.match(code) and code not in RESERVED_NAMES:
            return code
        return self.env["kpi.definition"]._code_from_name(code)

    def _resolve_code(self, text):
        """The code that ``text``, and no other text of the file, stands for."""
        code = self.code_of(text)
        if len(code) > CODE_LENGTH:
            why = self.env._(
                "The KPI code “%(code)s” is longer than %(length)s characters.",
                code=code,
                length=CODE_LENGTH,
            )
            raise RefusedReference(why, "kpi_code")
        first = self._texts_of_codes.setdefault(code, text)
        if fold(first) != fold(text):
            why = self.env._(
                "“%(first)s” and “%(text)s” result in the same KPI code "
                "“%(code)s”. Rename one.",
                first=first,
                text=text,
                code=code,
            )
            raise RefusedReference(why, "kpi_code")
        return code

    def _index(self, kind):
        """The ``NameIndex`` of what a column names."""
        prefix = self.run.options["code_prefix"]
        return self.run.keep(
            ("kpi.import.reference", kind, prefix),
            lambda: make_index(self.env, kind, prefix),
        )

    def list_unknown(self):
        """``(key of a column, text, company, row numbers)``, most rows first."""
        found = [(*key, numbers) for key, numbers in self._unknown.items()]
        return sorted(found, key=lambda each: -len(each[-1]))

    def find_nearest(self, kind, text, company):
        """``(text, label)`` of what ``text`` may have been meant for."""
        usable = is_usable(kind, company)
        index = self._index(kind)
        same = index.find(text, usable)
        return index.describe(same) if same else index.find_nearest(text, usable)

    @cached_property
    def _definitions(self):
        """Code, name, or name in other cases and shapes → KPIs that it stands for."""
        return self.run.keep("definitions", self._index_definitions)

    def _index_definitions(self):
        found = defaultdict(list)
        everything = self.env["kpi.definition"].with_context(active_test=False)
        names = ["active", "code", "company_id", "name"]
        for kpi in everything.search_fetch([], names):
            found["code", kpi.code].append(kpi)
            found["name", kpi.name].append(kpi)
            found["folded", fold_name(kpi.name)].append(kpi)
        return found

    def suggest_names(self):
        """``(new name, known one that is close to it, rows)``, most rows first."""
        if not self._unknown_names:
            return
        known = {
            text: kpis[-1].name
            for (kind, text), kpis in self._definitions.items()
            if kind == "folded" and any(kpi.active for kpi in kpis)
        }
        refused = {text for _key, text, _company in self._unknown}
        unknown = [
            each for each in self._unknown_names.items() if each[0] not in refused
        ]
        unknown.sort(key=lambda each: -len(each[1]))
        for name, rows in unknown[:SUGGESTED_NAMES]:
            other = find_close_name(fold_name(name), list(known))
            if other and rows:
                yield name, known[other], len(rows)

    def _company(self, name):
        if not name:
            return self.job.company_id
        found = self._index("company").find(name)
        if len(found) == 1:
            return found[0]
        why = self.env._("Company “%s” is not one of your companies.", name)
        raise RefusedReference(
            why, "company", unknown=("company", name, self.job.company_id)
        )

    @cached_property
    def _kpi_of_all_rows(self):
        return self.job._get_kpi_of_all_rows()

    def _definition(self, key, company, values):
        if self._kpi_of_all_rows:
            self._check_named(key, company)
            return self._kpi_of_all_rows
        text, name = key["kpi_code"], key["kpi_name"]
        if not text and not name:
            raise RefusedReference(self.env._("The row has no KPI."), *KPI_KEYS)
        kind, given = ("code", text) if text else ("name", name)
        found = self._find_spelled(kind, given, company)
        if not found and text:
            try:
                given = self._resolve_code(text)
                found = _usable_in(company, self._definitions["code", given])
                found = found or self._find_named_code(text, company)
            except RefusedReference:
                found = self._find_named_code(text, company)
                if not found:
                    raise
        if not found:
            return self._new_definition(kind, given, text or name, company, values)
        if len(found) > 1:
            why = self.env._("Several KPIs are named “%s”. Use their codes.", given)
            unknown = (f"kpi_{kind}", text or name, company)
            raise RefusedReference(why, f"kpi_{kind}", unknown=unknown)
        if not found[0].active:
            raise RefusedReference(
                self.env._("The KPI “%s” is archived.", given), f"kpi_{kind}"
            )
        return found[0]

    def _check_named(self, key, company):
        """Refuse rows that name another KPI than the one chosen for all rows."""
        kpi = self._kpi_of_all_rows
        if not _usable_in(company, kpi):
            why = self.env._(
                "%(kpi)s, chosen for all rows, belongs to another company than "
                "%(company)s.",
                kpi=kpi.name,
                company=company.name,
            )
            raise RefusedReference(why, "company", *KPI_KEYS)
        if not kpi.active:
            why = self.env._("The KPI “%s” is archived.", kpi.name)
            raise RefusedReference(why, *KPI_KEYS)
        # Of a row with both, the code counts.
        column = next(filter(key.get, KPI_KEYS), None)
        text = key.get(column)
        if not text:
            return
        found = self._find_spelled(column.removeprefix("kpi_"), text, company)
        found = found or self._find_named_code(text, company)
        if not found:
            with suppress(RefusedReference):  # no KPI can have such a code
                code = self.code_of(text)
                found = _usable_in(company, self._definitions["code", code])
        if kpi not in found:
            why = self.env._(
                "The row is for “%(text)s”, but %(kpi)s is the KPI for all rows.",
                text=text,
                kpi=kpi.name,
            )
            unknown = None if found else (column, text, company)
            raise RefusedReference(why, column, unknown=unknown)

    def _find_spelled(self, kind, text, company):
        """KPIs of the code that ``text`` is; in a column of names first of the name."""
        codes = [fold(f"{self.run.options['code_prefix']}{text}")]
        found = []
        if kind == "name":
            found = self._find_named(text, company)
            codes.append(fold(text))
        for code in codes:
            found = found or _usable_in(company, self._definitions["code", code])
        return found

    def _find_named_code(self, text, company):
        """KPIs of the name that stands in a column of codes.

        Codes with a prefix are those of another system: one that is only like a name
        stands for a KPI of its own.
        """
        if self.run.options["code_prefix"]:
            return _usable_in(company, self._definitions["name", text])
        return self._find_named(text, company)

    def _find_named(self, text, company):
        """KPIs of this name: spelled so, else in another case or with other spaces."""
        exact = _usable_in(company, self._definitions["name", text])
        folded = self._definitions["folded", fold_name(text)]
        return exact or _usable_in(company, folded)

    def _new_definition(self, kind, given, text, company, values):
        if kind == "name":
            self._unknown_names.setdefault(given, set())
        if not self.run.options["creates_kpis"]:
            self.missing.add("creates_kpis")
            why = self.env._(
                "No KPI in %(company)s has the %(kind)s “%(given)s”.",
                kind=self.env._("code") if kind == "code" else self.env._("name"),
                given=given,
                company=company.name,
            )
            key = f"kpi_{kind}"
            raise RefusedReference(why, key, unknown=(key, text, company))
        # A name means the same KPI in any case, as it does once the KPI exists.
        place = company, kind, given if kind == "code" else fold_name(given)
        if place not in self._planned_definitions:
            planned = self.new_definition(values, company)
            if kind == "code":
                planned["code"] = given
                planned["name"] = self._make_distinct(planned["name"], given, company)
            self._planned_definitions[place] = planned
        return self._planned_definitions[place]

    def _make_distinct(self, name, code, company):
        """``name``, with the code if it differs from another KPI's only in case."""
        found = _usable_in(company, self._definitions["folded", fold_name(name)])
        others = {kpi.name for kpi in found if kpi.active}
        others.add(self._new_names.setdefault((company, fold_name(name)), name))
        return name if others == {name} else f"{name} ({code})"

    def _scope(self, key, company):
        given = [kind for kind in SCOPE_KEYS if key[kind]]
        if not given:
            return "company", company.id
        if len(given) > 1:
            why = self.env._("Enter only one: department, team or person.")
            raise RefusedReference(why, *given)
        return given[0], self._scope_id(given[0], key[given[0]], company)

    def _scope_id(self, kind, text, company):
        found = self._index(kind).find(text, is_usable(kind, company))
        if len(found) == 1:
            return found[0].id
        label = self.env[LOOKED_UP[kind][0]]._description
        if found:
            why = self.env._(
                "%(label)s “%(text)s”: several matches.", label=label, text=text
            )
            raise RefusedReference(why, kind, unknown=(kind, text, company))
        if kind == "department" and self.run.options["creates_departments"]:
            return text
        if kind == "department":
            self.missing.add("creates_departments")
        why = self.env._(
            "%(label)s “%(text)s”: not found in %(company)s.",
            label=label,
            text=text,
            company=company.name,
        )
        raise RefusedReference(why, kind, unknown=(kind, text, company))

    def _find_reports(self, wanted):
        ids = [w[1].id for w in wanted.values() if not isinstance(w[1], dict)]
        everything = self.env["kpi.report"].with_context(active_test=False)
        reports = everything.search([("definition_id", "in", ids)])
        by_scope = reports.grouped(
            lambda r: (r.company_id.id, r.definition_id.id, r.scope_type, r.scope_id)
        )
        locked = reports._get_lock_dates()
        made = {}
        for key, (company, definition, scope_type, scope) in wanted.items():
            is_new = isinstance(definition, dict)
            definition_id = id(definition) if is_new else definition.id
            scope_key = (company.id, definition_id, scope_type, scope)
            report = by_scope.get(scope_key)
            if report and not report.active:
                why = self.env._("%s is archived.", report.name)
                self._known[key] = RefusedReference(why, *KPI_KEYS)
            elif report or self.run.options["creates_kpis"]:
                if scope_key not in made:
                    made[scope_key] = self._kpi(wanted[key], report, locked.get(report))
                self._known[key] = made[scope_key]
            else:
                self.missing.add("creates_kpis")
                named = (*key[3:], key[2], self.job.company_id.name)
                self._known[key] = RefusedReference(
                    self.env._(
                        "%(kpi)s is not tracked for %(scope)s.",
                        kpi=definition.name,
                        scope=next(filter(None, named)),
                    ),
                    *(KPI_KEYS if scope_type == "company" else (scope_type,)),
                )

    def _kpi(self, wanted, report, locked_until):
        company, definition, scope_type, scope = wanted
        calendar = self.env["kpi.calendar"]
        if not isinstance(definition, dict):
            calendar = definition.calendar_id
        elif "calendar_id" in definition:
            calendar = calendar.browse(definition["calendar_id"])
        else:
            calendar = self._get_default_calendar(company)
        report_id = report.id if report else -1 - len(self.planned)
        kpi = Kpi(
            *(report_id, definition, calendar, locked_until),
            *(scope_type, scope, company.id),
        )
        same = (
            *(calendar.id, kpi.frequency, kpi.computation, locked_until),
            kpi.is_plan,
        )
        kpi.known_periods = self._periods[same]
        if not report:
            self.planned.append(kpi)
        return kpi

    def _get_default_calendar(self, company):
        if company not in self._calendars:
            # A company's calendar is made on first use, whoever uses it first.
            calendars = self.env["kpi.calendar"].sudo()
            self._calendars[company] = calendars._company_default(company).sudo(False)
        return self._calendars[company]

    def make(self, kpis, made):
        """Create what ``kpis`` are planned as, with what they need.

        :param made: ids of the departments and definitions that others of these KPIs
            needed; they are added
        :return: provisional → real id of each report
        """
        places = [place for place in new_departments(kpis) if place not in made]
        departments = self.env["hr.department"].create(
            [{"company_id": company, "name": name} for company, name in places]
        )
        made |= zip(places, departments.ids, strict=True)
        wanted = [each for each in new_definitions(kpis) if id(each) not in made]
        definitions = self._create_definitions(wanted)
        made |= zip(map(id, wanted), definitions.ids, strict=True)
        reports = self.env["kpi.report"].create(
            [
                {
                    "definition_id": made.get(id(k.definition)) or k.definition.id,
                    "company_id": k.company_id,
                    "scope_type": k.scope_type,
                    f"{k.scope_type}_id": made.get((k.company_id, k.scope), k.scope),
                }
                for k in kpis
            ]
        )
        return dict(zip([k.report_id for k in kpis], reports.ids, strict=True))

    def _create_definitions(self, wanted):
        """Create KPIs; those without a code get one that no row of the file has."""
        definitions = self.env["kpi.definition"]
        taken = {*self._texts_of_codes}
        vals_list = [dict(values) for values in wanted]
        for vals in vals_list:
            if "code" not in vals:
                code = definitions._code_from_name(vals["name"])
                vals["code"] = definitions._free_code(code, taken)
                taken.add(vals["code"])
        return definitions.create(vals_list)


def make_index(env, kind, prefix=""):
    """The ``NameIndex`` of what a column of ``KEYS`` names.

    :param prefix: of codes, where a file has them without it
    """
    if kind == "company":
        own = Domain("id", "in", env.companies.ids)
        return NameIndex(env["res.company"], ("name",), "name", own)
    if kind in KPI_KEYS:
        key = "name" if prefix else "code"
        return NameIndex(env["kpi.definition"], ("code", "name"), key)
    model, names = LOOKED_UP[kind]
    domain = Domain("share", "=", False) if kind == "user" else Domain.TRUE
    return NameIndex(env[model], names, NAMED_BY[kind], domain)


def is_usable(kind, company):
    """A function that says whether rows of a company may name a record."""
    if kind == "user":
        # Who works elsewhere as well may do so where the user sees nothing.
        return lambda person: company in person.sudo().company_ids
    if kind == "company":
        return bool
    return lambda record: record.company_id <= company


def list_unit_words(env, unit, duration_unit, symbol):
    """Units that we show with the values of a KPI; none of its currency.

    :param unit, duration_unit, symbol: of the KPI, by its fields
    """
    if unit == "custom":
        return {symbol} if symbol else ()
    if unit == "duration":
        name = duration_unit or "day"
        return DURATIONS[name] | {reader_words(env)[name]}
    return ()


def fold(text):
    """``text`` in lower case and the usual shapes of its letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded)


def _usable_in(company, definitions):
    return [d for d in definitions if not d.company_id or d.company_id == company]


def new_definitions(kpis):
    """Values of the definitions that come with ``kpis``, each once."""
    planned = (k.definition for k in kpis if k.is_new)
    return list({id(values): values for values in planned}.values())


def new_departments(kpis):
    """``(company id, name)`` of the departments that come with ``kpis``, each once."""
    planned = (k for k in kpis if k.scope_type == "department")
    names = ((k.company_id, k.scope) for k in planned if isinstance(k.scope, str))
    return list(dict.fromkeys(names))
