import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine.formula import RESERVED_NAMES
from ...engine.zones import THRESHOLD_FIELDS, THRESHOLDS
from ..calendar.kpi_calendar import GRAINS

CODE = re.compile(r"[a-z][a-z0-9_]*\Z")
CODE_LENGTH = 64
AGGREGATIONS = [
    ("sum", "Sum"),
    ("average", "Weighted average"),
    ("last", "Last value"),
    ("min", "Lowest"),
    ("max", "Highest"),
    ("formula", "Formula on the totals of its parts"),
    ("none", "Cannot be combined"),
]
JUDGING_FIELDS = {"aggregation_time", "direction", "zones", *THRESHOLD_FIELDS}


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
        help="Short name used in formulas and by other systems: lower-case letters,"
        " digits and underscores. Fixed once the KPI has values or is used in a"
        " formula.",
    )
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Leave empty to share the definition between companies.",
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
    description = fields.Html(
        translate=True, help="What the KPI measures and how to read it."
    )
    weight = fields.Float(
        default=1.0,
        help=("Weight of the KPI in a scorecard, relative to the other KPIs."),
    )

    unit = fields.Selection(
        [
            ("number", "Number"),
            ("percent", "Percent"),
            ("currency", "Currency"),
            ("duration", "Duration"),
            ("score", "Score"),
            ("boolean", "Yes / No"),
            ("custom", "Custom unit"),
        ],
        required=True,
        compute="_compute_unit",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Percentages are stored as they are shown: 82.5 means 82.5 %.",
    )
    unit_symbol = fields.Char(translate=True, help="Shown after the value.")
    duration_unit = fields.Selection(
        [("minute", "Minutes"), ("hour", "Hours"), ("day", "Days")], default="day"
    )
    currency_id = fields.Many2one(
        "res.currency",
        default=lambda self: self.env.company.currency_id,
        help="Amounts in other currencies are converted at the rate of the record's"
        " own date.",
    )
    decimals = fields.Integer("Decimal Places", default=0)
    direction = fields.Selection(
        [
            ("higher", "Higher is better"),
            ("lower", "Lower is better"),
            ("range", "Within a range is best"),
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
        help="Shortest period that gets a value. Fixed once the KPI has values.",
    )
    coarsest_grain = fields.Selection(
        GRAINS,
        "Longest Period",
        default="year",
        help="Longer periods up to this one are shown as well.",
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
        default=lambda self: self._default_history_start(),
        help="First day for which values are computed.",
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
        help=(
            "How values of shorter periods are combined into the value of a longer one."
        ),
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
            "How values of users, teams or departments are combined into the value "
            "one level up."
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

    _company_code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)",
        "A KPI with this code already exists in this company.",
    )
    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "A weight cannot be negative."
    )
    _decimals_range = models.Constraint(
        "CHECK (decimals BETWEEN 0 AND 6)", "Decimal places go from 0 to 6."
    )

    @api.model
    def _default_history_start(self):
        """First day of the year before last: two full years to compare with."""
        today = fields.Date.context_today(self)
        return today.replace(year=today.year - 2, month=1, day=1)

    @api.depends("company_id")
    def _compute_calendar_id(self):
        # A company's calendar is made on first use, whoever uses it first.
        calendars = self.env["kpi.calendar"].sudo()
        without = self.filtered(lambda definition: not definition.calendar_id)
        for company, same in without.grouped("company_id").items():
            calendar = calendars._company_default(company or self.env.company)
            for definition in same:
                definition.calendar_id = calendar.id

    def _compute_unit(self):
        for definition in self:
            definition.unit = definition.unit or "number"

    @api.depends("computation", "unit")
    def _compute_aggregations(self):
        """Additivity by kind of computation; never a guess for averages."""
        for definition in self:
            over_time, over_scope = definition._default_aggregations()
            definition.aggregation_time = over_time
            definition.aggregation_scope = over_scope

    def _default_aggregations(self):
        """Additivity over time and over scopes that follows from the computation."""
        self.ensure_one()
        if self.computation == "formula":
            return "formula", "formula"
        if self.unit in ("percent", "score", "boolean", "duration"):
            return "average", "average"
        return "sum", "sum"

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

    @api.depends("name", "code")
    @api.depends_context("show_code")
    def _compute_display_name(self):
        for definition in self:
            name = definition.name or ""
            if self.env.context.get("show_code"):
                name = f"{name} ({definition.code})"
            definition.display_name = name

    def _get_aggregation_refusal(self, aggregation):
        """Return why ``aggregation`` would be meaningless for this KPI, or empty."""
        self.ensure_one()
        if aggregation == "sum" and self.unit in ("percent", "score", "boolean"):
            return self.env._(
                "percentages, scores and yes / no values cannot be added up. Use the"
                " weighted average."
            )
        if (aggregation == "formula") != (self.computation == "formula"):
            return self.env._(
                "only formulas can be calculated from the totals of their parts."
            )
        return ""

    @api.model_create_multi
    def create(self, vals_list):
        self._claim_formulas()  # of two of one name, one gets another code
        # A request that is run again brings the same values: they stay as they are.
        vals_list = [dict(vals) for vals in vals_list]
        made = set()
        for vals in vals_list:
            if not vals.get("code"):
                code = self._code_from_name(vals.get("name") or "")
                vals["code"] = self._free_code(code, made)
                made.add(vals["code"])
        return super().create(vals_list)

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
            if "name" not in default:
                vals["name"] = self.env._("%s (copy)", definition.name)
            vals["code"] = default.get("code") or self._free_code(definition.code, made)
            made.add(vals["code"])
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

    def write(self, vals):
        self._check_immutable(vals)
        result = super().write(vals)
        if not JUDGING_FIELDS.isdisjoint(vals):
            # All that are tracked, whoever may see them.
            self.with_context(active_test=False).sudo().report_ids._refresh_current()
        return result

    def _check_immutable(self, vals):
        """Keep what recorded values stand on: code, frequency and calendar."""
        fixed = ["frequency", "calendar_id", "code"]
        for definition in self:
            changed = [
                name
                for name in fixed
                if name in vals
                and definition._fields[name].convert_to_cache(vals[name], definition)
                != definition._fields[name].convert_to_cache(
                    definition[name], definition
                )
            ]
            if not changed:
                continue
            # Also where the officer does not see who it is tracked for.
            definition.with_context(active_test=False).sudo().report_ids._hold_off()
            user = definition._first_use(code_only=changed == ["code"])
            if user:
                labels = [
                    definition._fields[name]._description_string(self.env)
                    for name in changed
                ]
                raise UserError(
                    self.env._(
                        "%(fields)s of %(kpi)s cannot be changed: %(use)s",
                        fields=", ".join(labels),
                        kpi=definition.name,
                        use=user,
                    )
                )

    def _first_use(self, code_only=False):
        """Name what depends on this KPI's periods (and code), in words, or empty."""
        self.ensure_one()
        if self._is_measured():
            return self.env._("it has values. Duplicate it to start again.")
        if code_only:
            # A formula of another company counts as well.
            users = self.sudo()._formula_users()
            if users:
                return self.env._("the formula of %s uses it.", users[0].name)
        return ""

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measured(self):
        for definition in self:
            if definition._is_measured():
                raise UserError(
                    self.env._(
                        "%s has values and cannot be deleted. Archive it "
                        "instead to preserve its history.",
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
            raise UserError(
                self.env._(
                    "%(kpi)s has no values per %(grain)s. Choose one of: %(grains)s.",
                    kpi=self.name,
                    grain=grain,
                    grains=", ".join(shown),
                )
            )
        return grain if grain in self._grains() else self.frequency

    def action_open_reports(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_report_action"
        )
        action["domain"] = [("definition_id", "in", self.ids)]
        action["context"] = {"default_definition_id": self[:1].id}
        return action
