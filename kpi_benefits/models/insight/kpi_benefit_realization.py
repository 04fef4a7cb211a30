from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary, or_none
from odoo.addons.kpi_base.formatting import (
    format_day,
    format_month,
    format_small_percent,
)
from odoo.addons.kpi_base.rights import remember_rights, search_by

from ...engine.bridge import build_bridge
from ...engine.confidence import expect_remaining, fade, find_base_rate, is_stale
from ...engine.detection import find_leaks
from ...engine.history import NAN, build_months, count_months, shift_plan
from ...engine.standing import is_reached
from ..benefit.kpi_benefit_realization import CONFIRMED_AT_END
from ..finding import Finding

NOT_LIVE = ("proposed", "approved", "in_delivery")
MOST_ENDED = 300  # own benefits that forecasts look at, those that ended last
ROUNDED = 0.05  # of what the target is worth; plans are round numbers
OPEN = ("approved", "in_delivery", "live", "reviewed")
EQUAL_MONTHS = 3  # of equal amounts; fewer are chance
DIFFERENT_AMOUNTS = 2  # among them: the same round sum each month says nothing
_EQUAL = """
    SELECT period.benefit_id, other.benefit_id, count(*),
           min(period.period_start), sum(abs(period.realized))
      FROM kpi_benefit_period AS period
      JOIN kpi_benefit_period AS other
        ON other.company_id = period.company_id
       AND other.period_start = period.period_start
       AND other.realized = period.realized
       AND other.benefit_id <> period.benefit_id
      JOIN benefit_realizations AS benefit
        ON benefit.id = other.benefit_id AND benefit.active
     WHERE period.benefit_id = ANY(%(ids)s)
       AND period.realized <> 0
       AND (other.benefit_id < period.benefit_id
            OR other.benefit_id <> ALL(%(ids)s))
  GROUP BY period.benefit_id, other.benefit_id
    HAVING count(*) >= %(months)s
       AND count(DISTINCT period.realized) >= %(amounts)s
  ORDER BY period.benefit_id, other.benefit_id
"""


