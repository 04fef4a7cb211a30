"""Fills a database with initiatives, ten benefits of each and their months.

Of ten initiatives one is a programme of the nine others, of seven one is a proposal.
Benefits begin in different months of five years and last 36. Each is measured by a KPI
of its own, with a value in nine of ten of the last 36 months. One INSERT a table.
"""

from datetime import datetime
from typing import Any

from odoo.tools import SQL

BENEFITS, MONTHS = 10, 36
ROWS_OF_INITIATIVE = 100  # of those asked for: their months are some 360 each


def fill(env: Any, count: int, now: datetime) -> None:
    """Makes everything, in a database with kpi_benefits and no initiative."""
    arguments = {
        "benefits": BENEFITS,
        "company": env.company.id,
        "initiatives": max(1, count // ROWS_OF_INITIATIVE),
        "months": MONTHS,
        "owner": env.ref("base.user_admin").id,
        "today": now.date().replace(day=1),
    }
    env.flush_all()
    for statement in (_INITIATIVES, _PATHS, _COSTS, _BENEFITS, _PERIODS):
        env.cr.execute(SQL(statement, **arguments))
    _fill_kpis(env, arguments)
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    env["kpi.baseline"]._rebuild_measured()


def _fill_kpis(env: Any, arguments: dict[str, Any]) -> None:
    """KPIs that are entered by the month, copied from one made the usual way."""
    definition = env["kpi.definition"].create(
        {"name": "Hours saved", "code": "hours_saved", "direction": "higher"}
    )
    report = env["kpi.report"].create({"definition_id": definition.id})
    env.flush_all()
    arguments = {**arguments, "definition": definition.id, "report": report.id}
    for statement in (_DEFINITIONS, _REPORTS, _FACTS, _BASELINES, _SHARES, _MEASURED):
        env.cr.execute(SQL(statement, **arguments))


_INITIATIVES = """
    INSERT INTO initiatives
           (id, name, reference, owner_id, company_id, parent_id, status, approved_on,
            active, planned_cost, forecast_cost, create_uid, write_uid, create_date,
            write_date)
    SELECT number, 'Initiative ' || number, 'B-' || number, %(owner)s, %(company)s,
           CASE WHEN number %% 10 <> 1 THEN number - (number - 1) %% 10 END,
           (ARRAY['proposed', 'approved', 'in_delivery', 'live', 'live', 'reviewed',
                  'closed'])[1 + number %% 7],
           CASE WHEN number %% 7 > 0 THEN %(today)s - 2000 END, TRUE,
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
           (benefit_id, initiative_id, company_id, period_start, planned, create_uid,
            write_uid, create_date, write_date)
    SELECT benefit.id, initiative_id, company_id, month, amount, 1, 1, now(), now()
      FROM benefit_realizations AS benefit
CROSS JOIN generate_series(0, %(months)s - 1) AS place
CROSS JOIN LATERAL (
           SELECT (date_from + place * interval '1 month')::date AS month
           ) AS dated
"""
# The KPI, its baseline and its share have the number of their benefit, plus that of
# the KPI all others are copied from.
_DEFINITIONS = """
    INSERT INTO kpi_definition
    SELECT copied.*
      FROM benefit_realizations AS benefit
      JOIN kpi_definition AS original ON original.id = %(definition)s
CROSS JOIN LATERAL jsonb_populate_record(
               original,
               jsonb_build_object('id', %(definition)s + benefit.id,
                                  'code', 'hours_saved_' || benefit.id)) AS copied
"""
_REPORTS = """
    INSERT INTO kpi_report
    SELECT copied.*
      FROM benefit_realizations AS benefit
      JOIN kpi_report AS original ON original.id = %(report)s
CROSS JOIN LATERAL jsonb_populate_record(
               original,
               jsonb_build_object('id', %(report)s + benefit.id, 'definition_id',
                                  %(definition)s + benefit.id)) AS copied;
    SELECT setval('kpi_definition_id_seq', max(id)) FROM kpi_definition;
    SELECT setval('kpi_report_id_seq', max(id)) FROM kpi_report
"""
_FACTS = """
    INSERT INTO kpi_measurement
           (report_id, grain, period_start, value, source, recorded_at)
    SELECT %(report)s + benefit.id, 'month',
           (%(today)s - place * interval '1 month')::date,
           100 + (40 + initiative_id * 13 %% 90) * (90 + (benefit.id + place) %% 20)
                 / 1000.0,
           'manual', now()
      FROM benefit_realizations AS benefit
CROSS JOIN generate_series(1, %(months)s) AS place
     WHERE (benefit.id + place) %% 10 > 0
"""
_BASELINES = """
    INSERT INTO kpi_baselines
           (id, initiative_id, company_id, report_id, name, category, baseline_method,
            baseline_date, baseline_value, target_value, original_target, unit_value,
            active, create_uid, write_uid, create_date, write_date)
    SELECT id, initiative_id, company_id, %(report)s + id, 'Hours saved', 'operational',
           'entered', date_from - 1, 100, 110, 110, amount / 8, TRUE, 1, 1, now(), now()
      FROM benefit_realizations;
    SELECT setval('kpi_baselines_id_seq', max(id)) FROM kpi_baselines
"""
_SHARES = """
    INSERT INTO kpi_baseline_share
           (baseline_id, company_id, date_from, share, create_uid, write_uid,
            create_date, write_date)
    SELECT id, company_id, baseline_date + 1, 80, 1, 1, now(), now()
      FROM kpi_baselines
"""
_MEASURED = """
    UPDATE benefit_realizations AS benefit
       SET baseline_id = id, realized_value = 0, has_value = FALSE,
           expected_value = %(months)s * amount
"""
