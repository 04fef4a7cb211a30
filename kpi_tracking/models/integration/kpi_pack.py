from dataclasses import dataclass, field

from psycopg2 import IntegrityError

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import file_open, mute_logger

from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.names import find_named

from ...engine import pack
from ..report.kpi_report import SCOPE_MODELS, SCOPES

# by which packs know them
SCOPE_NAMES = {"department": "complete_name", "team": "name", "user": "login"}
STATES = [
    ("new", "New"),
    ("changed", "Changed"),
    ("equal", "Unchanged"),
    ("impossible", "Cannot Be Imported"),
]


@dataclass
class PackItem:
    """An entry of a pack beside what is here.

    :ivar section: name of the section
    :ivar identity: what tells it from the others of its section
    :ivar state: one of ``STATES``
    :ivar changes: key by key where it differs
    :ivar reason: why it cannot be imported
    :ivar notes: what of it is left out, as something is not known here
    """

    section: str
    identity: tuple
    label: str
    state: str
    changes: list = field(default_factory=list)
    reason: str = ""
    notes: list = field(default_factory=list)


KINDS = {
    "boolean": "boolean",
    "char": "text",
    "date": "date",
    "float": "number",
    "html": "text",
    "integer": "integer",
    "monetary": "number",
    "selection": "text",
    "text": "text",
}


class KpiPack(models.AbstractModel):
    """Definitions and what belongs to them, to be carried to another database.

    What a pack can hold are its sections: models that inherit ``kpi.pack.section``.
    Addons add theirs to ``_section_models``.
    """

    _name = "kpi.pack"
    _description = "KPI Pack"

    def _section_models(self):
        """Names of the sections' models; later ones refer to earlier ones."""
        return ["kpi.pack.definitions", "kpi.pack.targets", "kpi.pack.scorecards"]

    def _sections(self):
        return [self.env[name] for name in self._section_models()]

    def _read(self, text):
        """The document of a pack file; names each problem and its position."""
        schemas = [section._schema() for section in self._sections()]
        try:
            return pack.read(text, schemas)
        except pack.PackError as error:
            problems = [
                problem.translate_with(self.env._) for problem in error.problems
            ]
            raise ValidationError("\n".join(problems)) from error

    def _build_pack_text(self, definitions, name, without=()):
        """The text of a pack of ``definitions``, ``without`` some sections."""
        definitions.check_access("read")
        rows = {
            section._pack_section: section._export_entries(definitions)
            for section in self._sections()
            if section._pack_section not in without
        }
        return pack.write(name, rows)

    def _preview(self, document, company):
        """A ``PackItem`` of each entry, in order: it is tried, and all rolled back."""
        savepoint = self.env.cr.savepoint()
        try:
            return [
                section._try_entry(entry, company)
                for section in self._in(company)._sections()
                for entry in section._sort_entries(
                    document.get(section._pack_section, [])
                )
            ]
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    def _import(self, document, company, wanted=None):
        """Create and change what the document says, all of it or nothing.

        :param wanted: set of (section, identity); default: everything
        :return: dict section → records
        :raises UserError: naming the entry that cannot be imported
        """
        result = {}
        with self.env.cr.savepoint():
            for section in self._in(company)._sections():
                name = section._pack_section
                chosen = [
                    entry
                    for entry in section._sort_entries(document.get(name, []))
                    if wanted is None or (name, section._identity(entry)) in wanted
                ]
                result[name] = section._save_entries(chosen, company)
        return result

    def _import_ready(self, path, company, chooses=lambda _entry: True):
        """Create what a shipped pack holds and is not there yet.

        :param path: of the file, as ``file_open`` takes it
        :param chooses: entry → whether it is wanted
        """
        with file_open(path, "rb") as file:
            document = self._read(file.read())
        wanted = {
            (section._pack_section, section._identity(entry))
            for section in self._sections()
            for entry in document.get(section._pack_section, ())
            if chooses(entry) and not section._find_record(entry, company)
        }
        if not wanted:
            sections = self._sections()
            return {each._pack_section: self.env[each._pack_model] for each in sections}
        return self._import(document, company, wanted)

    def _labels(self, name):
        """Key → what the screens call it, for the section ``name``."""
        (section,) = [each for each in self._sections() if each._pack_section == name]
        model = self.env[section._pack_model]
        return {
            key: model._fields[key]._description_string(self.env)
            for key in section._schema().keys
            if key in model._fields
        }

    def _in(self, company):
        """Records belong to the company that the pack is imported into."""
        return self.with_company(company).with_context(tracking_disable=True)


