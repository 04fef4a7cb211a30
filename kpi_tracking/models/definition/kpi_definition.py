import re
from dataclasses import replace
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_is_zero, format_amount, plaintext2html

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.formatting import (
    compact,
    distance,
    percent_text,
    unit_description,
)
from odoo.addons.kpi_base.fields import OptionalFloat, RichText
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_number,
    full_table,
    read_unit,
    reader_table,
)
from odoo.addons.kpi_base.tell import MOST_OFFICERS, find_officers, tell

from ...engine.formula import RESERVED_NAMES
from ...engine.formula.formula import name_codes
from ...engine.zones import THRESHOLD_FIELDS, THRESHOLDS
from ..calendar.kpi_calendar import GRAINS
from .kpi_method_mixin import PATH_FIELDS

SOURCE_FIELDS = (
    "model_name",
    "kind",
    "date_field",
    "date_to_field",
    "calendar_id",
    "company_id",
    "company_field",
    "without_company",
    "without_company_id",
    "department_field",
    "team_field",
    "user_field",
)
CODE = re.compile(r"[a-z][a-z0-9_]*\Z")
CODE_LENGTH = 64
AGGREGATIONS = [
    ("sum", "Sum"),
    ("average", "Weighted Average"),
    ("last", "Last Value"),
    ("min", "Lowest"),
    ("max", "Highest"),
    ("formula", "Formula on Totals"),
    ("none", "Cannot Be Combined"),
]
NEVER_SUMMED = ("percent", "score", "boolean")
JUDGING_FIELDS = {"aggregation_time", "direction", "zones", *THRESHOLD_FIELDS}
MOST_DECIMALS = 6
USUAL_DATES = ("date_order", "invoice_date", "date", "create_date")


