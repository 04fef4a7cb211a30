"""Fills a database with initiatives, ten benefits of each and their months.

Of ten initiatives one is a programme of the nine others, of seven one is a proposal.
Benefits begin in different months of five years and last 36. Each is measured by a KPI
of its own, with a value in nine of ten of the last 36 months.
"""

from datetime import date
from typing import Any

from _rows import copied, insert

BENEFITS, MONTHS = 10, 36
ROWS_OF_INITIATIVE = 100  # of those asked for: their months are some 360 each


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with kpi_benefits and no initiative."""
    definition = env["kpi.definition"].create(
        {"name": "Hours saved", "code": "hours_saved", "direction": "higher"}
    )
    report = env["kpi.report"].create({"definition_id": definition.id})
    env.flush_all()
    values = {
        "benefits": BENEFITS,
        "company": env.company.id,
        "definition": definition.id,
        "initiatives": max(1, count // ROWS_OF_INITIATIVE),
        "months": MONTHS,
        "owner": env.ref("base.user_admin").id,
        "report": report.id,
        "today": date.today().replace(day=1),
    }
    for table, query in _TABLES.items():
        insert(env, table, query, **values)
    env.cr.execute(_PATHS)
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    env["kpi.baseline"]._rebuild_measured()


# Of each benefit the KPI, its baseline and its share have the number, plus that of the
# KPI all others are copied from, which was made the usual way.
_NUMBERS = "generate_series(1, %(initiatives)s * %(benefits)s) AS number"
_TABLES = {
    "initiatives": """
        SELECT number AS id, 'Initiative ' || number AS name,
               'B-' || number AS reference, %(owner)s AS owner_id,
               %(company)s AS company_id,
               CASE WHEN number %% 10 <> 1 THEN number - (number - 1) %% 10
               END AS parent_id,
               (ARRAY['proposed', 'approved', 'in_delivery', 'live', 'live', 'reviewed',
                      'closed'])[1 + number %% 7] AS status,
               CASE WHEN number %% 7 > 0 THEN %(today)s::date - 2000 END AS approved_on,
               TRUE AS active, number %% 97 * 1000 AS planned_cost,
               number %% 97 * (900 + number %% 300) AS forecast_cost
          FROM generate_series(1, %(initiatives)s) AS number
    """,
    "kpi_initiative_cost": """
        SELECT id AS initiative_id, company_id, planned_cost AS planned,
               forecast_cost AS forecast
          FROM initiatives
    """,
    "kpi_definition": copied(
        "kpi_definition",
        "definition",
        _NUMBERS,
        "'id', original.id + number, 'code', 'hours_saved_' || number",
    ),
    "kpi_report": copied(
        "kpi_report",
        "report",
        _NUMBERS,
        "'id', original.id + number, 'definition_id', %(definition)s + number",
    ),
    "kpi_baselines": """
        SELECT number AS id, initiative_id, %(company)s AS company_id,
               %(report)s + number AS report_id, 'Hours saved' AS name,
               'operational' AS category, 'entered' AS baseline_method,
               first - 1 AS baseline_date, 100 AS baseline_value, 110 AS target_value,
               110 AS original_target, (100 + number %% 900) / 8.0 AS unit_value,
               TRUE AS active
          FROM (SELECT number, 1 + (number - 1) / %(benefits)s AS initiative_id,
                       (%(today)s::date - ((number - 1) / %(benefits)s * 7 %% 60 - 12)
                                          * interval '1 month')::date AS first
                  FROM generate_series(1, %(initiatives)s * %(benefits)s) AS number
               ) AS benefit
    """,
    "kpi_baseline_share": """
        SELECT id AS baseline_id, company_id, baseline_date + 1 AS date_from,
               80 AS share
          FROM kpi_baselines
    """,
    "benefit_realizations": """
        SELECT id, 'Benefit ' || id AS name, initiative_id, company_id,
               %(owner)s AS owner_id, 'cost_reduction' AS benefit_type,
               'cashable' AS money_effect, 100 + id %% 900 AS amount,
               TRUE AS is_recurring, first AS date_from,
               (first + interval '35 months')::date AS date_to,
               'linear' AS ramp_up, 0 AS ramp_months,
               CASE WHEN id %% 31 = 0 THEN 'at_risk' WHEN first < %(today)s
                    THEN 'in_progress' ELSE 'planned' END AS status, TRUE AS active,
               id AS baseline_id, 0 AS realized_value, FALSE AS has_value,
               %(months)s * (100 + id %% 900) AS expected_value
          FROM kpi_baselines
    CROSS JOIN LATERAL (SELECT baseline_date + 1 AS first) AS begun
    """,
    "kpi_benefit_period": """
        SELECT benefit.id AS benefit_id, initiative_id, company_id,
               (date_from + place * interval '1 month')::date AS period_start,
               amount AS planned
          FROM benefit_realizations AS benefit
    CROSS JOIN generate_series(0, %(months)s - 1) AS place
    """,
    "kpi_measurement": """
        SELECT %(report)s + benefit.id AS report_id, 'month' AS grain,
               (%(today)s::date - place * interval '1 month')::date AS period_start,
               100 + (40 + initiative_id * 13 %% 90)
                     * (90 + (benefit.id + place) %% 20) / 1000.0 AS value,
               'manual' AS source, now() AS recorded_at
          FROM benefit_realizations AS benefit
    CROSS JOIN generate_series(1, %(months)s) AS place
         WHERE (benefit.id + place) %% 10 > 0
    """,
}
_PATHS = """
    UPDATE initiatives
       SET parent_path = COALESCE(parent_id || '/', '') || id || '/'
"""