class KpiPackSection(models.AbstractModel):
    """One kind of records in packs: how they are said, found, compared and saved.

    Plain fields go by their names; ``_get_plain_fields`` says which. What refers to
    other records is up to each section.
    """

    _name = "kpi.pack.section"
    _description = "KPI Pack Section"
    _pack_section = ""  # its name in the document
    _pack_model = ""  # what its entries become
    _pack_identity = ("code",)
    _pack_left_out = frozenset()  # fields that belong to a database, not to a pack

    def _get_plain_fields(self, model=""):
        """Fields of a model, by default its own, that are carried as they are."""
        return [
            field
            for name, field in self.env[model or self._pack_model]._fields.items()
            if field.type in KINDS
            and field.store
            and not (field.readonly or field.related)
            and name not in self._pack_left_out
            and name not in models.MAGIC_COLUMNS
        ]

    def _schema(self):
        keys = {field.name: self._key_of(field) for field in self._get_plain_fields()}
        return pack.Section(
            self._pack_section, {**keys, **self._further_keys()}, self._pack_identity
        )

    def _key_of(self, field):
        choices = field.get_values(self.env) if field.type == "selection" else ()
        return pack.Key(KINDS[field.type], choices=tuple(choices))

    def _further_keys(self):
        """Key → ``pack.Key`` of what is not a plain field."""
        return {}

    def _export_entries(self, definitions):
        """Entries of what belongs to ``definitions``."""
        raise NotImplementedError

    def _identity(self, entry):
        return tuple(str(entry.get(key)) for key in self._pack_identity)

    def _label(self, entry):
        return entry.get("name") or ", ".join(self._identity(entry))

    def _sort_entries(self, entries):
        """Entries in an order in which each comes after those it refers to."""
        return entries

    def _find_record(self, entry, company):
        """The record that ``entry`` speaks of, or an empty recordset.

        :raises UserError: something that it refers to is missing
        """
        raise NotImplementedError

    def _entry_of(self, record):
        """Entry of a pack for ``record``."""
        return {
            field.name: self._serialize_value(field, record[field.name])
            for field in self._get_plain_fields()
        }

    def _serialize_value(self, field, value):
        if field.type == "boolean":
            return bool(value)
        if field.type in ("integer", "float", "monetary"):
            return or_none(value)
        if field.type == "date" and value:
            return fields.Date.to_string(value)
        return str(value) if value else None

    def _values(self, entry, record, company):
        """Values of the plain fields; sections add what refers to other records."""
        carried = {field.name for field in self._get_plain_fields()}
        return {
            key: False if value is None else value
            for key, value in entry.items()
            if key in carried
        }

    def _get_comparable_values(self, entry):
        """Keys of an entry that can be compared with a record."""
        return entry

    def _try_entry(self, entry, company):
        """The item of ``entry``, which is saved unless something refuses it."""
        item = PackItem(
            self._pack_section, self._identity(entry), self._label(entry), "impossible"
        )
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                record = self._find_record(entry, company)
                if record:
                    item.changes = pack.changes(
                        self._entry_of(record), self._get_comparable_values(entry)
                    )
                self._save(entry, record, company)
                self.env.flush_all()
        except UserError as error:
            item.reason = str(error)
            self.env.invalidate_all(flush=False)
        except IntegrityError as error:  # of lines within the entry, too
            tables = {model._table: name for name, model in self.env.registry.items()}
            model = tables.get(error.diag.table_name, self._pack_model)
            item.reason = self.env[model]._sql_error_to_message(error)
            self.env.invalidate_all(flush=False)
        else:
            item.state = "new"
            if record:
                item.state = "changed" if item.changes else "equal"
        return item

    def _save_entries(self, entries, company):
        """Records of ``entries``, created or changed; names the one refused."""
        records = self.env[self._pack_model]
        for entry in entries:
            try:
                record = self._find_record(entry, company)
                records |= self._save(entry, record, company)
            except UserError as error:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(reason)s", name=self._label(entry), reason=error
                    )
                ) from error
        return records

    def _save(self, entry, record, company):
        """Create what is new, write what differs; nothing where all is equal."""
        if not record:
            return self._create_record(self._values(entry, record, company))
        changed = {c.key for c in pack.changes(self._entry_of(record), entry)}
        if changed:
            differing = {key: entry[key] for key in changed}
            self._write_record(record, self._values(differing, record, company))
        return record

    def _create_record(self, values):
        return self.env[self._pack_model].create(values)

    def _write_record(self, record, values):
        record.write(values)

    def _report_keys(self):
        """Keys by which an entry names a report; see ``_report_key``."""
        scopes = tuple(name for name, _label in SCOPES)
        return {
            "kpi": pack.Key("text", required=True),
            "scope": pack.Key("text", required=True, choices=scopes),
            "for": pack.Key("text"),
        }

    def _report_key(self, report):
        """``kpi``, ``scope`` and ``for`` of a report."""
        kind = report.scope_type
        name = (
            report._scope_record()[SCOPE_NAMES[kind]] if kind in SCOPE_NAMES else None
        )
        return {"kpi": report.code, "scope": kind, "for": name}

    def _report_of(self, entry, company, create=False):
        """The report that an entry names, tracked where it is not and ``create``."""
        definition = self.env["kpi.definition"].search(
            Domain("code", "=", entry["kpi"])
            & Domain("company_id", "in", [company.id, False]),
            limit=1,
        )
        if not definition:
            raise UserError(self.env._("KPI “%s” not found.", entry["kpi"]))
        scope = self._scope_of(entry["scope"], entry.get("for"), company)
        if create:
            return definition._track_for(entry["scope"], scope, company.id)
        return self.env["kpi.report"].search(
            Domain("definition_id", "=", definition.id)
            & Domain("scope_type", "=", entry["scope"])
            & Domain("scope_id", "=", scope.id)
            & Domain("company_id", "=", company.id)
        )

    def _scope_of(self, scope_type, name, company):
        """The one company, department, team or user that a pack calls ``name``."""
        if scope_type == "company":
            return company
        name = name or ""
        works_here = Domain("company_id", "in", [company.id, False])
        if scope_type == "user":
            works_here = Domain("company_ids", "in", company.ids)
        found = self.env[SCOPE_MODELS[scope_type]].search(
            Domain(SCOPE_NAMES[scope_type], "=", name) & works_here
        )
        if len(found) == 1:
            return found
        reports = self.env["kpi.report"]._fields["scope_type"]
        words = {
            "scope": dict(reports._description_selection(self.env))[scope_type].lower(),
            "name": name,
        }
        if found:
            raise UserError(
                self.env._(
                    "there is more than one %(scope)s named “%(name)s”.", **words
                )
            )
        raise UserError(self.env._("%(scope)s “%(name)s” not found.", **words))


