"""Fills a database with deals of three years, their commissions and ledger, and with
plans that pay for some hundred or thousand deals of this year.

Of five deals three are won, one is lost and one is open; of ten won ones one is shared
by two agents. Each won deal has a confirmed commission, every other one an adjustment.
The plans are each of a company of its own, and have computed all commissions.
"""

from datetime import date, timedelta
from typing import Any

from _rows import SILENT, insert

AGENTS, DAYS_BACK = 40, 3 * 365
PLANS = {"small": 200, "usual": 4_000, "large": 20_000}  # name → deals won
RATE = 0.05


def fill(env: Any, count: int) -> None:
    """Makes everything, in a database with kpi_deal_pipeline and no deal."""
    env = env(context={**env.context, **SILENT})
    company, today = env.company, date.today()
    role = env.ref("kpi_deal_pipeline.kpi_deal_pipeline_group_agent").id
    companies = env["res.company"].create([{"name": name} for name in PLANS])
    agents = env["res.users"].create(
        [
            {
                "name": f"Agent {number}",
                "login": f"agent_{number}",
                "company_id": company.id,
                "company_ids": [(6, 0, (company | companies).ids)],
                "group_ids": [(4, role)],
            }
            for number in range(AGENTS)
        ]
    )
    year = today.replace(month=1, day=1)
    plans = env["kpi.commission.plan"].create(
        [
            {
                "name": each.name,
                "company_id": each.id,
                "currency_id": each.currency_id.id,
                "agent_ids": [(6, 0, agents.ids)],
                "computation": "percentage",
                "rate": RATE,
                "date_from": year if each != company else today - timedelta(DAYS_BACK),
            }
            for each in company | companies
        ]
    )
    plans.state = "active"
    env.flush_all()
    first = 1
    for plan in plans:
        is_whole = plan.company_id == company
        deals = count if is_whole else PLANS[plan.company_id.name]
        values = {
            "agent": min(agents.ids),
            "agents": AGENTS,
            "code": plan.currency_id.name,
            "company": plan.company_id.id,
            "currency": plan.currency_id.id,
            "days": DAYS_BACK if is_whole else (today - year).days,
            "first": first,
            "is_whole": is_whole,
            "last": first + deals - 1,
            "plan": plan.id,
            "rate": RATE,
            "today": today,
        }
        for table, query in _TABLES.items():
            insert(env, table, query, **values)
        first += deals
    env["kpi.commission.event"]._store_worths()
    env.cr.execute("ANALYZE")
    env.invalidate_all()


_COMMISSIONS = """
    FROM agent_deals AS deal
    JOIN agent_commission_records AS commission ON commission.deal_id = deal.id
   WHERE deal.company_id = %(company)s
"""
_TABLES = {
    "agent_deals": """
        SELECT number AS id, gen_random_uuid() AS uuid, 'Deal ' || number AS title,
               TRUE AS active, %(company)s AS company_id,
               %(currency)s AS company_currency_id, %(currency)s AS currency_id,
               %(code)s AS estimated_value_currency,
               %(agent)s + number %% %(agents)s AS agent_id,
               CASE status WHEN 'closed_won' THEN %(agent)s + number %% %(agents)s
               END AS won_by_id,
               'other' AS deal_type, status,
               CASE status WHEN 'open' THEN 'proposal' ELSE status END
               AS pipeline_stage,
               (ARRAY['Referral', 'Fair', 'Web', 'Partner'])[1 + number %% 4]
               AS lead_source,
               1000 + number %% 97 * 100 AS estimated_value_amount,
               0.5 AS confidence, 1000 + number %% 97 * 100 AS company_amount,
               0 AS weighted_amount, FALSE AS is_unpriced,
               CASE WHEN status <> 'open' THEN day END AS actual_close_date,
               day::timestamp - interval '30 days' AS opened_at,
               day::timestamp AS stage_since
          FROM (
            SELECT number, %(today)s::date - 1 - number %% %(days)s AS day,
                   CASE WHEN NOT %(is_whole)s OR number %% 5 < 3 THEN 'closed_won'
                        WHEN number %% 5 = 3 THEN 'closed_lost' ELSE 'open'
                    END AS status
              FROM generate_series(%(first)s, %(last)s) AS number
          ) AS numbered
    """,
    "kpi_deal_split": """
        SELECT deal.id AS deal_id, 'revenue' AS split_type, 50 AS share_percent,
               %(agent)s + (deal.id + other) %% %(agents)s AS agent_id
          FROM agent_deals AS deal
    CROSS JOIN generate_series(0, 1) AS other
         WHERE deal.company_id = %(company)s AND %(is_whole)s AND deal.id %% 10 = 1
    """,
    "agent_commission_records": """
        SELECT deal.id AS id, deal.id AS deal_id, deal.company_id,
               deal.won_by_id AS agent_id, 'exclusive' AS commission_type,
               'plan' AS rule, %(plan)s AS plan_id, %(plan)s AS terms_id,
               deal.currency_id, %(code)s AS basis_currency,
               deal.estimated_value_amount AS basis_amount, %(rate)s AS commission_rate,
               deal.estimated_value_amount * %(rate)s AS commission_amount,
               CASE WHEN %(is_whole)s THEN 'confirmed' ELSE 'pending' END AS status,
               CASE WHEN %(is_whole)s THEN deal.stage_since END AS confirmed_at,
               deal.actual_close_date AS earned_on, deal.stage_since AS introduced_at
          FROM agent_deals AS deal
         WHERE deal.company_id = %(company)s AND deal.status = 'closed_won'
    """,
    "kpi_commission_step": f"""
        SELECT commission.id AS commission_id, step.*
        {_COMMISSIONS}
    """.replace(
        "WHERE",
        """
    CROSS JOIN LATERAL (VALUES
               (1, 'base', basis_amount, 0, basis_amount, basis_amount),
               (2, 'rate', basis_amount, %(rate)s, commission_amount, commission_amount)
               ) AS step (sequence, kind, basis, factor, amount, total)
         WHERE NOT %(is_whole)s AND
        """,
    ),
    "agent_commission_events": f"""
        SELECT commission.id AS commission_id, commission.company_id,
               commission.agent_id, entry.*, commission.currency_id, 1 AS rate,
               entry.amount AS company_amount, commission.introduced_at AS recorded_at
        {_COMMISSIONS}
    """.replace(
        "WHERE",
        """
    CROSS JOIN LATERAL (
            SELECT 'state' AS kind, 'pending' AS status, commission_amount AS amount
         UNION ALL
            SELECT 'state', 'confirmed', commission_amount WHERE %(is_whole)s
         UNION ALL
            SELECT 'adjustment', 'confirmed', -1
             WHERE %(is_whole)s AND commission.id %% 2 = 0
           ) AS entry
         WHERE
        """,
    ),
}
