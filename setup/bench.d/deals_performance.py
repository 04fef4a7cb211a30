"""The daily numbers of all agents, beside plain SQL over the same events."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from odoo.tools import SQL

from _harness import Bench, Figure, case, check_equal

DAYS_BACK = 200
COMPARED = (
    "deals_open",
    "deals_closed_won",
    "gross_pipeline_value",
    "weighted_pipeline_value",
    "avg_cycle_days",
    "conversion_rate",
)
OPEN_BY_STAGE = """
    (SELECT jsonb_object_agg(key, value->'deals')
       FROM jsonb_each(snapshot_context->'open_by_stage'))
"""
# What somebody would write who needs these numbers once; each deal as it stood then.
BY_HAND = """
    CREATE TEMPORARY TABLE by_hand ON COMMIT DROP AS
    WITH worth AS MATERIALIZED (
        SELECT DISTINCT ON (deal_id)
               deal_id, status, agent_id, company_amount, weighted_amount, effective_at
          FROM agent_deal_value_events
         WHERE effective_at < %(end)s AND recorded_at < %(end)s
      ORDER BY deal_id, effective_at DESC, id DESC
    ),
    standing AS (
        SELECT DISTINCT ON (deal_id) deal_id, to_stage
          FROM agent_deal_stage_events
         WHERE effective_at < %(end)s AND recorded_at < %(end)s
      ORDER BY deal_id, effective_at DESC, id DESC
    ),
    counted AS (
        SELECT agent_id, to_stage, count(*) AS deals
          FROM worth
          JOIN standing USING (deal_id)
         WHERE status = 'open'
      GROUP BY agent_id, to_stage
    ),
    stages AS (
        SELECT agent_id, jsonb_object_agg(to_stage, deals) AS open_by_stage
          FROM counted
      GROUP BY agent_id
    )
    SELECT agent_id,
           count(*) FILTER (WHERE worth.status = 'open') AS deals_open,
           count(*) FILTER (WHERE worth.status = 'closed_won') AS deals_closed_won,
           coalesce(sum(worth.company_amount) FILTER (WHERE worth.status = 'open'), 0)
               AS gross_pipeline_value,
           coalesce(sum(worth.weighted_amount) FILTER (WHERE worth.status = 'open'), 0)
               AS weighted_pipeline_value,
           round(avg(extract(epoch FROM effective_at - opened_at)) FILTER (
               WHERE worth.status = 'closed_won') / 86400, 2) AS avg_cycle_days,
           round(count(*) FILTER (WHERE worth.status = 'closed_won')::numeric
                 / nullif(count(*) FILTER (
                     WHERE worth.status IN ('closed_won', 'closed_lost')), 0), 4)
               AS conversion_rate,
           open_by_stage
      FROM worth
      JOIN (SELECT id, opened_at FROM agent_deals) AS deal ON deal.id = worth.deal_id
 LEFT JOIN stages USING (agent_id)
  GROUP BY agent_id, open_by_stage
"""


@case("deals")
def deals_performance(bench: Bench) -> Iterator[Figure]:
    """A day in the past, of 500 agents."""
    env = bench.env
    day = date.today() - timedelta(days=DAYS_BACK)
    rows = env["kpi.agent.performance"]
    end = rows._day_end(env.company, day)
    env.cr.rollback()
    yield bench.compare(
        "snapshot_vs_sql",
        ours=lambda: _taken(rows, day),
        reference=lambda: _by_hand(env, end),
        same=check_equal,
        before=env.cr.rollback,
        target="<= 2",
    )


def _taken(rows: Any, day: date) -> list[tuple]:
    rows._take(day, rows.env.company)
    return rows.env.execute_query(
        SQL(
            "SELECT agent_id, %s, %s FROM %s WHERE as_of_date = %s ORDER BY 1",
            _columns(),
            SQL(OPEN_BY_STAGE),
            SQL.identifier(rows._table),
            day,
        )
    )


def _by_hand(env: Any, end: Any) -> list[tuple]:
    env.cr.execute(SQL(BY_HAND, end=end))
    return env.execute_query(
        SQL("SELECT agent_id, %s, open_by_stage FROM by_hand ORDER BY 1", _columns())
    )


def _columns() -> SQL:
    return SQL(", ").join(map(SQL.identifier, COMPARED))