class KpiPackNamedSection(models.AbstractModel):
    """Records matched by name, of one company, in packs that have all their KPIs.

    Where these are a field of the records, entries name them by their codes; where
    records have lines, these name theirs.
    """

    _name = "kpi.pack.named.section"
    _description = "KPI Pack Named Section"
    _inherit = ["kpi.pack.section"]

    _pack_identity = ("name",)
    _pack_kpis = "definition_ids"  # path to the KPIs that a record is about
    # key and field of lines, records with a ``definition_id``
    _pack_lines: tuple[str, str] | None = None

    def _has_kpis(self):
        return "." not in self._pack_kpis

    def _further_keys(self):
        keys = {"name": pack.Key("text", required=True)}
        if self._has_kpis():
            keys["kpis"] = pack.Key("texts")
        if self._pack_lines:
            of_line = {field.name: self._key_of(field) for field in self._line_fields()}
            of_line["kpi"] = pack.Key("text")
            keys[self._pack_lines[0]] = pack.Key("entries", required=True, keys=of_line)
        return keys

    def _line_fields(self):
        field = self.env[self._pack_model]._fields[self._pack_lines[1]]
        return self._get_plain_fields(field.comodel_name)

    def _line_entry_of(self, line):
        values = {
            field.name: self._serialize_value(field, line[field.name])
            for field in self._line_fields()
        }
        return {**values, "kpi": line.definition_id.code or None}

    def _get_domain(self, company):
        """Records that a pack can hold."""
        return Domain("company_id", "=", company.id)

    def _export_entries(self, definitions):
        """Of those of one name the last."""
        records = self.env[self._pack_model].search(self._get_domain(self.env.company))
        found = {
            record.name: self._entry_of(record)
            for record in records
            if (kpis := record.mapped(self._pack_kpis)) and kpis <= definitions
        }
        return [*found.values()]

    def _entry_of(self, record):
        entry = super()._entry_of(record)
        if self._has_kpis():
            entry["kpis"] = sorted(record[self._pack_kpis].mapped("code"))
        if self._pack_lines:
            key, name = self._pack_lines
            entry[key] = [self._line_entry_of(line) for line in record[name]]
        return entry

    def _find_record(self, entry, company):
        records, domain = self.env[self._pack_model], self._get_domain(company)
        return find_named(records, entry["name"], domain)

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values["company_id"] = company.id
        if self._has_kpis() and "kpis" in entry:
            found = self._find_kpis(entry["kpis"] or (), company)
            values[self._pack_kpis] = [Command.set(found.ids)]
        if self._pack_lines and self._pack_lines[0] in entry:
            key, name = self._pack_lines
            lines = [self._line_values(each, company) for each in entry[key]]
            values[name] = [Command.clear(), *map(Command.create, lines)]
        return values

    def _line_values(self, entry, company):
        values = {key: each for key, each in entry.items() if each and key != "kpi"}
        if entry.get("kpi"):
            values["definition_id"] = self._find_kpis([entry["kpi"]], company).id
        return values

    def _find_kpis(self, codes, company):
        """KPIs with these codes; refuses those that are not here."""
        found = self.env["kpi.definition"].search(
            Domain("code", "in", codes)
            & Domain("company_id", "in", [company.id, False])
        )
        missing = ", ".join(sorted(set(codes) - set(found.mapped("code"))))
        if missing:
            raise UserError(self.env._("KPI “%s” not found.", missing))
        return found


