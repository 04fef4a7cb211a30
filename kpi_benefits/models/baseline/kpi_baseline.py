from collections import defaultdict
from datetime import timedelta
from math import isclose, isfinite, nan

import numpy as np

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, groupby

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.postgres import array_text
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalInteger
from odoo.addons.kpi_base.formatting import format_day, format_month, format_significant
from odoo.addons.kpi_base.rights import search_by

from ...engine.progress import measure_progress, name_trend
from .measured_statement import LARGEST, PARTIAL, SPANS, select_uncounted_sql

CATEGORIES = [
    ("financial", "Financial"),
    ("operational", "Operational"),
    ("customer", "Customer"),
    ("employee", "Employee"),
    ("strategic", "Strategic"),
]
# All that it shows numbers of: who may read it may read each of them. The first two
# are compared with a baseline, the others multiply what comes of it.
REPORTS = ("report_id", "control_id", "adoption_id", "volume_id")
# Of the fields of KPIs that a benefit may be worked out from beside the tracked one.
ANOTHER_KPI = {
    "comodel_name": "kpi.report",
    "index": "btree_not_null",
    "ondelete": "restrict",
    "check_company": True,
    "tracking": True,
    "domain": "[('company_id', '=', company_id)]",
}
NUMBERS = ("baseline_value", "target_value", "unit_value", "control_baseline")
FROZEN_BY = {"baseline_method", "baseline_date", "window_from", *REPORTS[:2]}
MEASURED_BY = FROZEN_BY | {*NUMBERS, *REPORTS}
TRENDS = [("improving", "Improving"), ("stable", "Stable"), ("declining", "Declining")]
MOST_NAMED = 3
_TOO_LARGE = """
      WITH %(spans)s
    SELECT DISTINCT baseline.id, fact.report_id, fact.period_start
      FROM kpi_baselines AS baseline
      JOIN benefit_realizations AS benefit ON benefit.baseline_id = baseline.id
CROSS JOIN LATERAL (
             VALUES (baseline.report_id), (baseline.control_id),
                    (baseline.adoption_id), (baseline.volume_id)
           ) AS used(report_id)
      JOIN kpi_report AS report ON report.id = used.report_id
      JOIN kpi_definition AS definition ON definition.id = report.definition_id
      JOIN span ON span.grain = definition.frequency
      JOIN kpi_measurement AS fact
        ON fact.report_id = used.report_id
       AND fact.grain = definition.frequency
       AND fact.value NOT BETWEEN -%(largest)s AND %(largest)s
       AND fact.period_start + span.length > baseline.baseline_date + 1
     WHERE baseline.id = ANY(%(ids)s)
       AND EXISTS (
            SELECT FROM kpi_benefit_period AS period
             WHERE period.benefit_id = benefit.id
               AND period.period_start
                   >= date_trunc('month', (fact.period_start + span.shift)::timestamp)
               AND period.period_start
                   < date_trunc('month', (fact.period_start + span.shift)::timestamp)
                     + span.months * interval '1 month')
  ORDER BY baseline.id, fact.report_id, fact.period_start
"""
_WANTED = """
    wanted AS MATERIALIZED (
        SELECT period.benefit_id, period.period_start AS month
          FROM benefit_realizations AS benefit
          JOIN kpi_benefit_period AS period ON period.benefit_id = benefit.id
         WHERE benefit.baseline_id = ANY(%(ids)s)
           AND period.realized IS NULL
           AND period.period_start <= %(today)s
    )
"""


def build_use_domain(report_ids):
    """Domain of the baselines that use one of these KPIs, as whichever of them."""
    return Domain.OR(Domain(name, "in", report_ids) for name in REPORTS)


