"""Fills a database with initiatives, ten benefits of each and their months.

Of ten initiatives one is a programme of the nine others. Benefits begin in different
months of five years and last 36; what is over has a value in nine of ten months. One
INSERT for each table.
"""

from datetime import date
from typing import Any

from odoo.tools import SQL

BENEFITS, MONTHS = 10, 36


def fill(env: Any, *, initiatives: int, today: date) -> None:
    """Makes everything, in a database with kpi_benefits and no initiative."""
    arguments = {
        "benefits": BENEFITS,
        "company": env.company.id,
        "initiatives": initiatives,
        "months": MONTHS,
        "owner": env.ref("base.user_admin").id,
        "today": today.replace(day=1),
    }
    env.flush_all()
    for statement in (_INITIATIVES, _PATHS, _COSTS, _BENEFITS, _PERIODS, _TOTALS):
        env.cr.execute(SQL(statement, **arguments))
    env.invalidate_all()


_INITIATIVES = """
    INSERT INTO initiatives
           (id, name, reference, owner_id, company_id, parent_id, status, active,
            planned_cost, forecast_cost, create_uid, write_uid, create_date, write_date)
    SELECT number, 'Initiative ' || number, 'B-' || number, %(owner)s, %(company)s,
           CASE WHEN number %% 10 <> 1 THEN number - (number - 1) %% 10 END,
           (ARRAY['proposed', 'approved', 'in_delivery', 'live', 'live', 'reviewed',
                  'closed'])[1 + number %% 7], TRUE,
           number %% 97 * 1000, number %% 97 * (900 + number %% 300), 1, 1, now(), now()
      FROM generate_series(1, %(initiatives)s) AS number;
    SELECT setval('initiatives_id_seq', %(initiatives)s)
"""
_PATHS = """
    UPDATE initiatives
       SET parent_path = COALESCE(parent_id || '/', '') || id || '/'
"""
_COSTS = """
    INSERT INTO kpi_initiative_cost
           (initiative_id, company_id, planned, forecast, create_uid, write_uid,
            create_date, write_date)
    SELECT id, company_id, planned_cost, forecast_cost, 1, 1, now(), now()
      FROM initiatives
"""
_BENEFITS = """
    INSERT INTO benefit_realizations
           (id, name, initiative_id, company_id, owner_id, benefit_type, money_effect,
            amount, is_recurring, date_from, date_to, ramp_up, ramp_months, status,
            active, create_uid, write_uid, create_date, write_date)
    SELECT number, 'Benefit ' || number, initiative_id, %(company)s, %(owner)s,
           'cost_reduction', 'cashable', 100 + number %% 900, TRUE, first,
           (first + interval '35 months')::date, 'linear', 0,
           CASE WHEN number %% 31 = 0 THEN 'at_risk' WHEN first < %(today)s
                THEN 'in_progress' ELSE 'planned' END, TRUE, 1, 1, now(), now()
      FROM (SELECT number, 1 + (number - 1) / %(benefits)s AS initiative_id,
                   (%(today)s - ((number - 1) / %(benefits)s * 7 %% 60 - 12)
                                * interval '1 month')::date AS first
              FROM generate_series(1, %(initiatives)s * %(benefits)s) AS number
           ) AS benefit;
    SELECT setval('benefit_realizations_id_seq', %(initiatives)s * %(benefits)s)
"""
_PERIODS = """
    INSERT INTO kpi_benefit_period
           (benefit_id, initiative_id, company_id, period_start, planned, realized,
            create_uid, write_uid, create_date, write_date)
    SELECT benefit.id, initiative_id, company_id, month, amount,
           CASE WHEN month < %(today)s AND (benefit.id + place) %% 10 > 0
                THEN round(amount * (40 + initiative_id * 13 %% 90) / 100, 2) END,
           1, 1, now(), now()
      FROM benefit_realizations AS benefit
CROSS JOIN generate_series(0, %(months)s - 1) AS place
CROSS JOIN LATERAL (
           SELECT (date_from + place * interval '1 month')::date AS month
           ) AS dated
"""
_TOTALS = """
    UPDATE benefit_realizations AS benefit
       SET expected_value = sums.planned, realized_value = sums.realized,
           has_value = sums.realized IS NOT NULL
      FROM (SELECT benefit_id, sum(planned) AS planned, sum(realized) AS realized
              FROM kpi_benefit_period
          GROUP BY benefit_id) AS sums
     WHERE sums.benefit_id = benefit.id
"""