class KpiPackTargets(models.AbstractModel):
    """Targets in packs, matched by KPI, scope and first day.

    A KPI that is not tracked for the scope yet is tracked with its target.
    """

    _name = "kpi.pack.targets"
    _description = "KPI Pack Targets"
    _inherit = ["kpi.pack.section"]

    _pack_section = "targets"
    _pack_model = "kpi.target"
    _pack_identity = ("kpi", "scope", "for", "date_from")

    def _further_keys(self):
        return {**self._report_keys(), "date_from": pack.Key("date", required=True)}

    def _export_entries(self, definitions):
        """Targets of the company at work: a pack is imported into one."""
        targets = self.env["kpi.target"].search(
            Domain("report_id.definition_id", "in", definitions.ids)
            & Domain("report_id.company_id", "=", self.env.company.id)
        )
        return [self._entry_of(target) for target in targets]

    def _entry_of(self, record):
        return {**self._report_key(record.report_id), **super()._entry_of(record)}

    def _label(self, entry):
        scope = entry.get("for") or entry["scope"]
        return f"{entry['kpi']} – {scope}, {entry['date_from']}"

    def _find_record(self, entry, company):
        report = self._report_of(entry, company)
        day = fields.Date.to_date(entry["date_from"])
        return self.env["kpi.target"].search(
            Domain("report_id", "in", report.ids) & Domain("date_from", "=", day)
        )

    def _create_record(self, values):
        reason = self.env._("Imported from a pack")
        made, _proposed = self.env["kpi.target"]._create_or_propose([values], reason)
        return made

    def _write_record(self, record, values):
        record._write_or_propose(values, self.env._("Imported from a pack"))

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values["report_id"] = self._report_of(entry, company, create=True).id
        return values


class KpiPackScorecards(models.AbstractModel):
    """Scorecards in packs, matched by name; their KPIs by code and scope.

    A KPI that is not tracked for the scope yet is tracked with its scorecard.
    """

    _name = "kpi.pack.scorecards"
    _description = "KPI Pack Scorecards"
    _inherit = ["kpi.pack.section"]

    _pack_section = "scorecards"
    _pack_model = "kpi.report.group"
    _pack_identity = ("name",)
    _pack_left_out = frozenset({"active"})

    def _further_keys(self):
        lines = {**self._report_keys(), "weight": pack.Key("number")}
        return {
            "name": pack.Key("text", required=True),
            "department": pack.Key("text"),
            "lines": pack.Key("entries", required=True, keys=lines),
        }

    def _export_entries(self, definitions):
        """Scorecards of the company at work all of whose KPIs are in the pack."""
        groups = self.env["kpi.report.group"].search(
            [
                ("line_ids.report_id.definition_id", "in", definitions.ids),
                ("company_id", "in", [self.env.company.id, False]),
            ]
        )
        complete = groups.filtered(
            lambda group: group.line_ids.report_id.definition_id <= definitions
        )
        return [self._entry_of(group) for group in complete]

    def _entry_of(self, record):
        return {
            **super()._entry_of(record),
            "department": record.department_id.complete_name or None,
            "lines": [
                {**self._report_key(line.report_id), "weight": line.weight}
                for line in record.line_ids
            ],
        }

    def _find_record(self, entry, company):
        domain = Domain("company_id", "=", company.id)
        return find_named(self.env["kpi.report.group"], entry["name"], domain)

    def _values(self, entry, record, company):
        values = super()._values(entry, record, company)
        if not record:
            values["company_id"] = company.id
        if "department" in entry:
            path = entry["department"]
            department = path and self._scope_of("department", path, company)
            values["department_id"] = department and department.id
        if "lines" in entry:
            values["line_ids"] = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "report_id": self._report_of(line, company, create=True).id,
                            "weight": line.get("weight", 1.0),
                        }
                    )
                    for line in entry["lines"]
                ),
            ]
        return values
