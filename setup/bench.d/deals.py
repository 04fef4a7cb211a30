"""Importing a file of 8,000 deals, beside reading it and writing its rows by SQL."""

import base64
import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from odoo.tools import SQL

from _harness import Bench, DifferentResults, Figure, case, check_equal
from _kpis import undo
from _rows import SILENT

# As in public files of sales.
DEALS, AGENTS, PARTNERS = 8_000, 35, 85
DAYS_BACK = 500
TITLES = "reference title agent customer stage opened_at closed value confidence"
STAGES = {
    "Won": "closed_won",
    "Lost": "closed_lost",
    "Qualification": "qualification",
    "Proposal": "proposal",
}
# Half of the deals are won, and one in four is open.
STAGES_OF_ROWS = (*["Won"] * 4, *["Lost"] * 2, "Qualification", "Proposal")
WRITTEN = """
    SELECT deal.external_ref, deal.title, deal.company_id, deal.agent_id,
           deal.partner_id, deal.won_by_id, deal.lost_reason_id, deal.pipeline_stage,
           deal.status, deal.opened_at, deal.stage_since, deal.actual_close_date,
           deal.currency_id, trim_scale(deal.estimated_value_amount),
           trim_scale(deal.confidence), trim_scale(deal.company_amount),
           trim_scale(deal.weighted_amount),
           (SELECT array_agg((from_stage, to_stage, effective_at, changed_by)::text
                             ORDER BY id)
              FROM agent_deal_stage_events WHERE deal_id = deal.id),
           (SELECT array_agg((cause, status, effective_at, changed_by, agent_id,
                              currency_id, trim_scale(estimated_value_amount),
                              trim_scale(confidence), trim_scale(rate),
                              trim_scale(company_amount),
                              trim_scale(weighted_amount))::text ORDER BY id)
              FROM agent_deal_value_events WHERE deal_id = deal.id)
      FROM agent_deals AS deal
     WHERE deal.external_ref IS NOT NULL
  ORDER BY deal.external_ref
"""


@case("deals")
def deal_import_vs_floor(bench: Bench) -> Iterator[Figure]:
    """The importer, from the stored file to the deals with their past, and what it
    cannot do without: reading the text with ``csv``, and one INSERT for each table.

    The importer also says what it cannot read, finds people by their names, checks
    what each deal asks for, logs every step in the audit chains, and derives what KPIs
    count.
    """
    env = bench.env
    content = _make_file(env)
    sides = (lambda: _import(_make_job(env, content)), lambda: _by_hand(env, content))
    found = []
    for run in sides:
        run()
        env.flush_all()
        found.append(env.execute_query(SQL(WRITTEN)))
        undo(env)
    check_equal(*found)
    if len(found[0]) != DEALS:
        raise DifferentResults(f"{len(found[0])} deals were imported")
    ours, by_hand = bench.measure(*sides, before=lambda: undo(env))
    yield Figure("deal_import_vs_floor", ours, "s", by_hand, "<= 5")


def _make_file(env: Any) -> bytes:
    """A file of deals; its agents and customers are made, and committed."""
    env = env(context={**env.context, **SILENT})
    role = env.ref("kpi_deal_pipeline.kpi_deal_pipeline_group_agent").id
    logins = [f"agent_{number}" for number in range(AGENTS)]
    env["res.users"].create(
        [{"name": name, "login": name, "group_ids": [(4, role)]} for name in logins]
    )
    names = [f"Customer {number}" for number in range(PARTNERS)]
    env["res.partner"].create([{"name": name} for name in names])
    env.cr.commit()
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(TITLES.split())
    first = date.today() - timedelta(days=DAYS_BACK)
    for number in range(DEALS):
        stage = STAGES_OF_ROWS[number % len(STAGES_OF_ROWS)]
        opened = first + timedelta(days=number % 350)
        closed = opened + timedelta(days=1 + number % 90)
        writer.writerow(
            [
                f"R{number:05}",
                f"Deal {number}",
                logins[number % AGENTS],
                names[number % PARTNERS],
                stage,
                opened,
                closed if stage in ("Won", "Lost") else "",
                1_000 + number * 37 % 90_000 + number % 4 * 0.25,
                number % 10 * 10,
            ]
        )
    return stream.getvalue().encode()


def _make_job(env: Any, content: bytes) -> Any:
    job = env["kpi.import"].create(
        {
            "file": base64.b64encode(content),
            "file_name": "deals.csv",
            "target_model": "kpi.import.deal",
        }
    )
    job.action_read()
    if job.question:
        raise DifferentResults(f"the file is not understood: {job.question}")
    return job


def _import(job: Any) -> None:
    job._run()
    if job.state != "done" or job.refused_count:
        reason = base64.b64decode(job.refused_file or b"")[-300:]
        raise DifferentResults(job.error or f"rows were refused: {reason}")
    job.env.flush_all()


