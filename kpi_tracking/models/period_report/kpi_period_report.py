from pydantic import TypeAdapter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.schemas.base import Id

from ...engine.period_report import FIGURES
from ..calendar.kpi_calendar import GRAINS
from ..report.kpi_report import SCOPES, WIDEST

MAX_PERIODS = 60
OTHER_FIGURES = FIGURES[1:]  # the value is always shown
FILTERS = {  # what of a KPI each is compared with
    "department_ids": ("department_id", "child_of"),
    "category_ids": ("category_id", "in"),
    "tag_ids": ("definition_id.tag_ids", "in"),
    "group_ids": ("group_line_ids.group_id", "in"),
    "report_ids": ("id", "in"),
}
FILTER_IDS = TypeAdapter(list[Id])
CHOICES = (
    "grain",
    "range_type",
    "period_count",
    "has_running",
    "date_from",
    "date_to",
    "judged_by",
    "scope_type",
)


class KpiPeriodReport(models.Model):
    """KPIs by period, as somebody has arranged them: which, how long, what beside them.

    The arrangement is stored. The numbers are those that each reader may see.
    """

    _name = "kpi.period.report"
    _description = "KPIs by Period"
    _inherit = ["kpi.input.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        index=True,
    )
    is_shared = fields.Boolean(
        "Shared",
        help=("Colleagues can open the table with the KPIs they have access to."),
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    schedule_ids = fields.One2many(
        "kpi.period.report.schedule", "period_report_id", "Scheduled Emails"
    )

    grain = fields.Selection(GRAINS, "Periods", required=True, default="month")
    range_type = fields.Selection(
        [("last", "Last periods"), ("fixed", "Between two dates")],
        "Range",
        required=True,
        default="last",
    )
    period_count = fields.Integer("Number of Periods", default=6)
    has_running = fields.Boolean(
        "Include Running Period",
        default=True,
        help="Includes the running period, compared with its target to date.",
    )
    date_from = fields.Date("From")
    date_to = fields.Date("To")
    judged_by = fields.Selection(
        [("then", "Target at the time"), ("today", "Current target")],
        "Targets",
        required=True,
        default="then",
    )

    scope_type = fields.Selection(SCOPES, "Tracked For")
    department_ids = fields.Many2many(
        "hr.department", string="Departments", help="Includes their sub-departments."
    )
    category_ids = fields.Many2many("kpi.definition.category", string="Categories")
    tag_ids = fields.Many2many("kpi.tag", string="Tags")
    group_ids = fields.Many2many("kpi.report.group", string="Scorecards")
    report_ids = fields.Many2many("kpi.report", string="KPIs")

    show_target = fields.Boolean("Target", default=True)
    show_variance = fields.Boolean("Variance")
    show_variance_percent = fields.Boolean("Variance (%)", default=True)
    show_achievement = fields.Boolean("Achievement (%)")
    show_previous = fields.Boolean("Previous Period")
    show_previous_percent = fields.Boolean("Change vs Previous Period (%)")
    show_last_year = fields.Boolean("Same Period Last Year")
    show_last_year_percent = fields.Boolean("Change vs Last Year (%)")
    show_ytd = fields.Boolean("Year to Date")

    _period_count_range = models.Constraint(
        f"CHECK (period_count BETWEEN 1 AND {MAX_PERIODS})",
        f"Choose from 1 to {MAX_PERIODS} periods.",
    )

    @api.constrains("range_type", "date_from", "date_to")
    def _check_range(self):
        for report in self.filtered(lambda each: each.range_type == "fixed"):
            if not (report.date_from and report.date_to):
                raise ValidationError(
                    self.env._("%s: enter a start and an end date.", report.name)
                )
            if report.date_to < report.date_from:
                raise ValidationError(
                    self.env._(
                        "%s: the end date is before the start date.", report.name
                    )
                )

    @api.model
    def _list_other_figures(self):
        """Figures that can be chosen beside the value, each by a field ``show_…``.

        An addon adds one with its field, its name here, and what it is of which
        periods; it stands below the value on the screen, in files and in mails::

            show_rank = fields.Boolean("Rank")

            def _list_other_figures(self):
                return [*super()._list_other_figures(), "rank"]

            def _read_added_figures(self, kpis, columns):
                return {(kpi.id, columns[0].period.start): {"rank": "1st"} for kpi in …}
        """
        return [*OTHER_FIGURES]

    def _list_chosen_figures(self):
        return [key for key in self._list_other_figures() if self[f"show_{key}"]]

    def _figures(self):
        """Figures shown in each cell, the value first."""
        return ["actual", *self._list_chosen_figures()]

    @api.model
    def _figure_labels(self):
        """Figure → what people call it."""
        labels = {
            key: self._fields[f"show_{key}"]._description_string(self.env)
            for key in self._list_other_figures()
        }
        return {"actual": self.env._("Value"), **labels}

    def action_open(self):
        """The table of this arrangement."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "kpi_tracking.kpi_period_report_action"
        )
        return {**action, "params": {"report": self.id}}

    @api.model
    def _build_from_options(self, options):
        """A report that is not stored, from what the screen or an address asks for.

        :param options: dict of values of fields; ``figures`` is a list of figures;
            ids for many2many fields
        :raises UserError: something that no report has
        """
        values = {"name": self.env._("KPIs by period")}
        if not isinstance(options, dict):
            raise UserError(
                self.env._("This table cannot be shown. Choose its options again.")
            )
        for name, value in options.items():
            try:
                values |= self._option(name, value)
            except (LookupError, OverflowError, TypeError, ValueError) as error:
                raise UserError(self._build_option_refusal(name)) from error
        # Filters may name what the user does not see; nothing of it is read here.
        blank = self.sudo().with_context(active_test=False)
        values = {**self.default_get(list(self._fields)), **values}
        report = blank.new(values).with_env(self.env)
        report._check_range()
        report._check_period_count(report.period_count)
        return report

    @api.model
    def _option(self, name, value):
        """The values of fields that one option stands for."""
        if name == "figures":
            figures = self._list_other_figures()
            return {f"show_{figure}": figure in value for figure in figures}
        if name in FILTERS:
            return {name: [Command.set(FILTER_IDS.validate_python(value))]}
        if name not in (*CHOICES, "name"):
            raise UserError(self.env._("Unknown table option “%s”.", name))
        return {name: self._fields[name].convert_to_cache(value, self)}

    @api.model
    def _build_option_refusal(self, name):
        labels = {"figures": self.env._("Figures")}
        label = labels.get(name) or self._fields[name]._description_string(self.env)
        return self.env._(
            "Invalid value for “%s”. Choose another one.",
            label,
        )

    def _options(self):
        """Options of which :meth:`_build_from_options` makes this report."""
        self.ensure_one()
        return {
            "name": self.name,
            **{name: self[name] for name in CHOICES},
            "date_from": fields.Date.to_string(self.date_from),
            "date_to": fields.Date.to_string(self.date_to),
            "figures": self._list_chosen_figures(),
            **{name: self._get_filter_ids(name) for name in FILTERS},
        }

    @api.model
    def _check_period_count(self, count):
        if not 1 <= count <= MAX_PERIODS:
            raise UserError(
                self.env._(
                    "A table can show 1 to %(most)s periods, not %(count)s. "
                    "Choose longer periods or a shorter range.",
                    most=MAX_PERIODS,
                    count=count,
                )
            )

    def _get_filter_ids(self, name):
        """Ids of a filter, also of what the reader may not see."""
        # Ids say nothing; without those that are hidden the filter would be another.
        return self.sudo().with_context(active_test=False)[name].ids

    def _kpis(self):
        """The KPIs of this report that the reader may see, the widest first."""
        domain = Domain("definition_id.active", "=", True)
        if self.scope_type:
            domain &= Domain("scope_type", "=", self.scope_type)
        for name, (path, operator) in FILTERS.items():
            chosen = self._get_filter_ids(name)
            if chosen:
                domain &= Domain(path, operator, chosen)
        kpis = self.env["kpi.report"].search(domain, order="category_id, name, id")
        return kpis.sorted(lambda kpi: WIDEST[kpi.scope_type])
