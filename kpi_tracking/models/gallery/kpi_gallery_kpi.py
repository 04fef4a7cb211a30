import re
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.engine.formatting import unit_description
from odoo.addons.kpi_base.formatting import format_month, format_number
from odoo.addons.kpi_base.names import get_name_domain

from ...engine.example import make_example
from ..integration.kpi_pack_definitions import codes_of
from ..report.kpi_report_status import SPARKLINE_PERIODS
from ..source.kpi_definition_preview import PREVIEW_FIELDS

EXAMPLE = "example_"  # prefix of the codes of examples
EXAMPLE_LEVEL = 100.0  # where an entry has none
MAX_COUNTED = 10_000  # records of a model; more take long where rules apply
# What an example has of its gallery KPI; what it counts is invented.
SHOWN = (
    "aggregation_scope", "aggregation_time", "decimals", "description", "direction",
    "duration_unit", "frequency", "name", "unit", "unit_symbol",
)  # fmt: skip


class RecordWords(NamedTuple):
    """How people call the records of a model.

    :ivar one, many: one record, several
    :ivar document: model of the documents that are counted instead of their lines
    """

    one: str
    many: str
    document: str = ""


class KpiGalleryKpi(models.Model):
    """A ready KPI: what it says, what it needs, and the definition it becomes."""

    _name = "kpi.gallery.kpi"
    _description = "Gallery KPI"
    _order = "set_id, sequence, id"
    _rec_names_search = ["name", "description", "code"]

    name = fields.Char(required=True, translate=True, readonly=True)
    description = fields.Text(translate=True, readonly=True)
    code = fields.Char(required=True, readonly=True, index=True)
    sequence = fields.Integer(readonly=True)
    set_id = fields.Many2one(
        "kpi.gallery.set",
        "Theme",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    needs = fields.Char(
        "Required Apps",
        readonly=True,
        help="Technical names of apps.",
        exportable=False,
    )
    entry = fields.Json("Definition in a Pack", readonly=True, exportable=False)
    is_formula = fields.Boolean(readonly=True, exportable=False)
    missing_apps = fields.Char(compute="_compute_missing_apps")
    empty_records = fields.Char(
        string="Missing Records",
        compute="_compute_empty_records",
        help="Records that this KPI counts and that do not exist yet.",
    )
    example_value = fields.Float(compute="_compute_example", exportable=False)
    example_trend = fields.Json(compute="_compute_example", exportable=False)
    unit = fields.Char(compute="_compute_example", exportable=False)
    decimals = fields.Integer(compute="_compute_example", exportable=False)
    unit_symbol = fields.Char(compute="_compute_example", exportable=False)
    duration_unit = fields.Char(compute="_compute_example", exportable=False)
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_example", exportable=False
    )
    definition_id = fields.Many2one(
        "kpi.definition", "Turned On As", compute="_compute_definition_id"
    )
    state = fields.Selection(
        [
            ("on", "On"),
            ("off", "Available"),
            ("missing", "Needs Another App"),
            ("forbidden", "No Access"),
        ],
        "Status",
        compute="_compute_state",
        search="_search_state",
    )

    _code_uniq = models.UniqueIndex(
        "(code)", "A gallery KPI with this code already exists."
    )

    @api.depends("needs")
    def _compute_missing_apps(self):
        find_missing = self.env["kpi.pack.definitions"]._missing_apps
        for needs, kpis in self.grouped("needs").items():
            kpis.missing_apps = ", ".join(find_missing((needs or "").split(",")))

    @api.depends_context("company", "lang", "uid")
    @api.depends("entry")
    def _compute_empty_records(self):
        """Name the records counted, of which the user finds none."""
        parts = {kpi: (kpi._with_parts() if kpi.is_formula else kpi) for kpi in self}
        counts = self.union(*parts.values())._count_records(limit=1)
        empty = {name for name, count in counts.items() if not count}
        words = {name: self._find_record_words(name).many for name in empty}
        for kpi in self:
            counted = {part._get_counted_model() for part in parts[kpi]}
            kpi.empty_records = ", ".join(sorted({words[n] for n in counted & empty}))

    def _count_records(self, limit=MAX_COUNTED):
        """Count the records of these KPIs' models that the user may read.

        One statement per model, whatever the number of KPIs.

        :param limit: records at which counting ends
        :return: dict model name → number; models without access are left out
        """
        names = {kpi._get_counted_model() for kpi in self}
        counted = [self.env[name] for name in names if name in self.env]
        return {
            model._name: model.search_count(Domain.TRUE, limit=limit)
            for model in counted
            if model.has_access("read")
        }

    @api.model
    def _get_record_words(self):
        """Words for the records of models, as they appear in a sentence.

        An addon adds the models that its KPIs count::

            def _get_record_words(self):
                deals = self.env._("deal"), self.env._("deals")
                return {**super()._get_record_words(), "kpi.deal": deals}

        :return: dict model name → what ``RecordWords`` consists of
        """
        invoices = self.env._("invoice"), self.env._("invoices")
        orders = self.env._("sales order"), self.env._("sales orders")
        return {
            "account.analytic.line": (
                self.env._("timesheet entry"),
                self.env._("timesheet entries"),
            ),
            "account.move": invoices,
            "account.move.line": (*invoices, "account.move"),
            "account.payment": (self.env._("payment"), self.env._("payments")),
            "crm.lead": (self.env._("lead"), self.env._("leads")),
            "hr.applicant": (self.env._("applicant"), self.env._("applicants")),
            "hr.attendance": (self.env._("attendance"), self.env._("attendances")),
            "hr.employee": (self.env._("employee"), self.env._("employees")),
            "hr.expense": (self.env._("expense"), self.env._("expenses")),
            "hr.leave": (self.env._("absence"), self.env._("absences")),
            "mail.activity": (self.env._("activity"), self.env._("activities")),
            "project.project": (self.env._("project"), self.env._("projects")),
            "project.task": (self.env._("task"), self.env._("tasks")),
            "purchase.order": (
                self.env._("purchase order"),
                self.env._("purchase orders"),
            ),
            "rating.rating": (self.env._("rating"), self.env._("ratings")),
            "sale.order": orders,
            "sale.order.line": (*orders, "sale.order"),
            "stock.picking": (self.env._("transfer"), self.env._("transfers")),
        }

    @api.model
    def _find_record_words(self, model_name):
        """Words for the records of a model; of others those of their app."""
        words = self._get_record_words().get(model_name)
        if words:
            return RecordWords(*words)
        app = self.env[model_name]._original_module  # none where people made the model
        titles = self.env["kpi.pack.definitions"]._get_app_titles([app] if app else [])
        records = (
            self.env._("%s records", titles[app]) if app else self.env._("records")
        )
        return RecordWords(records, records)

    @api.model
    def _describe_records(self, model_name, count):
        """Say how many records there are, or that they are needed.

        :param count: 0 = none yet, ``MAX_COUNTED`` = that many or more
        """
        words = self._find_record_words(model_name)
        if not count:
            return self.env._("Needs %s; none yet", words.many)
        documents = self.env.get(words.document)
        if documents is not None and documents.has_access("read"):
            count = documents.search_count(Domain.TRUE, limit=MAX_COUNTED)
        if count == 1:
            return self.env._("1 %s found", words.one)
        number = format_number(self.env, count, 0)
        number += "+" if count == MAX_COUNTED else ""
        return self.env._(
            "%(count)s %(records)s found", count=number, records=words.many
        )

    def _preview_own_values(self):
        """Values of this KPI from the records that the user may read; none is stored.

        :return: dict of ``name``, ``unit`` and ``points``, see
            ``kpi.definition.get_preview``
        """
        self.ensure_one()
        known = {
            name: self.entry[name] for name in PREVIEW_FIELDS if name in self.entry
        }
        preview = self.env["kpi.definition"].get_preview(known)
        return {
            "name": self.name,
            "points": preview["points"],
            "unit": unit_description(self, self.currency_id.id),
        }

    def _get_counted_model(self):
        source = self.env.get(self.entry.get("external_source"))
        return self.entry.get("model_name") or getattr(source, "_counted_model", "")

    @api.depends_context("company", "lang")
    @api.depends("entry")
    def _compute_example(self):
        """Invent what it would look like in the last months."""
        today = fields.Date.context_today(self).replace(day=1)
        months = range(SPARKLINE_PERIODS, 0, -1)
        days = [today - relativedelta(months=number) for number in months]
        labels = [format_month(self.env, day) for day in days]
        for kpi in self:
            unit = kpi.entry.get("unit") or "number"
            usual = 0 if unit in ("currency", "number") else 1
            kpi.decimals = kpi.entry.get("decimals", usual)
            level = kpi._get_example_level()
            values = make_example(kpi.code, level, days, unit).round(kpi.decimals)
            pairs = zip(labels, values.tolist(), strict=True)
            points = [{"label": label, "value": value} for label, value in pairs]
            kpi.example_value = points[-1]["value"]
            kpi.example_trend = {"running": False, "points": points}
            kpi.unit = unit
            kpi.unit_symbol = kpi.entry.get("unit_symbol")
            kpi.duration_unit = kpi.entry.get("duration_unit")
            kpi.currency_id = unit == "currency" and self.env.company.currency_id

    def _get_example_level(self):
        """The value around which its examples lie."""
        return self.entry.get("example") or EXAMPLE_LEVEL

    def _prepare_example_entry(self):
        """Entry of a pack of its example: a formula of examples, or invented values."""
        entry = {key: self.entry[key] for key in SHOWN if key in self.entry}
        entry["code"] = EXAMPLE + self.code
        if not self.is_formula:
            source = {"external_source": "kpi.example", "external_measure": self.code}
            return {**entry, "computation": "external", **source}
        formula = self.entry["formula"]
        for code in codes_of(self.entry):
            formula = re.sub(rf"\b{code}\b", EXAMPLE + code, formula)
        return {**entry, "computation": "formula", "formula": formula}

    @api.depends_context("company")
    @api.depends("code")
    def _compute_definition_id(self):
        definitions = self._definitions(Domain("code", "in", self.mapped("code")))
        by_code = {definition.code: definition for definition in definitions}
        for kpi in self:
            kpi.definition_id = by_code.get(kpi.code)

    @api.depends_context("company", "uid")
    @api.depends("missing_apps", "definition_id")
    def _compute_state(self):
        unreadable = self._unreadable_codes()
        for kpi in self:
            if kpi.definition_id:
                kpi.state = "on"
            elif kpi.missing_apps:
                kpi.state = "missing"
            else:
                kpi.state = "forbidden" if kpi.code in unreadable else "off"

    @api.model
    def _unreadable_codes(self):
        """Codes of KPIs on records that the user may not read, and of their formulas.

        Who may not read them cannot define a KPI that shows them.
        """
        everything, found = self.search(Domain.TRUE), set()
        for kpi in everything:
            model = kpi.entry.get("model_name")
            if model in self.env and not self.env[model].has_access("read"):
                found.add(kpi.code)
        codes = {kpi.code: codes_of(kpi.entry) for kpi in everything}
        while more := {code for code in codes if codes[code] & found} - found:
            found |= more
        return found

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = self.search(Domain.TRUE).filtered(lambda kpi: kpi.state in value)
        return Domain("id", "in", found.ids)

    @api.model
    def _definitions(self, domain):
        """Definitions that the current company uses."""
        return self.env["kpi.definition"].search(
            domain & Domain("company_id", "in", [self.env.company.id, False])
        )

    def _load_entries(self, module, theme, entries):
        """Bring the KPIs of a theme in line with its file.

        What was turned on under the former name of a KPI follows it, unless another
        KPI has the new one; a name that the company has chosen stays.
        """
        codes = [entry["code"] for entry in entries]
        former = {kpi.code: kpi.name for kpi in self.search([("code", "in", codes)])}
        self._load_records(
            [
                {
                    "xml_id": f"{module}.kpi_gallery_kpi_{entry['code']}",
                    "values": {
                        "name": entry["name"],
                        "description": html2plaintext(entry.get("description") or ""),
                        "code": entry["code"],
                        "sequence": number,
                        "set_id": theme.id,
                        "needs": ",".join(entry.get("needs") or []),
                        "entry": entry,
                        "is_formula": entry.get("computation") == "formula",
                    },
                }
                for number, entry in enumerate(entries)
            ],
            update=True,
        )
        renamed = {
            entry["code"]: entry["name"]
            for entry in entries
            if former.get(entry["code"], entry["name"]) != entry["name"]
        }
        everywhere = self.env["kpi.definition"].with_context(active_test=False)
        for definition in everywhere.search([("code", "in", [*renamed])]):
            if definition.name != former[definition.code]:
                continue
            name = renamed[definition.code]
            others = get_name_domain(name) & Domain("code", "!=", definition.code)
            if not everywhere.search_count(others, limit=1):
                definition.name = name

    def _with_parts(self):
        """These KPIs and those that their formulas are made of."""
        everything = self | self.search([("id", "not in", self.ids)])
        known, todo = self, self
        while todo:
            codes = set().union(*(codes_of(kpi.entry) for kpi in todo))
            todo = everything.filtered(lambda kpi, codes=codes: kpi.code in codes)
            todo -= known
            known |= todo
        return known

    def action_turn_on(self):
        """Turn on what is available, for the company, and show it being computed."""
        return self._turn_on()

    def action_choose(self):
        """Ask whom the KPIs are tracked for before they are turned on."""
        dialog = self.env["kpi.gallery.wizard"]
        title = self.env._("Turn On KPIs")
        return open_dialog(dialog, title, default_kpi_ids=self.ids)

    def action_turn_off(self):
        """Archive the definitions and what tracks them; values stay."""
        self._check_officer()
        definitions = self.definition_id
        definitions.report_ids.active = False
        definitions.active = False
        return True

    def action_open(self):
        """Open the KPIs that track this one."""
        return self.definition_id.action_open_reports()

    def _check_officer(self):
        self.check_access("read")
        self.env["kpi.definition"].check_access("create")

    def _turn_on(self, scope_types=()):
        """Create what is missing, track it and have twelve months computed.

        :param scope_types: besides the company, ``department``, ``team`` or ``user``:
            all of the company, where the records lead to them
        :return: action that shows the progress, then the KPIs
        """
        self._check_officer()
        wanted = self.filtered(lambda kpi: kpi.state in ("off", "on"))
        if not wanted:
            if missing := self._all_missing_apps():
                raise UserError(self.env._("Install the app first: %s.", missing))
            raise UserError(self.env._("You do not have access to these records."))
        kpis = wanted._with_parts()
        known = kpis.definition_id.report_ids
        kpis.filtered(lambda kpi: not kpi.definition_id)._create_definitions()
        kpis.invalidate_recordset(["definition_id", "state"])
        definitions, company = kpis.definition_id, self.env.company
        reports = definitions._track_for("company", company, company.id)
        for scope_type in scope_types:
            reports |= definitions._track_for_all(scope_type, company)
        definitions._turn_on_external()
        return reports._open_once_computed(reports - known)

    def _all_missing_apps(self):
        """List the names of the apps that any of these KPIs needs, each once."""
        return self._list_names("missing_apps")

    def _list_names(self, field):
        """List what any of these KPIs names in ``field``, each once."""
        named = [names.split(", ") for names in self.mapped(field) if names]
        return ", ".join(sorted(set().union(*named)))

    def _create_definitions(self):
        """Definitions of these KPIs; those turned off before are brought back."""
        codes = Domain("code", "in", self.mapped("code"))
        everything = self.with_context(active_test=False)
        archived = everything._definitions(codes & Domain("active", "=", False))
        archived.active = True
        missing = self.filtered(lambda kpi: kpi.code not in archived.mapped("code"))
        imported = self.env["kpi.pack"]._import(
            {"definitions": missing._visible_entries()}, self.env.company
        )
        # Who turns a KPI on answers for it until somebody else does.
        imported["definitions"].owner_id = self.env.user

    def _visible_entries(self):
        """Entries of these KPIs, split only by fields that the user may read.

        A field can belong to a feature that is off, such as the stages of projects.
        """
        entries = []
        for kpi in self:
            model = self.env.get(kpi.entry.get("model_name"))
            lines = [
                line
                for line in kpi.entry.get("breakdowns") or []
                if self._is_path_readable(model, line["field"])
            ]
            entries.append({**kpi.entry, "breakdowns": lines})
        return entries

    @api.model
    def _is_path_readable(self, model, path):
        for step in path.split("."):
            field = model._fields.get(step)
            if not field:
                return True  # said where the definition is saved
            if not (
                model.has_access("read") and model._has_field_access(field, "read")
            ):
                return False
            model = self.env[field.comodel_name] if field.relational else model
        return True
