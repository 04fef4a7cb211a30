from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_amount

from odoo.addons.kpi_base.fields import OptionalMonetary, or_none
from odoo.addons.kpi_base.formatting import format_month

from ...engine.standing import (
    DIGITS,
    count_realised,
    count_silent,
    judge,
    measure_realisation,
)
from .kpi_benefit_realization import CONFIRMED_AT_END

_PLANS = """
    SELECT * FROM unnest(%s::int[], %s::date[], %s::numeric[])
        AS plan(benefit_id, period_start, planned)
"""
_UNPLANNED = """
    period.benefit_id = ANY(%(benefits)s)
    AND NOT EXISTS (
        SELECT FROM (%(plans)s) AS plan
         WHERE plan.benefit_id = period.benefit_id
           AND plan.period_start = period.period_start)
"""
_DELETE_UNPLANNED = f"""
    DELETE FROM kpi_benefit_period AS period
     WHERE realized IS NULL AND {_UNPLANNED}
"""
_EMPTY_UNPLANNED = f"""
    UPDATE kpi_benefit_period AS period
       SET planned = 0, write_uid = %(uid)s, write_date = %(now)s
     WHERE realized IS NOT NULL AND planned <> 0 AND {_UNPLANNED}
"""
_PLAN = """
    INSERT INTO kpi_benefit_period AS period
           (benefit_id, initiative_id, company_id, period_start, planned, create_uid,
            write_uid, create_date, write_date)
    SELECT benefit.id, benefit.initiative_id, benefit.company_id, plan.period_start,
           plan.planned, %(uid)s, %(uid)s, %(now)s, %(now)s
      FROM (%(plans)s) AS plan
      JOIN benefit_realizations AS benefit ON benefit.id = plan.benefit_id
        ON CONFLICT (benefit_id, period_start)
        DO UPDATE SET planned = EXCLUDED.planned, write_uid = EXCLUDED.write_uid,
           write_date = EXCLUDED.write_date
     WHERE period.planned IS DISTINCT FROM EXCLUDED.planned
"""


class KpiBenefitPeriod(models.Model):
    """A month of a benefit: as planned, and as realised once somebody has said so."""

    _name = "kpi.benefit.period"
    _description = "Benefit Month"
    _inherit = ["kpi.amount.mixin", "kpi.benefit.part.mixin", "kpi.readonly.mixin"]
    _order = "benefit_id, period_start"
    _rec_name = "benefit_id"
    _kpi_measurable = True

    benefit_id = fields.Many2one(readonly=True)
    currency_id = fields.Many2one(related="benefit_id.currency_id")
    period_start = fields.Date("Month", required=True, readonly=True)
    planned = fields.Monetary(readonly=True)
    realized = OptionalMonetary(help="Leave empty until known.")
    note = fields.Char()
    is_measured = fields.Boolean(
        "Measured", readonly=True, copy=False, help="Calculated from a KPI."
    )

    _benefit_period_uniq = models.UniqueIndex("(benefit_id, period_start)")

    def init(self):
        """Leave room for another version of a row beside it.

        Values come to months that were planned long before: such an UPDATE writes no
        index then (a heap-only tuple), which takes a sixth of the time.
        """
        self.env.cr.execute("ALTER TABLE kpi_benefit_period SET (fillfactor = 60)")
        return super().init()

    @api.constrains("realized")
    def _check_realized(self):
        today = fields.Date.context_today(self)
        for month in self:
            if month.realized is not False and month.period_start > today:
                raise ValidationError(
                    self.env._(
                        "%(benefit)s: %(month)s has not started yet.",
                        benefit=month.benefit_id.name,
                        month=month._format_month(),
                    )
                )

    def write(self, vals):
        if "realized" not in vals:
            return super().write(vals)
        for benefit in self.benefit_id.filtered("baseline_id"):
            raise UserError(
                self.env._(
                    "%(benefit)s is measured by %(kpi)s. Enter values of that KPI.",
                    benefit=benefit.name,
                    kpi=benefit.baseline_id.name,
                )
            )
        before = {one: one.realized for one in self}
        result = super().write(vals)
        changed = self.filtered(lambda one: one.realized != before[one])
        for period in changed:
            benefit, old = period.benefit_id, before[period]
            # First values are no corrections, unless the benefit was confirmed.
            if old is not False or benefit.status in CONFIRMED_AT_END:
                text = self.env._(
                    "Realized in %(month)s: %(old)s → %(new)s",
                    month=period._format_month(),
                    old=period._format_realized(old),
                    new=period._format_realized(period.realized),
                )
                benefit._message_log(body=text)
        changed.benefit_id._reopen_confirmed()
        return result

    def _add_up_to_date(self):
        """Planned and realised of those months that are over, as rates count them."""
        this_month = self.env["kpi.benefit.realization"]._get_this_month()
        dated = self.filtered("period_start")
        over = dated.filtered(lambda one: one.period_start < this_month)
        planned = sum(over.mapped("planned"))
        realized = sum(
            count_realised(one.planned, or_none(one.realized)) for one in over
        )
        return round(planned, DIGITS), round(realized, DIGITS)

    def _judge(self):
        """``Judgement`` of a benefit, by its months."""
        this_month = self.env["kpi.benefit.realization"]._get_this_month()
        months = self.sorted("period_start")
        over = months.filtered(lambda one: one.period_start < this_month)
        return judge(
            months.mapped("planned"),
            [or_none(one.realized) for one in over],
            months.benefit_id._get_months_between(),
        )

    def _count_silent(self):
        """``count_silent`` of the benefits whose months these are."""
        return count_silent(
            [one._judge() for one in self.grouped("benefit_id").values()]
        )

    def _measure_to_date(self):
        """Sum of the plan of those months that are over, and the share realised of it.

        :return: amount, and 1 = as planned; False where nothing was planned
        """
        planned, realized = self._add_up_to_date()
        rate = measure_realisation(realized, planned)
        return planned, False if rate is None else rate

    def _format_month(self):
        return format_month(self.env, self.period_start)

    def _format_realized(self, amount):
        if amount is False:
            return "–"
        return format_amount(self.env, amount, self.currency_id)

    @api.model
    def _write_plans(self, benefit_ids, plans):
        """Give benefits the months of their plans: (benefit, first day, amount)."""
        self.env["kpi.benefit.realization"].flush_model()
        self.flush_model()
        columns = [[*column] for column in zip(*plans, strict=True)] or [[], [], []]
        values = {
            "benefits": benefit_ids,
            "plans": SQL(_PLANS, *columns),
            "uid": self.env.uid,
            "now": fields.Datetime.now(),
        }
        for statement in (_DELETE_UNPLANNED, _EMPTY_UNPLANNED, _PLAN):
            self.env.cr.execute(SQL(statement, **values))
        self.invalidate_model()
        self.env["kpi.benefit.realization"].invalidate_model(["period_ids"])