class KpiDefinition(models.Model):
    """A KPI's meaning, unit, direction, periods and computation.

    The values belong to ``kpi.report``: a definition tracked for one company,
    department, team or user.
    """

    _name = "kpi.definition"
    _description = "KPI Definition"
    _inherit = [
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.method.mixin",
        "kpi.zones.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "sequence, name, id"
    _check_company_auto = True
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(
        required=True,
        copy=False,
        index=True,
        help="Short name for formulas and other systems: lowercase letters, "
        "digits, underscores. Fixed once the KPI has values or is used in a "
        "formula.",
    )
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty to share the KPI across companies.",
    )
    category_id = fields.Many2one("kpi.definition.category", index="btree_not_null")
    tag_ids = fields.Many2many("kpi.tag", string="Tags")
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        tracking=True,
        index="btree_not_null",
        check_company=True,
        default=lambda self: self.env.context.get("kpi_for_me") and self.env.user,
    )
    description = RichText(
        translate=True, help="What the KPI measures and how to read it."
    )
    weight = fields.Float(
        default=1.0,
        help=("Weight in a scorecard, relative to the other KPIs."),
    )
    unit = fields.Selection(
        [
            ("number", "Number"),
            ("percent", "Percent"),
            ("currency", "Currency"),
            ("duration", "Duration"),
            ("score", "Score"),
            ("boolean", "Yes / No"),
            ("custom", "Custom Unit"),
        ],
        required=True,
        compute="_compute_unit",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Percentages are stored as shown: 82.5 means 82.5%.",
    )
    unit_symbol = fields.Char(translate=True, help="Shown after the value.")
    duration_unit = fields.Selection(
        [("minute", "Minutes"), ("hour", "Hours"), ("day", "Days")], default="day"
    )
    currency_id = fields.Many2one(
        "res.currency",
        default=lambda self: self.env.company.currency_id,
        help="Amounts in other currencies are converted at the rate on the "
        "record's date.",
    )
    decimals = fields.Integer("Decimal Places", default=0)
    direction = fields.Selection(
        [
            ("higher", "Higher Is Better"),
            ("lower", "Lower Is Better"),
            ("range", "Within a Range Is Best"),
        ],
        required=True,
        default="higher",
        tracking=True,
    )
    zones = fields.Selection(required=True, default="rag", tracking=True)
    threshold_1 = OptionalFloat(default=THRESHOLDS[0])
    threshold_2 = OptionalFloat(default=THRESHOLDS[1])
    threshold_3 = OptionalFloat(default=THRESHOLDS[2])
    threshold_4 = OptionalFloat(default=THRESHOLDS[3])
    frequency = fields.Selection(
        [
            ("day", "Daily"),
            ("week", "Weekly"),
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("year", "Yearly"),
        ],
        required=True,
        default="month",
        tracking=True,
        help="Shortest period with a value. Fixed once the KPI has values.",
    )
    coarsest_grain = fields.Selection(
        GRAINS,
        "Longest Period",
        default="year",
        help="Periods up to this length are shown.",
    )
    calendar_id = fields.Many2one(
        "kpi.calendar",
        required=True,
        ondelete="restrict",
        index=True,
        compute="_compute_calendar_id",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    history_start = fields.Date(
        required=True,
        default=lambda self: (
            fields.Date.context_today(self) - relativedelta(years=2, month=1, day=1)
        ),
        help="First day with computed values.",
    )
    computation = fields.Selection(tracking=True)
    aggregation_time = fields.Selection(
        AGGREGATIONS,
        "Over Time",
        required=True,
        compute="_compute_aggregations",
        store=True,
        readonly=False,
        precompute=True,
        help=("How values of shorter periods are combined for longer ones."),
    )
    aggregation_scope = fields.Selection(
        AGGREGATIONS,
        "Over People and Departments",
        required=True,
        compute="_compute_aggregations",
        store=True,
        readonly=False,
        precompute=True,
        help=(
            "How values of users, teams or departments are combined at the next level."
        ),
    )
    report_ids = fields.One2many("kpi.report", "definition_id", "Tracked For")
    report_count = fields.Integer(
        "Tracked", compute="_compute_report_count", exportable=False
    )
    has_measurements = fields.Boolean(
        compute="_compute_has_measurements", exportable=False
    )
    color = fields.Integer(related="category_id.color")
    is_broken_told = fields.Boolean(
        "Notified of Error", readonly=True, copy=False, exportable=False
    )
    model_label = fields.Char(
        "Records Name", compute="_compute_model_label", exportable=False
    )
    records_notice = fields.Char(compute="_compute_records_notice", exportable=False)
    gauge_widget_id = fields.Many2one(
        "kpi.gauge.widget",
        "Gauge",
        ondelete="restrict",
        index="btree_not_null",
        help="Leave empty to show a circle if the KPI has a target.",
    )
    has_same_name = fields.Boolean(
        store=False,
        search="_search_has_same_name",
        exportable=False,
        help="Another KPI of the company has the same name, ignoring case.",
    )
    uses = fields.Json(
        "Where Used",
        compute="_compute_uses",
        exportable=False,
    )

    _company_code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)",
        "A KPI with this code already exists in this company.",
    )
    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "A weight cannot be negative."
    )
    _decimals_range = models.Constraint(
        "CHECK (decimals BETWEEN 0 AND 6)", "Decimal places must be between 0 and 6."
    )

    @api.depends("company_id")
    def _compute_calendar_id(self):
        # A company's calendar is no secret to who defines its KPIs.
        calendars = self.env["kpi.calendar"].sudo()
        without = self.filtered(lambda definition: not definition.calendar_id)
        for company, same in without.grouped("company_id").items():
            calendar = calendars._find_company_default(company or self.env.company)
            for definition in same:
                definition.calendar_id = calendar.id

    @api.depends("computation", "measure", "operand", "measure_field", "factor_field")
    def _compute_unit(self):
        """Amounts of money are in a currency, unless somebody says otherwise."""
        for definition in self:
            unit = definition.unit or "number"
            is_money = unit == "number" and definition._measures_amounts()
            definition.unit = "currency" if is_money else unit

    def _compute_report_count(self):
        counts = dict(
            self.env["kpi.report"]._read_group(
                [("definition_id", "in", self.ids)], ["definition_id"], ["__count"]
            )
        )
        for definition in self:
            definition.report_count = counts.get(definition, 0)

    def _compute_has_measurements(self):
        # Whether there are values, never which: it decides what is locked.
        measured = self.env["kpi.measurement"].sudo()._find_measured_ids(self)
        for definition in self:
            definition.has_measurements = definition.id in measured

    def _is_measured(self):
        """As ``has_measurements``, which may have been read before the first value."""
        self.ensure_one()
        # Whether there are values, never which: it decides what is locked.
        return bool(self.env["kpi.measurement"].sudo()._find_measured_ids(self))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_storable(vals)
        self._claim_formulas()  # of two of one name, one gets another code
        # A request that is run again brings the same values: they stay as they are.
        vals_list = [dict(self._with_model_name(vals)) for vals in vals_list]
        levels = [vals.pop("tracked_levels", False) for vals in vals_list]
        made = {vals["code"] for vals in vals_list if vals.get("code")}
        for vals in vals_list:
            if not vals.get("code"):
                code = self._code_from_name(vals.get("name") or "")
                vals["code"] = self._free_code(code, made)
                made.add(vals["code"])
        definitions = super().create(vals_list)
        definitions._link_sources()
        definitions._note_meaning()
        for definition, level in zip(definitions, levels, strict=True):
            definition._track_levels(level)
        return definitions

    @api.model
    def _add_precomputed_values(self, vals_list):
        """Leave the calendar of new KPIs to their company, which has one from now on.

        A form of a company without KPIs shows none: opening it stores nothing.
        """
        companies = self.env["res.company"]
        for vals in vals_list:
            if not vals.get("calendar_id"):
                vals.pop("calendar_id", None)
                company = companies.browse(vals.get("company_id") or ())
                companies |= company or self.env.company
        # A company's calendar is made on first use, whoever uses it first.
        calendars = self.env["kpi.calendar"].sudo()
        for company in companies:
            calendars._company_default(company)
        return super()._add_precomputed_values(vals_list)

    @api.model
    def _code_from_name(self, name):
        code = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:CODE_LENGTH]
        if CODE.match(code) and code not in RESERVED_NAMES:
            return code
        return f"kpi_{code}".strip("_")[:CODE_LENGTH]

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default)
        made = set()
        for definition, vals in zip(self, vals_list, strict=True):
            vals["code"] = default.get("code") or self._free_code(definition.code, made)
            made.add(vals["code"])
            if vals.get("computation") == "formula":
                # It follows from the formula, which may be another one in the copy.
                vals["aggregation_time"] = default.get("aggregation_time", "formula")
        return vals_list

    @api.model
    def _free_code(self, code, made=()):
        """``code``, or with the lowest number behind it that no other KPI uses."""
        # A code is taken also where the officer does not see who uses it.
        everywhere = self.sudo().with_context(active_test=False)
        stem = code[: CODE_LENGTH - 5]
        taken = set(everywhere.search([("code", "=like", f"{stem}%")]).mapped("code"))
        taken.update(made)
        free, number = code, 1
        while free in taken:
            number += 1
            free = f"{code[: CODE_LENGTH - 1 - len(str(number))]}_{number}"
        return free

    # What follows next writes: there is nothing more to hand on.
    # pylint: disable-next=method-required-super
    def write(self, vals):
        """Change definitions, what a version may change from a day on.

        The context says which day, see ``_write_from_day``.
        """
        # Asked first: a later version is stored without writing the definition.
        self._check_unguarded("write", vals)
        self._write_from_day(vals)
        self._watch_changed_tolerance(vals)
        self._note_changed_meaning(vals)
        self._refresh_changed_duties(vals)
        return True

    def _write_in_place(self, vals):
        """As ``write``, whatever the day, and what follows for values."""
        self._check_storable(vals)
        if "active" in vals and not vals["active"]:
            self.with_context(active_test=True)._check_unused_in_formulas(in_force=True)
        named = self._with_model_name(vals)
        self._check_fixed(named)
        # Not the write above, which asks for the day.
        # pylint: disable=super-method-mismatch
        result = super().write(named)
        if not JUDGING_FIELDS.isdisjoint(named):
            # All that are tracked, whoever may see them.
            self.with_context(active_test=False).sudo().report_ids._refresh_current()
        self._recompute_changed(vals)
        return result

    def _check_fixed(self, vals):
        """Refuse to change what values and others hang on.

        :raises UserError: naming the first use
        """
        for definition in self:
            changed = [
                name
                for name in ("frequency", "calendar_id", "code")
                if name in vals and definition._is_other_value(name, vals[name])
            ]
            if not changed:
                continue
            # Also where the officer does not see who it is tracked for.
            definition.with_context(active_test=False).sudo().report_ids._hold_off()
            # A formula of another company counts as well.
            users = changed == ["code"] and definition.sudo()._formula_users()
            if definition._is_measured():
                use = self.env._("it has values. Duplicate it instead.")
            elif users:
                use = self.env._("the formula of %s uses it.", users[0].name)
            else:
                continue
            labels = [
                definition._fields[name]._description_string(self.env)
                for name in changed
            ]
            raise UserError(
                self.env._(
                    "%(fields)s of %(kpi)s cannot be changed: %(use)s",
                    fields=", ".join(labels),
                    kpi=definition.name,
                    use=use,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        for definition in self:
            if definition._is_measured():
                raise UserError(
                    self.env._(
                        "%s has values and cannot be deleted. Archive it instead.",
                        definition.name,
                    )
                )

    def _grains(self):
        """Periods for which facts of this KPI are stored, shortest first.

        Additive values of longer periods are read from the shorter ones; what cannot
        be combined over time (and formulas) has facts of its own per grain.
        """
        self.ensure_one()
        if self.aggregation_time not in ("none", "formula"):
            return [self.frequency]
        return self._get_shown_grains()

    def _first_counted_day(self):
        """First day of the first period that is computed."""
        self.ensure_one()
        return self.calendar_id._period(self.frequency, self.history_start).start

    def _get_shown_grains(self):
        """Periods in which this KPI can be shown, shortest first."""
        self.ensure_one()
        spec = self.calendar_id._spec()
        return periods.longer_grains(spec, self.frequency, self.coarsest_grain)

    def _get_fact_grain(self, grain):
        """Grain of the facts that values by ``grain`` are read from.

        :raises UserError: this KPI is not shown by ``grain``
        """
        shown = self._get_shown_grains()
        if grain not in shown:
            field = self._fields["coarsest_grain"]
            labels = dict(field._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(grain)s” is not a period of %(kpi)s. Choose one of: "
                    "%(grains)s.",
                    kpi=self.name,
                    grain=labels.get(grain, grain),
                    grains=", ".join(labels[each] for each in shown),
                )
            )
        return grain if grain in self._grains() else self.frequency

    def action_open_reports(self):
        return open_list(
            self.env,
            "kpi_tracking.kpi_report_action",
            [("definition_id", "in", self.ids)],
            context={"default_definition_id": self[:1].id},
        )

    @api.model
    def _forget_mended(self):
        """Those that have new values again may be told about again."""
        self.with_context(active_test=False).search(
            [("is_broken_told", "=", True), ("computation_error", "=", False)]
        ).is_broken_told = False

    def _tell_responsible(self, subject, body, instead=None):
        """Have who is responsible know, or somebody instead, or the officers.

        Only those who see the KPI are told.

        :param instead: whom to tell where nobody is responsible
        """
        for definition in self:
            people = definition.owner_id.browse()
            for person in (instead, definition.owner_id):
                if person and person.active and definition._is_readable_by(person.id):
                    people = person
            if not people:
                people = find_officers(self.env).filtered(
                    lambda user, kpi=definition: kpi._is_readable_by(user.id)
                )[:MOST_OFFICERS]
            link = f"{definition.get_base_url()}/odoo/{self._name}/{definition.id}"
            tell(
                definition,
                people,
                subject,
                Markup('%s<p><a href="%s">%s</a></p>')
                % (plaintext2html(body), link, definition.display_name),
                res_model=self._name,
                res_id=definition.id,
            )

    @api.depends("model_name")
    def _compute_model_label(self):
        labels = {
            model["model"]: model["display_name"]
            for model in self.env["ir.model"].display_name_for(
                [name for name in self.mapped("model_name") if name]
            )
        }
        for definition in self:
            definition.model_label = labels.get(definition.model_name, False)

    @api.depends_context("uid")
    @api.depends("model_name")
    def _compute_records_notice(self):
        """Say why the records cannot be asked for fields; empty where they can."""
        for definition in self:
            name, notice = definition.model_name, ""
            if name and name not in self.env:
                notice = self.env._(
                    "The app for these records (%s) is not installed. Install it, "
                    "choose other records, or archive the KPI.",
                    name,
                )
            elif name and not self.env[name].has_access("read"):
                notice = self.env._(
                    "You do not have access to these records (%s), so filter and "
                    "fields are read-only.",
                    definition.model_label,
                )
            definition.records_notice = notice

    def _format_value(self, value):
        """A value with its unit, as the reader's language writes it.

        Decimals that were entered beyond those of the KPI are shown.
        """
        if self.unit == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if self.unit == "currency" and self.currency_id:
            return format_amount(self.env, value, self.currency_id)
        return self._join_unit(self._format_entered(value, self.decimals))

    def _join_unit(self, number):
        """A number that is written already, with its unit."""
        if self.unit == "percent":
            return percent_text(reader_table(self.env), number)
        unit = self._unit_word()
        if unit and self.unit == "currency" and self.currency_id.position == "before":
            return f"{unit}\u00a0{number}"
        return f"{number}\u202f{unit}" if unit else number

    @api.model
    def _format_entered(self, value, decimals, most=MOST_DECIMALS):
        """A number with these decimals, and those that were entered beyond them.

        :param most: decimals that are shown of a number without end
        """
        digits = next(
            n
            for n in range(decimals, max(most, decimals) + 1)
            if n >= most
            or float_is_zero(value - round(value, n), precision_digits=MOST_DECIMALS)
        )
        return format_number(self.env, value, digits)

    def _format_rounded(self, value, extra=0):
        """A value with its unit and the decimals of the KPI, as lists show it.

        :param extra: decimals in addition to those of the KPI
        """
        if self.unit == "boolean":
            return self._format_value(value)
        digits = self.decimals + extra
        return self._join_unit(format_number(self.env, value, digits))

    def _format_compact(self, value, extra=0):
        """A value with its unit and three significant digits, as cards show it.

        :param extra: decimals in addition to those of the KPI
        """
        unit = read_unit(self.env, self._unit_description())
        unit = replace(unit, decimals=unit.decimals + extra)
        return compact(full_table(self.env), value, unit)

    def _format_distance(self, size):
        """Distance of two values without a sign: “165 k€”, “6.7 points”."""
        unit = read_unit(self.env, self._unit_description())
        return distance(full_table(self.env), size, unit)

    def _name_values(self, name):
        """Title of a screen with values, which says their unit.

        :param name: of the KPI, or of whose it is
        """
        unit = self._unit_word()
        if not unit:
            return self.env._("Values of %s", name)
        return self.env._("Values of %(kpi)s (%(unit)s)", kpi=name, unit=unit)

    def _unit_word(self):
        """Unit of a value, in the reader's language; None for a number."""
        durations = dict(self._fields["duration_unit"]._description_selection(self.env))
        return {
            "currency": self.unit == "currency" and self.currency_id.symbol,
            "percent": "%",
            "duration": durations.get(self.duration_unit),
            "custom": self.unit_symbol,
        }.get(self.unit)

    @api.onchange("model_name")
    def _onchange_model_name(self):
        """Keep of what was chosen that which fits the records chosen now."""
        for name in PATH_FIELDS:
            if self[name] and not self._has_path(self[name]):
                self[name] = False
        self._drop_unfitting_conditions()
        self.breakdown_ids = self.breakdown_ids.filtered(
            lambda breakdown: self._has_path(breakdown.field_path)
        )
        if not self.date_field and self.model_name in self.env:
            known = self.env[self.model_name]._fields
            self.date_field = next((n for n in USUAL_DATES if n in known), False)

    def _drop_unfitting_conditions(self):
        """Clear conditions that ask for fields that the records lack."""
        for name in ("domain", "numerator_domain"):
            try:
                domain, model = self._parse_domain(name), self._records_model()
                self._check_conditions(domain, model, name)
            except ValidationError:
                self[name] = "[]"

    @api.model
    @api.readonly
    def get_measurable_models(self):
        """Models that the user may read and a KPI be computed from.

        :return: list of dicts: ``model``, ``display_name``, ``technical`` (it is
            nothing that people work with)
        """
        models = self.env["ir.model"].get_available_models()
        known = self._find_working_models()
        return [
            {**model, "technical": model["model"] not in known}
            for model in models
            if self._is_measurable(model["model"])
        ]

    @api.model
    def _find_working_models(self):
        """Names of the models that people work with: menus outside of the settings open
        them, they are lines of such a document, have a chatter, or are made for KPIs.
        """
        # Menus say what people work with; who may read the records is asked elsewhere.
        menus = self.env["ir.ui.menu"].sudo().with_context(active_test=False)
        settings = self.env.ref("base.menu_administration", raise_if_not_found=False)
        of_settings = Domain("id", "child_of", settings.ids if settings else [])
        opened = set()
        for menu in menus.search(Domain("action", "!=", False) & ~of_settings):
            action = menu.action.exists()
            if action and action._name == "ir.actions.act_window":
                opened.add(action.res_model)
            elif action and action._name == "ir.actions.server":
                opened.add(action.model_name)
        opened &= self.env.registry.keys()
        lines = {
            field.comodel_name
            for name in opened
            for field in self.env[name]._fields.values()
            if field.type == "one2many" and field.comodel_name.startswith(f"{name}.")
        }
        thread = self.env.registry["mail.thread"]
        own = {
            name
            for name, model in self.env.registry.items()
            if model._custom or model._kpi_measurable or issubclass(model, thread)
        }
        return opened | lines | own

    def action_open_measurements(self):
        """Values in the shortest period, so that lengths are not mixed."""
        self.ensure_one()
        return open_list(
            self.env,
            "kpi_tracking.kpi_measurement_action_trend",
            [("definition_id", "in", self.ids)],
            display_name=self._name_values(self.name),
            context={f"search_default_{self.frequency}": 1},
        )

    def _method_sentence(self, period):
        """Sentence on how a value of this KPI is counted."""
        last = min(period.stop - timedelta(days=1), self.calendar_id._today())
        measure = self._label_of("measure")
        if self.measure not in ("count", "share"):
            sign = " → " if self.operand == "duration" else " × "
            measure += f" ({sign.join(map(self._path_label, self._operand_paths()))})"
        words = {
            "measure": measure,
            "records": self.env["ir.model"]._get(self.model_name).name,
            "last": format_day(self.env, last),
        }
        if self.kind == "snapshot":
            return self.env._(
                "%(measure)s: %(records)s at the end of %(last)s. Records of "
                "closed periods cannot be listed.",
                **words,
            )
        words["date"] = self._path_label(self.date_field)
        if self.kind == "flow":
            first = max(period.start, self._first_counted_day())
            return self.env._(
                "%(measure)s: %(records)s with %(date)s from %(first)s to %(last)s.",
                first=format_day(self.env, first),
                **words,
            )
        if not self.date_to_field:
            sentence = self.env._(
                "%(measure)s: %(records)s with %(date)s up to %(last)s.", **words
            )
        else:
            sentence = self.env._(
                "%(measure)s: %(records)s with %(date)s up to %(last)s and "
                "%(closed)s later or empty.",
                closed=self._path_label(self.date_to_field),
                **words,
            )
        return f"{sentence} " + self.env._(
            "Uses current field values, except for dates."
        )

    def _has_moved_on(self, period):
        """Return whether nobody can say any more which records were counted."""
        return self.kind == "snapshot" and period.stop <= self.calendar_id._today()

    def _path_label(self, path):
        """The field at the end of ``path`` as its label says, in quotes."""
        return f"“{self._path_end(path)._description_string(self.env)}”"

    def _unit_description(self):
        """The unit as the web client's formatting takes it."""
        return unit_description(self, self.currency_id.id)

    @api.model
    def _name_codes(self, text, by_code):
        """Name the KPIs of a formula's part instead of their codes."""
        return name_codes(text, {code: kpi.name for code, kpi in by_code.items()})

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_uses(self):
        for definition in self:
            definition.uses = definition._list_uses() if definition.id else []

    def _list_uses(self):
        """What uses these KPIs; of what the user may not see only the number."""
        return self.env["kpi.use.link"]._list_users(self)

    @api.readonly
    def get_uses(self):
        """Return what uses these KPIs: said before they are archived or deleted.

        :return: list of dicts, see ``kpi.use.link._list_users``
        """
        self.check_access("read")
        return self._list_uses()