class KpiBaseline(models.Model):
    """A KPI seen from an initiative: what it was before, and what it is to become.

    Initiatives share KPIs; each has its own baseline, target and share of one.
    """

    _name = "kpi.baseline"
    _description = "Initiative KPI"
    _table = "kpi_baselines"
    _inherit = [
        "kpi.access.mixin",
        "kpi.initiative.part.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "kpi.unit.mixin",
    ]
    _order = "initiative_id, name, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _readable_by = ("company_id", "initiative_id", *REPORTS)
    _editable_by = ("company_id", "initiative_id", *REPORTS)

    active = fields.Boolean(default=True, tracking=True)
    initiative_id = fields.Many2one(domain="[('is_editable_by_me', '=', True)]")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('company_id', '=', company_id)]",
    )
    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    category = fields.Selection(
        CATEGORIES, required=True, default="operational", tracking=True
    )
    frequency = fields.Selection(related="report_id.frequency")
    direction = fields.Selection(related="report_id.direction")
    computation = fields.Selection(related="report_id.computation")
    target_value = OptionalFloat("Target", tracking=True, aggregator=False)
    original_target = OptionalFloat(
        readonly=True,
        copy=False,
        aggregator=False,
    )
    is_target_moved = fields.Boolean(
        compute="_compute_is_target_moved", exportable=False
    )
    unit_value = OptionalFloat(
        "Unit Value",
        tracking=True,
        aggregator=False,
        help="Monthly value of one unit of improvement.",
    )
    control_id = fields.Many2one(
        string="Control KPI",
        help="Same KPI for a group without the initiative. Its change is subtracted.",
        **ANOTHER_KPI,
    )
    adoption_id = fields.Many2one(
        string="Adoption KPI",
        help="Adoption rate. Multiplies the improvement.",
        **ANOTHER_KPI,
    )
    volume_id = fields.Many2one(
        string="Volume KPI",
        help="Volume, e.g. number of invoices. Multiplies the improvement.",
        **ANOTHER_KPI,
    )
    baseline_method = fields.Selection(
        [("entered", "A Number"), ("window", "Period Average")],
        "Baseline Type",
        required=True,
        default="entered",
        tracking=True,
    )
    baseline_date = fields.Date(
        "Baseline Until",
        required=True,
        tracking=True,
        default=fields.Date.context_today,
        help="Last day of the baseline. Later values measure the effect.",
    )
    window_from = fields.Date(
        "Average From",
        tracking=True,
    )
    baseline_value = OptionalFloat("Baseline", tracking=True, aggregator=False)
    baseline_spread = OptionalFloat(
        "Spread",
        readonly=True,
        copy=False,
        aggregator=False,
        help="Standard deviation of the averaged values.",
    )
    baseline_count = OptionalInteger(
        "Values", readonly=True, copy=False, aggregator=False
    )
    control_baseline = OptionalFloat(
        "Control Baseline",
        aggregator=False,
    )
    frozen_at = fields.Datetime("Frozen on", readonly=True, copy=False)
    frozen_revision = fields.Integer(readonly=True, copy=False, exportable=False)
    correction_note = fields.Char(compute="_compute_correction_note", exportable=False)
    definition_day = fields.Date(
        "Definition Since",
        readonly=True,
        copy=False,
        help="Start of the KPI version used. Blank means the version valid on the "
        "baseline date.",
    )
    is_redefined = fields.Boolean(
        "Needs a New Baseline",
        compute="_compute_redefinition",
        search=search_by("_get_redefined_domain"),
        exportable=False,
    )
    redefinition_note = fields.Char(compute="_compute_redefinition", exportable=False)
    last_value = OptionalFloat(
        compute="_compute_last_value", exportable=False, aggregator=False
    )
    last_period_start = fields.Date(
        "Last Period", compute="_compute_last_value", exportable=False
    )
    progress = OptionalFloat(
        compute="_compute_progress",
        exportable=False,
        aggregator=False,
        help="Progress from the baseline (0%) to the target (100%). Can be "
        "negative or above 100%.",
    )
    trend = fields.Selection(TRENDS, compute="_compute_trend", exportable=False)

    _category_choices = Choices("category")
    _initiative_report_uniq = models.UniqueIndex(
        "(initiative_id, report_id, name)",
        "This initiative already tracks this KPI under this name.",
    )

    @api.depends("report_id")
    def _compute_name(self):
        for baseline in self:
            baseline.name = baseline.name or baseline.report_id.definition_id.name

    @api.depends("target_value", "original_target")
    def _compute_is_target_moved(self):
        for baseline in self:
            first, now = baseline.original_target, baseline.target_value
            baseline.is_target_moved = first is not False and first != now

    @api.constrains(*NUMBERS)
    def _check_size(self):
        """Refuse numbers that nothing is counted in: products of them have no end."""
        for baseline in self:
            for name in NUMBERS:
                if abs(baseline[name] or 0.0) > LARGEST:
                    raise ValidationError(
                        self.env._(
                            "%(kpi)s, %(field)s: enter a number up to "
                            "1,000,000,000,000,000.",
                            kpi=baseline.name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains(*REPORTS)
    def _check_different(self):
        for baseline in self.filtered(lambda one: one.report_id in one.control_id):
            raise ValidationError(
                self.env._(
                    "%s cannot be its own control. Choose another KPI.",
                    baseline.name,
                )
            )

    @api.constrains("active")
    def _check_archived(self):
        for baseline in self.filtered(lambda one: one.benefit_ids and not one.active):
            raise ValidationError(
                self.env._(
                    "%s measures a benefit. Remove it from the benefit first.",
                    baseline.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        baselines = super().create(vals_list)
        baselines._remember_target()
        baselines._freeze()
        baselines._claim_rest()
        return baselines

    def write(self, vals):
        self._check_same_initiative(vals)
        if "control_id" in vals and "control_baseline" not in vals:
            # What another KPI was is not what this one was.
            vals = {**vals, "control_baseline": False}
        self._remember_replaced(vals)
        result = super().write(vals)
        if "frozen_at" in vals:
            return result  # written by ``_freeze`` itself
        self._remember_target()
        if vals.keys() & {"baseline_value", "control_baseline"}:
            self.filtered(lambda one: one.baseline_method == "entered")._keep_baseline()
        if vals.keys() & FROZEN_BY:
            self._freeze()
        elif "baseline_value" in vals:
            for baseline in self.filtered("frozen_at"):
                raise UserError(
                    self.env._(
                        "The baseline of %s is an average. Choose “A Number” first.",
                        baseline.name,
                    )
                )
        if "active" in vals:
            self._check_claims()
        if vals.keys() & MEASURED_BY:
            self._rebuild_measured(self)
        return result

    def _check_same_initiative(self, vals):
        """Refuse to take a KPI, and what it measures, to another initiative.

        Neither does it become another KPI: readers of that one would see what was of
        this one.
        """
        for baseline in self:
            known = baseline.initiative_id.id
            if vals.get("initiative_id", known) != known:
                raise UserError(
                    self.env._(
                        "%s cannot be moved to another initiative. Track the KPI "
                        "separately there.",
                        baseline.name,
                    )
                )
            report = baseline.report_id
            if vals.get("report_id", report.id) != report.id:
                raise UserError(
                    self.env._(
                        "%s cannot be replaced. Track the other KPI separately.",
                        report.name,
                    )
                )

    def _remember_replaced(self, vals):
        """Have benefits note which KPIs they are not worked out from any more."""
        for baseline in self:
            for name in REPORTS:
                report = baseline[name]
                if report and vals.get(name, report.id) != report.id:
                    # Archived ones as well; nothing of them is shown.
                    everything = baseline.sudo().with_context(active_test=False)
                    everything.benefit_ids._remember_reports(report)

    def _get_used_reports(self):
        """All KPIs that these show numbers of."""
        return self.env["kpi.report"].union(*(self[name] for name in REPORTS))

    def _remember_target(self):
        for baseline in self:
            if baseline.original_target is False and baseline.target_value is not False:
                # Nobody sets this by hand.
                baseline.sudo().original_target = baseline.target_value

    @api.ondelete(at_uninstall=False)
    def _unlink_except_measuring(self):
        for baseline in self.filtered("benefit_ids"):
            raise UserError(
                self.env._(
                    "%s measures a benefit. Remove it from the benefit first.",
                    baseline.name,
                )
            )

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/tracked-kpis/{self.id}"

    @api.constrains("baseline_method", "window_from", "baseline_date")
    def _check_window(self):
        for baseline in self.filtered(lambda one: one.baseline_method == "window"):
            first, last = baseline.window_from, baseline.baseline_date
            if not first or first > last:
                raise ValidationError(
                    self.env._(
                        "%s: enter the first and last day of the baseline period.",
                        baseline.name,
                    )
                )

    @api.depends("frozen_at", "frozen_revision", "baseline_value", "baseline_count")
    def _compute_correction_note(self):
        """Say that values of the mean were corrected since it was frozen."""
        self.correction_note = ""
        for one in self.filtered("frozen_at"):
            latest = one._find_revision(one._get_window_domain(one.report_id))
            known = one._read_window(one.report_id)
            is_same = latest <= one.frozen_revision and len(known) == one.baseline_count
            if is_same or one.baseline_value is False:
                continue
            mean = float(np.mean(known)) if known else nan
            if not known:
                one.correction_note = self.env._(
                    "The baseline's values no longer exist."
                )
            elif not isclose(mean, one.baseline_value, rel_tol=1e-9):
                one.correction_note = self.env._(
                    "Values changed after the freeze. New average: %(mean)s.",
                    mean=format_significant(self.env, mean, 6),
                )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends(
        "baseline_method",
        "baseline_date",
        "window_from",
        "definition_day",
        *(f"{name}.definition_id.change_days" for name in REPORTS),
    )
    def _compute_redefinition(self):
        """Say since when a KPI is measured otherwise than it was for the baseline."""
        self.is_redefined = self.redefinition_note = False
        for baseline in self:
            changes = baseline._list_definition_changes()
            if not changes:
                continue
            names = [report.definition_id.name for _day, report in changes]
            baseline.is_redefined = True
            baseline.redefinition_note = self.env._(
                "%(kpis)s: new definition since %(period)s. Enter a new baseline.",
                kpis=", ".join(dict.fromkeys(names)),
                period=baseline._format_definition_day(*changes[0]),
            )

    def _list_definition_changes(self):
        """(day, KPI) of each change in force that came after the baseline, in order."""
        window, until = self.window_from, self.baseline_date
        first = window if self.baseline_method == "window" else until
        if not first or not self.report_id:
            return []
        since = max(self._find_period(first).start, self.definition_day or first.min)
        return [one for one in self._list_known_changes() if one[0] > since]

    def _list_known_changes(self):
        """(day, KPI) of each change that is in force, of all KPIs used, in order."""
        found = []
        for report in self._get_used_reports():
            definition = report.definition_id
            today = definition.calendar_id._today()
            days = map(fields.Date.to_date, definition.change_days or ())
            found += [(day, report) for day in days if day <= today]
        return sorted(found, key=lambda one: one[0])

    def _format_definition_day(self, day, report):
        calendar = report.definition_id.calendar_id
        return calendar._period_label(self._find_period(day, report))

    @api.model
    def _get_redefined_domain(self):
        changed = Domain.OR(
            Domain(f"{name}.definition_id.change_days", "!=", False) for name in REPORTS
        )
        every = self.with_context(active_test=False).search(changed)
        return Domain("id", "in", every.filtered("is_redefined").ids)

    def action_keep_baseline(self):
        """Say that the baseline holds for the definition of today, too."""
        self.check_access("write")
        self._keep_baseline()

    def _keep_baseline(self):
        """Take these baselines as those of the definitions that are in force."""
        for baseline in self.filtered("is_redefined"):
            last = baseline._list_known_changes()[-1]
            # Nobody sets this by hand; the right to change it was checked.
            baseline.sudo().definition_day = last[0]
            baseline._message_log(
                body=self.env._(
                    "The baseline applies to the definition valid since %s.",
                    baseline._format_definition_day(*last),
                )
            )

    def action_freeze(self):
        """Work the mean out again, from the values that there are now."""
        self.check_access("write")
        self._freeze()
        self._rebuild_measured(self)

    def _freeze(self):
        """Work out the means of times; numbers that were entered have none of it."""
        for baseline in self:
            frozen = {"frozen_at": False, "frozen_revision": 0}
            frozen |= {"baseline_spread": False, "baseline_count": False}
            if baseline.baseline_method == "window":
                frozen = baseline._prepare_frozen_values()
            if baseline.frozen_at or frozen["frozen_at"]:
                # What is frozen is worked out; the right to change it was checked.
                baseline.sudo().write(frozen)

    def _prepare_frozen_values(self):
        known = self._read_window(self.report_id)
        if not known:
            raise UserError(
                self.env._(
                    "%(kpi)s has no values from %(first)s to %(last)s. Enter "
                    "values or choose “A Number”.",
                    kpi=self.name,
                    first=format_day(self.env, self.window_from),
                    last=format_day(self.env, self.baseline_date),
                )
            )
        control = self.control_id and self._read_window(self.control_id)
        return {
            "baseline_value": float(np.mean(known)),
            "baseline_spread": float(np.std(known, ddof=1)) if known[1:] else False,
            "baseline_count": len(known),
            "control_baseline": float(np.mean(control)) if control else False,
            "definition_day": False,
            "frozen_at": fields.Datetime.now(),
            "frozen_revision": self._find_revision(Domain.TRUE),
        }

    def _get_window_domain(self, report):
        """Domain of the values of a KPI, or revisions, in the time of the mean."""
        return (
            report._facts()
            & Domain("period_start", ">=", self.window_from)
            & Domain("period_start", "<", self._get_first_counted_day(report))
        )

    def _read_window(self, report):
        """Values of a KPI in the time of the mean, oldest first."""
        facts = self.env["kpi.measurement"].search(
            self._get_window_domain(report), order="period_start"
        )
        return facts.mapped("value")

    def _find_revision(self, domain):
        """Id of the latest correction of values; 0 where there is none."""
        # That values were corrected, never which: the KPI itself is readable.
        revisions = self.env["kpi.measurement.revision"].sudo()
        return revisions.search(domain, order="id desc", limit=1).id or 0

    @api.depends("report_id", "baseline_date")
    def _compute_last_value(self):
        """Find the last period that counts, which runs yet where people enter values:
        what is computed is partial."""
        self.last_period_start = self.last_value = False
        given = []
        for baseline in self.filtered("id").filtered("report_id"):
            today = baseline.report_id.definition_id.calendar_id._today()
            period = baseline._find_period(today)
            given.append(
                (
                    baseline._origin.id or baseline.id,
                    baseline.report_id._origin.id,
                    baseline.frequency,
                    baseline._get_first_counted_day(),
                    period.start if baseline.computation in PARTIAL else period.stop,
                )
            )
        if not given:
            return
        rows = self.env.execute_query(
            SQL(
                """
                SELECT given.id, fact.period_start, fact.value
                  FROM unnest(%s::int4[], %s::int4[], %s::text[], %s::date[],
                              %s::date[])
                       AS given(id, report_id, grain, first, stop)
                  JOIN LATERAL (
                        SELECT period_start, value
                          FROM kpi_measurement
                         WHERE report_id = given.report_id
                           AND grain = given.grain
                           AND period_start >= given.first
                           AND period_start < given.stop
                      ORDER BY period_start DESC
                         LIMIT 1
                       ) AS fact ON TRUE
                """,
                *(array_text([*column]) for column in zip(*given, strict=True)),
            )
        )
        found = {record_id: period for record_id, *period in rows}
        for baseline in self.filtered(lambda one: one.id in found):
            baseline.last_period_start, baseline.last_value = found[baseline.id]

    def _get_first_counted_day(self, report=None):
        """Start of the first period that is not over by the day of the baseline."""
        period = self._find_period(self.baseline_date, report)
        is_over = period.stop <= self.baseline_date + timedelta(days=1)
        return period.stop if is_over else period.start

    def _find_period(self, day, report=None):
        """The KPI's own period that holds a day."""
        definition = (report or self.report_id).definition_id
        return definition.calendar_id._period(definition.frequency, day)

    @api.depends("last_value", "baseline_value", "target_value")
    def _compute_progress(self):
        numbers = (
            [nan if one[name] is False else one[name] for one in self]
            for name in ("baseline_value", "target_value", "last_value")
        )
        found = measure_progress(*map(np.array, numbers)) if self else ()
        for baseline, progress in zip(self, found, strict=True):
            baseline.progress = float(progress) if isfinite(progress) else False

    @api.depends("report_id", "direction", "target_value", "baseline_value")
    def _compute_trend(self):
        trends = self.env["kpi.trend.analysis"].search(
            [("kpi_id", "in", self.report_id.ids)]
        )
        by_kpi = {one.kpi_id: one for one in trends}
        for baseline in self:
            known = by_kpi.get(baseline.report_id._origin)
            is_known = known and known.velocity_low is not False
            baseline.trend = is_known and name_trend(
                known.velocity_low,
                known.velocity_high,
                is_lower_better=baseline._get_sign() < 0,
            )

    def _get_sign(self):
        """1 where more is better, −1 where less is; of a range, towards its target."""
        if self.direction == "range":
            start, target = self.baseline_value, self.target_value
            return -1 if False not in (start, target) and target < start else 1
        return -1 if self.direction == "lower" else 1

    def _warn_of_too_large(self):
        """Baseline → sentences on what its benefits are measured without.

        For who may read these, and so all of their KPIs. In a form, of what is stored.
        """
        measuring = self._origin.filtered("benefit_ids")._filtered_access("read")
        found = defaultdict(list)
        if not measuring:
            return found
        measuring._flush_measured()
        values = self.env.execute_query(
            SQL(_TOO_LARGE, spans=SPANS, ids=measuring.ids, largest=LARGEST)
        )
        for (baseline_id, report_id), rows in groupby(values, lambda row: row[:2]):
            baseline = self.browse(baseline_id)
            days = [day for _baseline, _report, day in rows]
            found[baseline].append(baseline._describe_value(report_id, days))
        today = fields.Date.context_today(self)
        wanted = SQL(_WANTED, ids=measuring.ids, today=today)
        amounts = self.env.execute_query(select_uncounted_sql(wanted, today=today))
        for baseline_id, rows in groupby(amounts, lambda row: row[0]):
            months = [format_month(self.env, day) for _id, day in rows]
            text = self.env._(
                "%s: the measured benefit exceeds 1,000,000,000,000 and is not "
                "counted. Check the KPI values and unit value.",
                self._name_first(months),
            )
            found[self.browse(baseline_id)].append(text)
        return found

    def _describe_value(self, report_id, days):
        report = self.env["kpi.report"].browse(report_id)
        calendar = report.definition_id.calendar_id
        periods = [self._find_period(day, report) for day in days]
        return self.env._(
            "%(kpi)s, %(periods)s: the value is too large and not counted. Correct it.",
            kpi=report.display_name,
            periods=self._name_first(calendar._period_labels(periods)),
        )

    @api.model
    def _name_first(self, names):
        more = len(names) - MOST_NAMED
        named = ", ".join(names[:MOST_NAMED])
        if more <= 0:
            return named
        return self.env._("%(names)s and %(count)s more", names=named, count=more)