class KpiBenefitRealization(models.Model):
    """Insights of a benefit."""

    _name = "kpi.benefit.realization"
    _inherit = [
        "kpi.benefit.realization",
        "kpi.insight.mixin",
        "kpi.dated.mixin",
        "kpi.reviewed.mixin",
    ]
    _reviewed_as = "benefit_ids"

    confidence_ids = fields.One2many(
        "kpi.benefit.confidence", "benefit_id", "Confidence Scores"
    )
    confidence = OptionalFloat(
        compute="_compute_confidence",
        exportable=False,
        aggregator=False,
        help="Latest score. After 90 days, it moves halfway toward the success "
        "rate of ended benefits every 180 days.",
    )
    confidence_date = fields.Date(
        "Scored On", compute="_compute_confidence", exportable=False
    )
    is_confidence_stale = fields.Boolean(
        "Stale", compute="_compute_confidence", exportable=False
    )
    confidence_note = fields.Char(compute="_compute_confidence", exportable=False)
    expected_remaining = OptionalMonetary(
        "Expected Remaining",
        compute="_compute_confidence",
        exportable=False,
        help="Remaining planned value, weighted by confidence. Disbenefits count "
        "in full.",
    )
    needed_link_ids = fields.One2many(
        "kpi.benefit.link",
        "target_benefit_id",
        "Depends On",
        domain=[("source_benefit_id", "!=", False)],
    )
    enabling_link_ids = fields.One2many(
        "kpi.benefit.link",
        "target_benefit_id",
        "Enabled By",
        domain=[("source_node_id", "!=", False)],
    )
    objective_link_ids = fields.One2many(
        "kpi.benefit.link",
        "source_benefit_id",
        "Objectives",
        domain=[("target_node_id", "!=", False)],
    )
    plan_warning = fields.Char(compute="_compute_plan_warning", exportable=False)
    is_redefined = fields.Boolean(
        "Needs a New Baseline",
        compute="_compute_definition_warning",
        search=search_by("_get_redefined_domain"),
        exportable=False,
    )
    definition_warning = fields.Char(
        compute="_compute_definition_warning", exportable=False
    )

    def _find_insight_benefits(self):
        return self

    @api.depends_context("uid", "allowed_company_ids", "tz", "lang")
    @api.depends(
        "confidence_ids.probability",
        "confidence_ids.date",
        "period_ids.planned",
        "period_ids.realized",
        "period_ids.period_start",
    )
    def _compute_confidence(self):
        today, this_month = fields.Date.context_today(self), self._get_this_month()
        latest = {one: one.confidence_ids.sorted()[:1] for one in self}
        ages = {
            one: (today - score.date).days for one, score in latest.items() if score
        }
        base = None
        if any(is_stale(age) for age in ages.values()):
            base = find_base_rate(list(self._find_ended()._judge_ended().values()))
        self.confidence = self.expected_remaining = self.confidence_date = False
        self.confidence_note = self.is_confidence_stale = False
        for benefit, age in ages.items():
            score = latest[benefit]
            benefit.is_confidence_stale = is_stale(age)
            benefit.confidence = (
                fade(score.probability, age, base)
                if is_stale(age)
                else score.probability
            )
            benefit.confidence_date = score.date
            words = {
                "given": format_small_percent(self.env, score.probability, 0),
                # Who gave a score is no secret to who sees the benefit.
                "person": score.sudo().user_id.name,
                "day": format_day(self.env, score.date),
            }
            benefit.confidence_note = (
                self.env._(
                    "Stale score: %(given)s by %(person)s on %(day)s. It moves "
                    "toward %(base)s.",
                    base=format_small_percent(self.env, base, 0),
                    **words,
                )
                if is_stale(age)
                else self.env._("%(given)s, by %(person)s on %(day)s.", **words)
            )
            # Of the months that are not over and have no value yet.
            coming = sum(
                one.planned
                for one in benefit.period_ids
                if one.period_start >= this_month and one.realized is False
            )
            benefit.expected_remaining = expect_remaining(coming, benefit.confidence)

    def _judge_ended(self):
        """Benefit → whether at least 90% of its plan came.

        Without those of which nothing was planned, and disbenefits with months that
        nobody reported: these may have come or not.
        """
        unknown = self.env["kpi.benefit.period"]._read_group(
            [
                ("benefit_id", "in", self.ids),
                ("benefit_id.expected_value", "<", 0),
                ("realized", "=", False),
            ],
            ["benefit_id"],
        )
        unknown = self.browse(benefit.id for (benefit,) in unknown)
        judged = {
            one: is_reached(one.expected_value, one.realized_value)
            for one in self - unknown
        }
        return {one: is_done for one, is_done in judged.items() if is_done is not None}

    @api.constrains("initiative_id")
    def _check_links_of_company(self):
        # Also links that the user does not see: no message names them.
        links = self.env["kpi.benefit.link"].sudo()
        links.search(
            [
                "|",
                ("source_benefit_id", "in", self.ids),
                ("target_benefit_id", "in", self.ids),
            ]
        )._check_ends()

    def _read_histories(self):
        """Benefit → its ``History``, by one search; without months it is left out."""
        this_month = self._get_this_month()
        periods = self.env["kpi.benefit.period"].search_fetch(
            [("benefit_id", "in", self.ids)],
            ["benefit_id", "period_start", "planned", "realized"],
            order="benefit_id, period_start",
        )
        found = {}
        for benefit, months in periods.grouped("benefit_id").items():
            # When it went live says no more than the months: owners need not see the
            # rest. Where nothing is known of the go-live it was in time.
            initiative = benefit.initiative_id.sudo()
            late = -1 if initiative.status in NOT_LIVE else 0
            if initiative.go_live_date:
                first = months[0].period_start
                late = max(count_months(first, initiative.go_live_date), 0)
            rows = [
                (
                    one.period_start,
                    one.planned,
                    NAN if one.realized is False else one.realized,
                )
                for one in months
            ]
            every = benefit._get_months_between()
            found[benefit] = build_months(rows, this_month, late, every)
        return found

    def _build_bridge(self, history):
        """Bridge of the months that are over: the sum of those of each month."""
        digits = self.currency_id.decimal_places
        # Before there is a go-live, none is late: what comes early counts as it comes.
        # The day says no more than the months, so owners of a benefit may know it.
        is_live = self.initiative_id.sudo().go_live_date
        late = min(history.late, history.closed) if is_live else 0
        moved = shift_plan(history.planned, late)
        series = (history.planned, moved, history.counted)
        factors = self.baseline_id._list_bridge_factors(history)
        unit, bridges = Decimal(1).scaleb(-digits), []
        for place, done in enumerate(history.realised):
            known = {}
            # What was lost before the go-live is a matter of timing, and of NaN, which
            # does not equal itself, nobody has said anything.
            if place >= late and done == done:
                known = factors.get(place, {})
            planned, later, counted = (exact(each[place], digits) for each in series)
            if known and self.amount:
                # While the plan grows, a part of the target is planned.
                promised, reached = known["rate"]
                level = later / Decimal(repr(self.amount))
                known = {**known, "rate": (promised * level, reached)}
            bridges.append(build_bridge(planned, later, counted, known, unit=unit))
        return self._add_bridges(bridges)

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends(
        "amount",
        "is_recurring",
        "date_from",
        "date_to",
        "baseline_id.report_id",
        "baseline_id.control_id",
        "baseline_id.adoption_id",
        "baseline_id.volume_id",
        "baseline_id.baseline_value",
        "baseline_id.target_value",
        "baseline_id.unit_value",
        "baseline_id.share_ids.date_from",
        "baseline_id.share_ids.share",
    )
    def _compute_plan_warning(self):
        with remember_rights(self.env):
            worths = self._find_target_worths()
        less = self.env._(
            "The plan (%(plan)s) is below the value of the KPI target (%(worth)s)."
        )
        more = self.env._(
            "The plan (%(plan)s) is above the value of the KPI target (%(worth)s)."
        )
        self.plan_warning = ""
        for benefit, worth in worths.items():
            if abs(benefit.amount - worth) <= ROUNDED * abs(worth):
                continue  # as far as people round
            plan = benefit._format_money(benefit.amount)
            if benefit.is_recurring:
                plan = self.env._("%s a month", plan)
            known = {"plan": plan, "worth": benefit._format_money(worth)}
            benefit.plan_warning = (less if benefit.amount < worth else more) % known

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("baseline_id.redefinition_note")
    def _compute_definition_warning(self):
        # As of plans: whoever may not read the KPI is told nothing of it.
        readable = self.baseline_id._filtered_access("read")
        for benefit in self:
            baseline = benefit.baseline_id & readable
            benefit.is_redefined = baseline.is_redefined
            benefit.definition_warning = baseline.redefinition_note

    @api.model
    def _get_redefined_domain(self):
        return Domain("baseline_id.is_redefined", "=", True)

    def action_open_baseline(self):
        """Open the KPI of the initiative that measures the benefit."""
        self.ensure_one()
        self.check_access("read")
        return open_form(self.baseline_id)

    def _find_target_worths(self):
        """Benefit → amount of a month at the target of its KPI.

        Of the last month that is over, before that of the first one. Benefits are left
        out where targets are missing, or where the user may not read the KPI.
        """
        readable = self.baseline_id._filtered_access("read")
        measured = self.filtered(
            lambda one: one.date_from and one.baseline_id & readable
        )
        # Else those of each baseline are read by a statement of their own.
        measured.baseline_id.share_ids.fetch(("date_from", "share"))
        yesterday = fields.Date.subtract(self._get_this_month(), days=1)

        def get_compared_month(benefit):
            last = benefit.is_recurring and benefit.date_to or yesterday
            return max(min(last, yesterday), benefit.date_from).replace(day=1)

        found = {}
        for month, benefits in measured.grouped(get_compared_month).items():
            targets = benefits.baseline_id._read_extra_targets(month)
            for benefit in benefits:
                worth = benefit.baseline_id._get_target_worth(targets)
                if worth is not None:
                    found[benefit] = worth
        return found

    def _find_compared(self):
        """Find the other benefits of these companies that are over and have values."""
        others = Domain("has_value", "=", True) & Domain("id", "not in", self.ids)
        others &= Domain("company_id", "in", self.company_id.ids)
        last = {"order": "date_to DESC, id DESC", "limit": MOST_ENDED}
        return self._find_ended(others, **last)

    def _find_benefit_findings(self):
        """Findings of planned and realised months, of assumptions and equal values."""
        # The status of the initiative decides; owners need not see the rest of it.
        watched = self.filtered(
            lambda one: (
                one.status not in CONFIRMED_AT_END
                and one.sudo().initiative_id.status in OPEN
            )
        )
        histories = watched._read_histories()
        own = watched._find_compared()._read_histories() if histories else {}
        leaks = find_leaks([*histories.values()], [*own.values()])
        return [
            *(
                Finding(
                    leak.kind,
                    benefit,
                    history.get_day(leak.first),
                    benefit.currency_id.round(leak.lost),
                    benefit.currency_id.round(leak.coming),
                    benefit._explain_leak(leak, history),
                )
                for (benefit, history), found in zip(
                    histories.items(), leaks, strict=True
                )
                for leak in found
            ),
            *watched.assumption_ids._find_assumption_findings(),
            *watched._find_double_findings(),
        ]

    def _explain_leak(self, leak, history):
        """Say what was seen, with its numbers and months, and what is to come."""
        known = {
            "benefit": self.name,
            "first": self._format_month(history.get_day(leak.first)),
            "last": self._format_month(history.get_day(history.closed - 1)),
            "months": leak.months,
            "planned": self._format_money(leak.planned),
            "realized": self._format_money(leak.realised),
            "decay": format_small_percent(self.env, leak.decay, digits=0),
        }
        seen = {
            "shortfall": self.env._(
                "%(benefit)s: only %(realized)s of %(planned)s realized since "
                "%(first)s; the gap exceeds its usual variation.",
                **known,
            ),
            "decay": self.env._(
                "%(benefit)s: about %(decay)s lost per month since %(first)s; "
                "%(realized)s of %(planned)s realized.",
                **known,
            ),
            "adoption_stall": self.env._(
                "%(benefit)s: realized value stalled since %(first)s despite a "
                "rising plan (%(realized)s of %(planned)s).",
                **known,
            ),
            "delay": self.env._(
                "%(benefit)s: planned from %(first)s, at least %(months)s months "
                "late; %(realized)s of %(planned)s realized.",
                **known,
            ),
            "silence": self.env._(
                "%(benefit)s: no value entered since %(first)s; %(planned)s was "
                "planned.",
                **known,
            ),
        }[leak.kind]
        if leak.kind == "shortfall" and self.amount < 0:
            seen = self.env._(
                "%(benefit)s: %(realized)s against %(planned)s planned since "
                "%(first)s (less is better).",
                **known,
            )
        if not self.currency_id.round(leak.coming):
            return seen
        last = history.get_day(len(history.planned) - 1)
        coming = self.env._(
            "Another %(coming)s may be lost by %(month)s.",
            coming=self._format_money(leak.coming),
            month=self._format_month(last),
        )
        return f"{seen} {coming}"

    def _find_double_findings(self):
        """Benefits that report the same amounts as another one in the same months.

        Only where the user sees both; of a pair that is asked for, the one that was
        entered later. The text does not name the other one, as whoever reads it may not
        see that.
        """
        self.env["kpi.benefit.period"].flush_model()
        self.flush_model(["active"])
        rows = self.env.execute_query(
            SQL(_EQUAL, ids=self.ids, months=EQUAL_MONTHS, amounts=DIFFERENT_AMOUNTS)
        )
        others = self.browse(row[1] for row in rows)._filtered_access("read")
        found = []
        for one_id, other_id, count, first, amount in rows:
            one, other = self.browse(one_id), self.browse(other_id)
            if other in others:
                text = self.env._(
                    "%(benefit)s: same amounts as another benefit for %(count)s "
                    "months since %(first)s (total %(amount)s).",
                    benefit=one.name,
                    count=count,
                    first=self._format_month(first),
                    amount=one._format_money(amount),
                )
                lost = one.currency_id.round(float(amount))
                double = Finding("double_claim", one, first, lost, 0.0, text, (other,))
                found.append(double)
        return found

    def _check_same_review(self, vals):
        """Refuse to take what a review has figures of to another initiative."""
        moved = self.filtered(lambda one: one.initiative_id.id != vals["initiative_id"])
        for benefit in moved._find_reviewed():
            raise UserError(
                self.env._(
                    "%s is part of a review and cannot be moved. Archive it instead.",
                    benefit.display_name,
                )
            )

    def _set_realized(self, months):
        """Say what was realised: ``(any day of a month, amount, note)``, or None."""
        self.ensure_one()
        periods = {one.period_start: one for one in self.period_ids}
        for day, amount, note in months:
            month = date_utils.start_of(fields.Date.to_date(day), "month")
            if month not in periods:
                raise UserError(
                    self.env._(
                        "%(benefit)s has no month %(month)s.",
                        benefit=self.display_name,
                        month=format_month(self.env, month),
                    )
                )
            values = {"realized": False if amount is None else amount}
            if note is not None:
                values["note"] = note
            periods[month].write(values)

    def _set_assumptions(self, rows):
        """Make the assumptions those of a list; what it does not name is removed.

        :param rows: dicts of fields, with ``id`` where it is one that is there
        """
        self.ensure_one()
        known = {one.id: one for one in self.assumption_ids}
        named = [values.pop("id", None) or 0 for values in rows]
        if set(named) - {0, *known}:
            raise UserError(
                self.env._("This assumption does not belong to %s.", self.display_name)
            )
        (self.assumption_ids - self.assumption_ids.browse(named)).unlink()
        for assumption_id, values in zip(named, rows, strict=True):
            if not (assumption_id or values.get("name")):
                raise UserError(self.env._("Enter the assumption."))
            assumption = known.get(assumption_id) or self.assumption_ids.create(
                {"benefit_id": self.id, "name": values["name"]}
            )
            assumption._change_by_program(values)

    def _sum_up(self):
        """Count and sums of these benefits; their rate is the ratio of sums."""
        planned, rate = self.period_ids._measure_to_date()
        return {
            "count": len(self),
            "expected_value": sum(self.mapped("expected_value")),
            "realized_value": sum(self.mapped("realized_value")),
            "planned_to_date": planned,
            "realization_rate": or_none(rate),
        }

    def _list_profile(self, coming):
        """Months of these benefits together, in order.

        :param coming: as of ``_forecast``; None without a forecast
        :return: as ``ProfileMonthOut``
        """
        this_month = self._get_this_month()
        rows = self.env["kpi.benefit.period"]._read_group(
            [("benefit_id", "in", self.ids)],
            ["period_start:month"],
            ["planned:sum", "realized:sum", "realized:array_agg"],
            order="period_start:month",
        )
        return [
            {
                "start": fields.Date.to_string(month),
                "planned": planned,
                "realized": realized
                if any(amount is not None for amount in amounts)
                else None,
                "expected": _expect(planned, coming) if month >= this_month else None,
            }
            for month, planned, realized, amounts in rows
        ]

    def _measure_totals(self, months):
        """Totals of these benefits and their months, with the status of their rate."""
        _planned, realized_to_date = self.period_ids._add_up_to_date()
        return self.env["kpi.benefit.portfolio"]._add_up(months, realized_to_date)


def _expect(planned, coming):
    """What will come of the plan of a month, with its limits; None if nobody knows."""
    if not coming:
        return None
    low, value, high = (share * planned for share in coming)
    return {"value": value, "low": min(low, high), "high": max(low, high)}
