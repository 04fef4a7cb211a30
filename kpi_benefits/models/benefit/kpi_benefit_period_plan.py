from odoo import api, fields, models
from odoo.tools import SQL


class KpiBenefitPeriod(models.Model):
    """Months as their benefits plan them, written together."""

    _inherit = "kpi.benefit.period"

    @api.model
    def _write_plans(self, benefit_ids, plans):
        """Give benefits the months of their plans, whoever may change these.

        :param plans: tuples of benefit, first day of the month and amount
        """
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