def _by_hand(env: Any, content: bytes) -> None:
    """What somebody would write who needs it once: names to ids, then three INSERTs."""
    lost = env.ref("kpi_deal_pipeline.crm_lost_reason_not_known").id
    ids = [
        dict(env.execute_query(SQL(query)))
        for query in (
            "SELECT login, id FROM res_users",
            "SELECT name, id FROM res_partner WHERE name IS NOT NULL",
        )
    ]
    rows = csv.DictReader(io.StringIO(content.decode()))
    columns = zip(*(_read_row(row, *ids, lost) for row in rows), strict=True)
    env.cr.execute(GIVEN, [*map(list, columns)])
    company = env.company
    arguments = {
        "company": company.id,
        "currency": company.currency_id.id,
        "code": company.currency_id.name,
    }
    env.cr.execute(SQL(BY_HAND, **arguments))
    env.cr.execute("DROP TABLE by_hand")


def _read_row(row: dict, agents: dict, partners: dict, lost: int) -> tuple:
    stage = STAGES[row["stage"]]
    opened, closed = (
        datetime.fromisoformat(row[name]).replace(hour=12) if row[name] else None
        for name in ("opened_at", "closed")
    )
    return (
        row["reference"],
        row["title"],
        agents[row["agent"]],
        partners[row["customer"]],
        stage,
        lost if stage == "closed_lost" else None,
        opened,
        closed,
        round(float(row["value"]), 2),
        float(row["confidence"]) / 100,
    )


GIVEN = """
    CREATE TEMPORARY TABLE by_hand ON COMMIT DROP AS
    SELECT *
      FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::text[], %s::int[],
                  %s::timestamp[], %s::timestamp[], %s::numeric[], %s::numeric[])
           WITH ORDINALITY
           AS given (external_ref, title, agent_id, partner_id, stage, lost_reason_id,
                     opened_at, closed_at, amount, confidence, number)
"""
BY_HAND = """
    INSERT INTO agent_deals AS deal
           (uuid, external_ref, title, active, company_id, company_currency_id,
            currency_id, estimated_value_currency, partner_id, agent_id, won_by_id,
            deal_type, pipeline_stage, status, lost_reason_id, estimated_value_amount,
            confidence, company_amount, weighted_amount, is_unpriced,
            actual_close_date, opened_at, stage_since, create_uid, create_date,
            write_uid, write_date)
    SELECT gen_random_uuid(), external_ref, title, TRUE, %(company)s, %(currency)s,
           %(currency)s, %(code)s, partner_id, agent_id,
           CASE WHEN stage = 'closed_won' THEN agent_id END, 'other', stage,
           CASE WHEN closed_at IS NULL THEN 'open' ELSE stage END, lost_reason_id,
           amount, confidence, amount,
           CASE WHEN closed_at IS NULL THEN amount * confidence ELSE 0 END, FALSE,
           closed_at::date, opened_at, coalesce(closed_at, opened_at), 1,
           now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
      FROM by_hand
  ORDER BY number
        ON CONFLICT (company_id, external_ref) WHERE external_ref IS NOT NULL
        DO UPDATE SET title = excluded.title, partner_id = excluded.partner_id,
                      agent_id = excluded.agent_id, status = excluded.status,
                      pipeline_stage = excluded.pipeline_stage,
                      estimated_value_amount = excluded.estimated_value_amount,
                      confidence = excluded.confidence;

    INSERT INTO agent_deal_stage_events
           (deal_id, changed_by, recorded_at, effective_at, from_stage, to_stage)
    SELECT deal.id, 1, now() AT TIME ZONE 'UTC', event.*
      FROM by_hand
      JOIN agent_deals AS deal
           ON (deal.company_id, deal.external_ref) = (%(company)s, by_hand.external_ref)
CROSS JOIN LATERAL (
            SELECT by_hand.opened_at, NULL,
                   CASE WHEN closed_at IS NULL THEN stage ELSE 'lead_captured' END
         UNION ALL
            SELECT closed_at, 'lead_captured', stage WHERE closed_at IS NOT NULL
           ) AS event
  ORDER BY number, event.opened_at;

    INSERT INTO agent_deal_value_events
           (deal_id, changed_by, recorded_at, effective_at, cause, status,
            estimated_value_amount, currency_id, confidence, agent_id, rate,
            company_amount, weighted_amount)
    SELECT deal.id, 1, now() AT TIME ZONE 'UTC', event.*, amount, %(currency)s,
           by_hand.confidence, by_hand.agent_id, 1, amount, amount * by_hand.confidence
      FROM by_hand
      JOIN agent_deals AS deal
           ON (deal.company_id, deal.external_ref) = (%(company)s, by_hand.external_ref)
CROSS JOIN LATERAL (
            SELECT by_hand.opened_at, 'opened', 'open'
         UNION ALL
            SELECT closed_at, 'changed', stage WHERE closed_at IS NOT NULL
           ) AS event
  ORDER BY number, event.opened_at
"""
