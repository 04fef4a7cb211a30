from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import float_round, format_date

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine.zones import THRESHOLD_FIELDS

CHANGED_FIELDS = ("value", "stretch", "range_low", "range_high", "annual_total")
ZONE_COUNTS = {"rag": 2, "five": 4}  # thresholds that are used


class KpiTarget(models.Model):
    """Target of a KPI from a date on, until the next one starts."""

    _name = "kpi.target"
    _description = "KPI Target"
    _inherit = [
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.zones.mixin",
        "kpi.thread.mixin",
    ]
    _order = "report_id, date_from desc"
    _rec_name = "date_from"

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="report_id.company_id", store=True)
    definition_id = fields.Many2one(
        related="report_id.definition_id", store=True, index=True, string="Definition"
    )
    direction = fields.Selection(related="report_id.direction")
    date_from = fields.Date(
        "Valid From",
        required=True,
        tracking=True,
        default=lambda self: self._default_date_from(),
    )
    value = OptionalFloat("Target", tracking=True, aggregator=False)
    baseline = OptionalFloat(
        aggregator=False, tracking=True, help="Value of the KPI at the start."
    )
    has_baseline = fields.Boolean("Measure From Baseline")
    stretch = OptionalFloat(
        aggregator=False, help=("A value more ambitious than the target.")
    )
    range_low = OptionalFloat("Lowest Good Value", tracking=True, aggregator=False)
    range_high = OptionalFloat("Highest Good Value", tracking=True, aggregator=False)
    note = fields.Char()
    unit = fields.Selection(related="report_id.unit")
    decimals = fields.Integer(related="report_id.decimals")
    currency_id = fields.Many2one(related="report_id.currency_id")
    unit_symbol = fields.Char(related="report_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.duration_unit")
    rule_in_words = fields.Char("Target in Words", compute="_compute_rule_in_words")
    zones_in_words = fields.Char("Custom Zones", compute="_compute_zones_in_words")

    _report_date_uniq = models.UniqueIndex(
        "(report_id, date_from)", "This KPI already has a target from this date."
    )

    @api.constrains("range_low", "range_high", "report_id")
    def _check_range(self):
        for target in self.filtered(lambda target: target.direction == "range"):
            low, high = target.range_low, target.range_high
            if low is False and high is False:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: enter the lowest good value, the highest one, "
                        "or both, from %(day)s.",
                        kpi=target.report_id.display_name,
                        day=format_date(self.env, target.date_from),
                    )
                )
            if low is not False and high is not False and low > high:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: the lowest good value %(low)s is above the highest"
                        " %(high)s.",
                        kpi=target.report_id.display_name,
                        low=low,
                        high=high,
                    )
                )

    @api.constrains("has_baseline", "baseline")
    def _check_baseline(self):
        for target in self:
            if target.has_baseline and target.baseline is False:
                raise ValidationError(
                    self.env._(
                        "%s, Baseline: enter the starting value, or turn off "
                        "“Measure From Baseline”.",
                        target._get_record_label(),
                    )
                )

    @api.constrains("stretch", "value", "report_id")
    def _check_stretch(self):
        """More than is asked cannot be less than the target, where that is a number."""
        for target in self.filtered(lambda each: each.rule == "number"):
            value, stretch = target.value, target.stretch
            if value is False or stretch is False or target.direction == "range":
                continue
            if stretch < value if target.direction == "higher" else stretch > value:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s, from %(day)s: the stretch %(stretch)s is "
                        "easier to reach than the target %(target)s. Enter a "
                        "more ambitious value.",
                        kpi=target.report_id.display_name,
                        day=format_date(self.env, target.date_from),
                        stretch=f"{stretch:g}",
                        target=f"{value:g}",
                    )
                )

    @api.model
    def _default_date_from(self):
        """First day of this month; of this year for the first target of a KPI.

        Who sets a first target wants the values judged that there are.
        """
        today = fields.Date.context_today(self)
        # Whether there is a target is no secret to those who may set one.
        reports = self.env["kpi.report"].sudo()
        report = reports.browse(self.env.context.get("default_report_id"))
        if not report or report.target_ids:
            return today.replace(day=1)
        return report.definition_id.calendar_id._period("year", today).start

    def _get_record_label(self):
        return self.report_id.display_name

    def _get_zones_label(self):
        return self._get_record_label()

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets._mark_formulas_stale()
        targets._refresh_judgements(targets.report_id)
        self.env["kpi.event"]._emit("target.changed", targets)
        return targets

    def write(self, vals):
        if not self.env.su and any(
            target.report_id.id != vals.get("report_id", target.report_id.id)
            for target in self
        ):
            # Record rules look at the row before it is written, not at where it goes.
            raise AccessError(self.env._("A target cannot be moved to another KPI."))
        reports = self.report_id
        self._mark_formulas_stale()
        result = super().write(vals)
        self._mark_formulas_stale()
        self._refresh_judgements(reports | self.report_id)
        self.env["kpi.event"]._emit("target.changed", self)
        return result

    def unlink(self):
        reports = self.report_id
        self._mark_formulas_stale()
        self.env["kpi.event"]._emit("target.changed", self)
        result = super().unlink()
        self._refresh_judgements(reports.exists())
        return result

    @api.model
    def _refresh_judgements(self, reports):
        """Judge what is open by the targets that hold now."""
        # Who may set a target lets the engine judge by it.
        reports.sudo()._refresh_current()

    def _mark_formulas_stale(self):
        """Have formulas that name these targets evaluated from the first of them on."""
        if self:
            # Who may set a target need not be allowed to change the formulas.
            definitions = self.env["kpi.definition"].sudo()
            first = min(self.mapped("date_from"))
            definitions._mark_stale(self.report_id.ids, first, "target")

    def _copy_to_next_year(self, change_percent=0.0):
        """Copies from the same day of the next fiscal year on, where there is none yet.

        :param change_percent: added to the numbers, which are rounded to the decimals
            of the KPI then; rules follow what they name by themselves
        :return: the new targets, and proposals of those that need approval
        """
        taken = {
            (target.report_id, target.date_from)
            for target in self.search([("report_id", "in", self.report_id.ids)])
        }
        vals_list = []
        for target in self.sorted("date_from", reverse=True):
            later = target._a_year_later()
            if (target.report_id, later) not in taken:
                taken.add((target.report_id, later))
                vals_list += target._prepare_changed_values(later, change_percent)
        reason = self.env._("Copied to the next year")
        return self._create_or_propose(vals_list, reason)

    def _a_year_later(self):
        """The day of the next fiscal year that is to it as the target's is to its."""
        self.ensure_one()
        calendar = self.definition_id.calendar_id
        frequency = self.definition_id.frequency
        return periods.a_year_later(calendar._spec(), frequency, self.date_from)

    def _prepare_changed_values(self, date_from, change_percent):
        vals_list = self.copy_data({"date_from": date_from})
        if change_percent:
            for vals in vals_list:
                for name in CHANGED_FIELDS:
                    if isinstance(vals.get(name), float):
                        number = vals[name]
                        changed = number + abs(number) * change_percent / 100
                        decimals = self.definition_id.decimals
                        vals[name] = float_round(changed, precision_digits=decimals)
        return vals_list

    def _of_the_latest_year(self):
        """Those that begin in the fiscal year of the latest one of their KPI."""
        found = self.browse()
        for report, targets in self.grouped("report_id").items():
            calendar = report.definition_id.calendar_id
            year = calendar._period("year", max(targets.mapped("date_from")))
            found |= targets.filtered(
                lambda target, year=year: target.date_from >= year.start
            )
        return found

    @api.depends(
        "rule",
        "value",
        "change_percent",
        "source_definition_id",
        "annual_total",
        "range_low",
        "range_high",
        "report_id",
    )
    def _compute_rule_in_words(self):
        for target in self:
            target.rule_in_words = target.report_id and target._rule_in_words()

    def _rule_in_words(self):
        """As ``rule``, with its numbers in the KPI's unit; empty while unknown."""
        self.ensure_one()
        in_words = {
            "number": self._number_in_words,
            "previous_year": lambda: self._describe_change(self.env._("Last year")),
            "kpi": lambda: self._describe_change(self.source_definition_id.name or ""),
            "annual": self._annual_in_words,
        }
        return in_words[self.rule]() if self.rule else ""

    def _number_in_words(self):
        if self.direction != "range":
            return self._format_number(self.value)
        low, high = (
            self._format_number(self.range_low),
            self._format_number(self.range_high),
        )
        if low and high:
            return f"{low} – {high}"
        if high:
            return self.env._("up to %s", high)
        return low and self.env._("from %s", low)

    def _annual_in_words(self):
        total = self._format_number(self.annual_total)
        return total and self.env._("%s per year, spread like last year", total)

    def _describe_change(self, of_what):
        percent = self.change_percent
        if not of_what or not percent:
            return of_what
        sign = "+" if percent > 0 else "\N{MINUS SIGN}"
        return f"{of_what} {sign} {abs(percent):g} %"

    def _format_number(self, number):
        known = number is not False
        return self.report_id.definition_id._format_value(number) if known else ""

    @api.depends("zones", *THRESHOLD_FIELDS)
    def _compute_zones_in_words(self):
        for target in self:
            used = THRESHOLD_FIELDS[: ZONE_COUNTS.get(target.zones, 0)]
            numbers = [
                f"{target[name]:g}" for name in used if target[name] is not False
            ]
            shown = " / ".join(numbers)
            target.zones_in_words = shown and f"{shown} %"

    @api.depends("report_id", "date_from")
    def _compute_display_name(self):
        for target in self:
            target.display_name = self.env._(
                "%(kpi)s, from %(date)s",
                kpi=target.report_id.display_name,
                date=format_date(self.env, target.date_from),
            )
