from decimal import Decimal
from math import isfinite, prod

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_percent,
    format_percent_number,
)

from ..benefit.kpi_benefit_realization import CONFIRMED_AT_END
from ..finding import cite
from .kpi_baseline import PARTIAL, REPORTS, build_use_domain
from .measured_statement import write_measured_sql

ALL = 100.0  # percent
NOISE = 1e-6
MANY = 200  # KPIs or values, from which on all are joined at once
MONTHLY = "month"
PERCENT = "percent"
FREQUENCIES = {
    "day": "daily",
    "week": "weekly",
    "month": "monthly",
    "quarter": "quarterly",
    "year": "annually",
}
GRAINS = {word: grain for grain, word in FREQUENCIES.items()}
MOST_POINTS = 60


class KpiBaseline(models.Model):
    """What weakens a baseline as a proof, which shares of its KPI are claimed, which
    months it measures, and what programs are told of it."""

    _name = "kpi.baseline"
    _inherit = ["kpi.baseline", "kpi.dated.mixin", "kpi.reviewed.mixin"]
    _reviewed_as = "baseline_id"

    measurement_frequency = fields.Selection(
        [(word, word.capitalize()) for word in FREQUENCIES.values()],
        compute="_compute_measurement_frequency",
        exportable=False,
    )
    warning = fields.Text(compute="_compute_warning", exportable=False)
    share_ids = fields.One2many(
        "kpi.baseline.share",
        "baseline_id",
        "Shares",
        copy=False,
        help="Leave empty to claim the share left by other initiatives.",
    )
    share = fields.Float(
        "Share Today (%)", compute="_compute_share", exportable=False, digits=(6, 2)
    )
    can_enter_value = fields.Boolean(
        compute="_compute_can_enter_value", exportable=False
    )
    benefit_ids = fields.One2many("kpi.benefit.realization", "baseline_id", "Benefits")

    @api.depends("frequency")
    def _compute_measurement_frequency(self):
        for baseline in self:
            baseline.measurement_frequency = FREQUENCIES.get(baseline.frequency)

    @api.model
    def _create_by_program(self, values, new_kpi):
        """Track a KPI; define it before where there is a ``NewKpiIn``."""
        if not new_kpi:
            return self.create(values)
        initiative = self.env["kpi.initiative"].browse(values["initiative_id"])
        grain = GRAINS[new_kpi.pop("measurement_frequency")]
        over_time = "sum" if new_kpi.pop("is_total") else "average"
        own = {**new_kpi, "frequency": grain, "aggregation_time": over_time}
        return initiative._track_own_kpi(own, values)

    def _describe_trend(self):
        """As ``TrendOut`` has it."""
        self.ensure_one()
        known = self.report_id.trend_ids
        points = self.env["kpi.baseline.measurement"].search(
            [("kpi_id", "=", self.id)], order="measurement_date desc", limit=MOST_POINTS
        )
        numbers = ("baseline_value", "target_value", "last_value", "progress")
        return {
            "kpi": {"id": self.id, "name": self.name},
            "trend": self.trend or None,
            "slope_per_day": or_none(known.performance_velocity),
            "slope_low": or_none(known.velocity_low),
            "slope_high": or_none(known.velocity_high),
            **{name: or_none(self[name]) for name in numbers},
            "points": [
                {
                    "period_start": one.measurement_date,
                    "value": one.value,
                    "progress": or_none(one.progress),
                    "is_before_baseline": one.is_before_baseline,
                }
                for one in reversed(points)
            ],
        }

    @api.depends_context("uid", "allowed_company_ids", "lang", "tz")
    @api.depends(
        "baseline_value",
        "target_value",
        "baseline_date",
        "baseline_count",
        "baseline_method",
        "control_baseline",
        "unit_value",
        "share_ids.share",
        "benefit_ids.period_ids.realized",
        "control_id",
        "adoption_id",
        "volume_id",
        "initiative_id.go_live_date",
        "redefinition_note",
    )
    def _compute_warning(self):
        trends = self.env["kpi.trend.analysis"].search(
            [
                ("kpi_id", "in", self.report_id.ids),
                ("seasonality_detected", "=", True),
                ("season_length", ">", 1),
            ]
        )
        seasons = {one.kpi_id: one.season_length for one in trends}
        too_large = self._warn_of_too_large()
        for baseline in self:
            found = (
                *baseline._warn_of_baseline(seasons.get(baseline.report_id._origin, 0)),
                *too_large.get(baseline._origin, ()),
            )
            baseline.warning = "\n".join(found)

    def _warn_of_baseline(self, season):
        """Sentences on what makes it a weak proof, and on what is missing for the
        benefit that it measures; ``season`` periods make a season."""
        if self.redefinition_note:
            yield self.redefinition_note
        if (
            self.baseline_value is not False
            and self.baseline_value == self.target_value
        ):
            yield self.env._("The target equals the baseline. Change one of them.")
        live, count = self.initiative_id.go_live_date, self.baseline_count or 1
        if live and self.baseline_date and self.baseline_date >= live:
            yield self.env._(
                "The baseline was measured after go-live (%s) and already includes "
                "part of the effect.",
                format_day(self.env, live),
            )
        if count < season:
            yield self.env._(
                "The baseline covers %(count)s of %(season)s seasonal periods. Use "
                "the average of a full season.",
                season=season,
                count=count,
            )

        lacks_control = self.control_id and self.control_baseline is False
        needed = (
            (self.baseline_value is False, self.env._("the baseline")),
            (self.unit_value is False, self.env._("the unit value")),
            (not self.share_ids, self.env._("a share")),
            (lacks_control, self.env._("the control baseline")),
        )
        lacking = [name for is_missing, name in needed if is_missing]
        if self.benefit_ids and lacking:
            yield self.env._(
                "The benefit cannot be measured. Missing: %s.", ", ".join(lacking)
            )

    @api.depends("share_ids.date_from", "share_ids.share")
    def _compute_share(self):
        today = fields.Date.context_today(self)
        for baseline in self:
            baseline.share = baseline._get_share(today)

    def _get_share(self, day):
        """The share that holds on a day, in percent."""
        held = self.share_ids.filtered(
            lambda one: one.date_from and one.date_from <= day
        )
        return held.sorted("date_from")[-1:].share

    def _claim_reports(self):
        """Let nobody else claim shares of these KPIs meanwhile."""
        keys = [f"shares of KPI {each}" for each in self.report_id.ids]
        self.env["kpi.claim"]._claim(*keys)

    def _check_claims(self):
        """Refuse shares of a KPI that add up to more than all of it on any day."""
        self._claim_reports()
        for report, day, total in self._find_claimed(self.report_id):
            if total > ALL + NOISE:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: the shares of all initiatives total %(total)s "
                        "from %(day)s. Reduce them to %(full)s.",
                        kpi=report.with_env(self.env).display_name,
                        total=format_percent_number(self.env, total, 4),
                        full=format_percent(self.env, 1),
                        day=format_day(self.env, day),
                    )
                )

    def _follow_shares(self):
        """See that changed shares add up, and measure benefits by them."""
        self._check_claims()
        self._rebuild_measured(self)

    def _find_claimed(self, reports):
        """(KPI, day, total) of each day from which on another share holds."""
        # What others claim counts, whoever sees it.
        everything = self.sudo().with_context(active_test=True)
        claiming = everything.search([("report_id", "in", reports.ids)])
        return [
            (report, day, sum(one._get_share(day) for one in baselines))
            for report, baselines in claiming.grouped("report_id").items()
            for day in sorted(set(baselines.share_ids.mapped("date_from")))
        ]

    def _claim_rest(self):
        """Give those that claim nothing what others have left of their KPIs."""
        new = self.filtered(lambda one: not one.share_ids)
        if not new:
            return
        new._claim_reports()
        for baseline in new:
            first = date_utils.start_of(baseline.baseline_date, "month")
            claimed = self._find_claimed(baseline.report_id)
            # What holds on the first day, and whatever is claimed later.
            before = [total for _report, day, total in claimed if day <= first][-1:]
            later = [total for _report, day, total in claimed if day > first]
            rest = ALL - max([*before, *later], default=0.0)
            if rest > NOISE:
                baseline.share_ids = [
                    fields.Command.create({"date_from": first, "share": rest})
                ]

    @api.depends_context("uid")
    @api.depends("report_id")
    def _compute_can_enter_value(self):
        enterable = self.report_id._filter_enterable()
        for baseline in self:
            baseline.can_enter_value = baseline.report_id in enterable

    def _enter_measurement(self, day, value, note=""):
        """Enter the KPI's value for the period that holds a day, as the user.

        :return: the entry (``kpi.submission``)
        :raises LockError: the KPI is computed
        :raises UserError: before the baseline, or what the KPI itself refuses
        """
        self.ensure_one()
        if self.computation != "manual":
            raise LockError(
                self.env._(
                    "%s is computed: values cannot be entered.", self.report_id.name
                )
            )
        if day < self._get_first_counted_day():
            raise ValidationError(
                self.env._(
                    "%(kpi)s: choose a period after the baseline (%(until)s), not "
                    "%(day)s.",
                    kpi=self.name,
                    day=format_day(self.env, day),
                    until=format_day(self.env, self.baseline_date),
                )
            )
        return self.report_id._enter_value(day, value, note=note)

    def action_enter_value(self):
        """Open the dialog that enters a value of the KPI."""
        self.ensure_one()
        return self.report_id.action_enter_value()

    def action_open_measurements(self):
        """Show the values of the KPI."""
        self.ensure_one()
        xml_id = "kpi_benefits.kpi_baseline_measurement_action"
        own = [("kpi_id", "=", self.id)]
        return open_list(self.env, xml_id, own, display_name=self.name)

    def action_open_kpi(self):
        """Open the KPI itself."""
        self.ensure_one()
        return self.report_id.action_open_form()

    @api.model
    def _rebuild_measured(self, baselines=None):
        """Work out all months of the benefits that these KPIs, or all, measure.

        :return: number of months that changed
        """
        if baselines is not None and not baselines:
            return 0
        chosen = SQL("benefit.baseline_id IS NOT NULL")
        if baselines is not None:
            chosen = SQL("benefit.baseline_id = ANY(%s)", baselines.ids)
        return self._write_measured(
            SQL(
                """
                wanted AS MATERIALIZED (
                    SELECT benefit.id AS benefit_id, NULL::date AS month
                      FROM benefit_realizations AS benefit
                     WHERE %s
                )
                """,
                chosen,
            ),
            has_months=False,
            is_large=baselines is None or len(baselines) > MANY,
        )

    @api.model
    def _measure_closed(self):
        """Work out the months of computed KPIs anew, as periods have come to an end."""
        computed = self.env["kpi.report"].search([("computation", "in", PARTIAL)])
        measuring = Domain("benefit_ids", "!=", False)
        return self._rebuild_measured(
            self.search(measuring & build_use_domain(computed.ids))
        )

    @api.model
    def _update_measured(self, changes):
        """Work out the months that changed values (``FactChanges``) belong to."""
        self._flush_measured()
        users = self._users_sql(SQL("= ANY(%s)", changes.report_ids))
        if not self.env.execute_query(
            SQL(
                """
                SELECT 1
                  FROM (%s) AS baseline
                  JOIN benefit_realizations AS benefit
                    ON benefit.baseline_id = baseline.id
                 LIMIT 1
                """,
                users,
            )
        ):
            return 0
        return self._write_measured(
            SQL(
                """
                touched AS (
                    SELECT report_id, grain, period_start
                      FROM kpi_measurement
                     WHERE id = ANY(%(facts)s)
                     UNION
                    SELECT report_id, grain, period_start
                      FROM kpi_measurement_revision
                     WHERE id = ANY(%(revisions)s)
                ),
                wanted AS MATERIALIZED (
                    SELECT DISTINCT benefit.id AS benefit_id,
                           (date_trunc('month', (touched.period_start + span.shift)
                                                ::timestamp)
                            + place.place * interval '1 month')::date AS month
                      FROM touched
                      JOIN span ON span.grain = touched.grain
                      JOIN place ON place.place < span.months
                      JOIN LATERAL (%(users)s) AS baseline ON TRUE
                      JOIN benefit_realizations AS benefit
                        ON benefit.baseline_id = baseline.id
                )
                """,
                facts=[*changes.added_ids, *changes.changed_ids],
                revisions=changes.revision_ids,
                users=self._users_sql(SQL("= touched.report_id")),
            ),
            has_months=True,
            is_large=len(changes.added_ids) + len(changes.changed_ids) > MANY,
        )

    @api.model
    def _users_sql(self, condition):
        """SELECT of the baselines that use a KPI, each use by its own index."""
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT used.id FROM kpi_baselines AS used WHERE %s %s",
                SQL.identifier("used", name),
                condition,
            )
            for name in REPORTS
        )

    @api.model
    def _flush_measured(self):
        """Have the database know what these statements read."""
        for name in (
            "kpi.baseline",
            "kpi.baseline.share",
            "kpi.benefit.period",
            "kpi.benefit.realization",
            "kpi.definition",
            "kpi.report",
        ):
            self.env[name].flush_model()

    @api.model
    def _write_measured(self, wanted, *, has_months, is_large):
        """Write the months that differ, then the sums of their benefits.

        :param wanted: CTE of (benefit, month), NULL = all its months
        :param has_months: whether these are months, not NULL
        :param is_large: PostgreSQL expects a few rows of the steps in between, and
            would read them again for each other row
        """
        self._flush_measured()
        today = fields.Date.context_today(self)
        if is_large:
            self.env.cr.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        rows = self.env.execute_query(
            write_measured_sql(wanted, has_months=has_months, today=today)
        )
        if is_large:
            self.env.cr.execute(
                "SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL jit TO DEFAULT"
            )
        if rows:
            self._sum_measured(sorted(benefit_id for benefit_id, _count in rows))
        return sum(count for _benefit_id, count in rows)

    @api.model
    def _empty_measured(self, benefit_ids):
        """Take away what was measured of benefits that are entered from now on.

        No message says what it was: others may read the benefit from now on.
        """
        self._flush_measured()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_benefit_period
                   SET realized = NULL, is_measured = FALSE
                 WHERE benefit_id = ANY(%s)
                   AND is_measured
                """,
                benefit_ids,
            )
        )
        self._sum_measured(benefit_ids)

    @api.model
    def _sum_measured(self, benefit_ids):
        """Bring the stored sums of benefits in line with their months."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE benefit_realizations AS benefit
                   SET realized_value = known.realized,
                       has_value = known.count > 0
                  FROM (SELECT benefit_id,
                               COALESCE(sum(realized), 0) AS realized,
                               count(realized) AS count
                          FROM kpi_benefit_period
                         WHERE benefit_id = ANY(%s)
                      GROUP BY benefit_id) AS known
                 WHERE benefit.id = known.benefit_id
                """,
                benefit_ids,
            )
        )
        self.env.invalidate_all()
        # The engine measures whatever the person may see who entered a value.
        confirmed = self.env["kpi.benefit.realization"].sudo()
        confirmed = confirmed.search(
            [("id", "in", benefit_ids), ("status", "in", list(CONFIRMED_AT_END))]
        )
        text = self.env._("Values of the benefit's KPI were corrected.")
        for benefit in confirmed:
            benefit._message_log(body=text)
        confirmed._reopen_confirmed()

    def _list_bridge_factors(self, months):
        """Planned and actual numbers whose product is the benefit, by month.

        Planned are the targets: of the KPI, of adoption and volume; without one these
        are as they were. Only of KPIs by month, as others share their months out.

        :return: place of a month → factor → (planned, actual)
        """
        count = months.closed
        if not (self and count and self._can_list_factors()):
            return {}
        last = months.get_day(count - 1)
        read = {
            name: self._read_months_of(self[name], months.first, last)
            for name in REPORTS
            if self[name]
        }
        shares = self.share_ids.sorted("date_from")
        found = {}
        for place in range(count):
            month = months.get_day(place)
            known = {name: numbers.get(month) for name, numbers in read.items()}
            held = shares.filtered(lambda one, month=month: one.date_from <= month)
            if not held or None in known.values():
                continue
            values = {name: value for name, (value, _target) in known.items()}
            targets = {
                name: value if target is None else target
                for name, (value, target) in known.items()
            }
            change = values["report_id"] - self.baseline_value
            if self.control_id:
                change -= values["control_id"] - self.control_baseline
            promised = self.target_value - self.baseline_value
            planned = self._list_factors(promised, shares[0], targets)
            actual = self._list_factors(change, held[-1], values)
            found[place] = {
                name: (Decimal(repr(planned[name])), Decimal(repr(actual[name])))
                for name in planned
            }
        return found

    def _can_list_factors(self):
        numbers = (self.target_value, self.unit_value, self.baseline_value)
        frequencies = set(self._get_used_reports().mapped("frequency"))
        return not any(one is False for one in numbers) and frequencies == {MONTHLY}

    def _read_months_of(self, report, first, last):
        """First day of a month → (value, target or None) where there is a value."""
        (series,) = report._series(MONTHLY, first, last)
        row = series.row_of[report.id]
        values, targets = series.values[row], series.targets.target[row]
        return {
            period.start: (float(value), float(target) if isfinite(target) else None)
            for period, value, target in zip(
                series.periods, values, targets, strict=True
            )
            if isfinite(value)
        }

    def _list_factors(self, change, share, numbers):
        """Factor → its number; their product is the benefit of a month.

        :param change: of the KPI, from its baseline
        :param numbers: of adoption and volume, by the name of their fields
        """
        factors = {
            "rate": self.unit_value * self._get_sign() * change,
            "attribution": share.share / 100,
        }
        for factor, name in (("volume", "volume_id"), ("adoption", "adoption_id")):
            if self[name]:
                scale = 0.01 if self[name].unit == PERCENT else 1.0
                factors[factor] = numbers[name] * scale
        return factors

    def _get_target_worth(self, targets):
        """What the targets are worth in a month, at the share that was claimed first.

        :return: None where a number is missing: without a target of its own, nobody
            has said what adoption or volume is to be
        """
        shares = self.share_ids.sorted("date_from")
        if not (shares and self._can_list_factors()):
            return None
        extra = {name: targets.get(self[name].id) for name in REPORTS[2:] if self[name]}
        if None in extra.values():
            return None
        change = self.target_value - self.baseline_value
        return prod(self._list_factors(change, shares[0], extra).values())

    def _read_extra_targets(self, month):
        """Id of a KPI of adoption or volume → its target in a month, if it has one."""
        reports = (self.adoption_id | self.volume_id).filtered(
            lambda one: one.frequency == MONTHLY
        )
        found = {}
        for series in reports._series(MONTHLY, month, month):
            for report_id, row in series.row_of.items():
                target = float(series.targets.target[row, -1])
                if isfinite(target):
                    found[report_id] = target
        return found

    def _explain_variance(self, period_from=None, period_to=None):
        """Explain why the KPI moved, from its baseline on unless days are given.

        :return: as of benefits, with ``before`` and ``after`` instead of amounts
        :raises UserError: it has no value yet, or the periods cannot be compared
        """
        last = period_to or self.last_period_start
        if not last:
            raise UserError(
                self.env._("%s has no values after its baseline yet.", self.name)
            )
        last, first = fields.Date.to_date(last), period_from
        if not first:
            # The last period with a value of those before the baseline.
            start = min(self._get_first_counted_day(), self._find_period(last).start)
            known = self.report_id._facts() & Domain("period_start", "<", start)
            facts = self.env["kpi.measurement"]
            first = facts.search(known, order="period_start DESC", limit=1).period_start
        if not first:
            return self._explain_from_baseline(last)
        change = self.report_id.explain_change(str(first), str(last))
        return {
            "before": change["from"]["value"],
            "after": change["to"]["value"],
            "steps": [
                {"kind": one["kind"], "label": one["label"], "amount": one["part"]}
                for one in change["parts"]
            ],
            "sentences": [
                cite(text, self, self.report_id) for text in change["sentences"]
            ],
        }

    def _explain_from_baseline(self, day):
        """Compare a value with the baseline, where there is none before it to split."""
        definition, period = self.report_id.definition_id, self._find_period(day)
        known = self.report_id._facts() & Domain("period_start", "=", period.start)
        fact = self.env["kpi.measurement"].search(known, limit=1)
        has_baseline = self.baseline_value is not False
        texts = {
            "kpi": self.name,
            "before": definition._format_value(self.baseline_value or 0.0),
            "after": definition._format_value(fact.value) if fact else "–",
            "period": definition.calendar_id._period_label(period),
        }
        sentence = self.env._(
            "%(kpi)s: %(after)s in %(period)s. No baseline or earlier value to "
            "compare with.",
            **texts,
        )
        if has_baseline:
            sentence = self.env._(
                "%(kpi)s: baseline %(before)s, %(after)s in %(period)s. Explaining "
                "the change requires a value before the baseline.",
                **texts,
            )
        return {
            "before": self.baseline_value if has_baseline else None,
            "after": fact.value if fact else None,
            "steps": [],
            "sentences": [cite(sentence, self, self.report_id)],
        }


class KpiBaselineShare(models.Model):
    """Share of a KPI's change that is due to an initiative, from a day on."""

    _name = "kpi.baseline.share"
    _description = "KPI Share"
    _inherit = ["kpi.input.mixin"]
    _order = "baseline_id, date_from"
    _rec_name = "date_from"

    baseline_id = fields.Many2one(
        "kpi.baseline", "KPI", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="baseline_id.company_id", store=True, precompute=True, index=True
    )
    date_from = fields.Date(
        "From",
        required=True,
        default=fields.Date.context_today,
        help="Applies to months starting from this day, until the next share.",
    )
    share = fields.Float(
        "Share (%)", required=True, default=100.0, digits=(6, 2), aggregator=False
    )

    _baseline_date_uniq = models.UniqueIndex(
        "(baseline_id, date_from)", "A share from this day already exists."
    )
    _share_range = models.Constraint(
        "CHECK (share BETWEEN 0 AND 100)", "Shares must be between 0% and 100%."
    )

    # The claim comes with each change: two at once of one KPI are run one by one.

    @api.model_create_multi
    def create(self, vals_list):
        shares = super().create(vals_list)
        shares.baseline_id._follow_shares()
        return shares

    def write(self, vals):
        if vals.get("baseline_id"):
            # Rules look at the baseline that it leaves only.
            self.baseline_id.browse(vals["baseline_id"]).check_access("write")
        before = self.baseline_id
        result = super().write(vals)
        (before | self.baseline_id)._follow_shares()
        return result

    def unlink(self):
        baselines = self.baseline_id
        result = super().unlink()
        # The one before holds on from there.
        baselines._follow_shares()
        return result
