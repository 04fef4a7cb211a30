"""Fills a database with deals and their whole past: the same for the same arguments.

500 agents in 20 sales teams, 1,000 customers; deals opened over 500 days, each with two
to six stages and two to five values, and the audit entries that go with them; as many
opportunities in Odoo's CRM, in as many stages. People go through the ORM, the many rows
through one INSERT for each table; what the product says of a row is what is logged.
"""

from datetime import datetime, timedelta
from typing import Any

from odoo.tools import SQL

from odoo.addons.kpi_base.engine.audit import GENESIS
from odoo.addons.kpi_base.models.audit.kpi_audit_log import columns_text
from odoo.addons.kpi_deal_pipeline.models.deal.kpi_deal_stage import PIPELINE_STAGES

from rows import SILENT, drop_foreign_keys

AGENTS, TEAMS, PARTNERS = 500, 20, 1_000
DAYS, DAYS_BACK = 500, 600
STAGES = [stage for stage, _label in PIPELINE_STAGES]
FILLED = ("agent_deals", "agent_deal_stage_events", "agent_deal_value_events")
LOGGED = ("audit_logs", "kpi_audit_head", "kpi_deal_stage_interval", "crm_lead")


def fill(env: Any, count: int, now: datetime) -> None:
    """Makes everything, in a database with kpi_deal_pipeline and nothing in it."""
    env = env(context={**env.context, **SILENT})
    agents, teams = _people(env)
    partners = env["res.partner"].create(
        [{"name": f"Customer {number}"} for number in range(PARTNERS)]
    )
    env.flush_all()
    keys = drop_foreign_keys(env, [*FILLED, *LOGGED])
    arguments = {
        "agents": agents.ids,
        "company": env.company.id,
        "currency": env.company.currency_id.id,
        "deals": count,
        "partners": partners.ids,
        "start": now.date() - timedelta(days=DAYS_BACK),
        "teams": teams.ids,
    }
    _insert_deals(env, arguments)
    _insert_events(env, arguments)
    _insert_history(env)
    env["kpi.deal.stage.interval"]._rebuild()
    _insert_leads(env, arguments)
    for table in ("agent_deals", "audit_logs"):
        env.cr.execute(
            SQL(
                "SELECT setval(%s, (SELECT max(id) FROM %s))",
                f"{table}_id_seq",
                SQL.identifier(table),
            )
        )
    for statement in keys:
        env.cr.execute(statement)
    env.invalidate_all()


def _people(env):
    role = env.ref("kpi_deal_pipeline.kpi_deal_pipeline_group_agent")
    agents = env["res.users"].create(
        [
            {
                "name": f"Agent {number}",
                "login": f"agent_{number}",
                "group_ids": [(4, role.id)],
            }
            for number in range(AGENTS)
        ]
    )
    teams = env["crm.team"].create(
        [{"name": f"Team {number}"} for number in range(TEAMS)]
    )
    return agents, teams


def _insert_deals(env, arguments):
    """Deals with the numbers 1, 2, …: what follows is computed from the number."""
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
            SELECT number AS id,
                   2 + number %% 5 AS stage_count,
                   2 + number %% 4 AS value_count,
                   (%(agents)s::integer[])[1 + number %% %(agent_count)s] AS agent_id,
                   %(start)s::timestamp + number * 7919 %% %(days)s * interval '1 day'
                       + interval '8 hours' + number %% 3600 * interval '1 second'
                       AS opened_at,
                   CASE number %% 10 WHEN 0 THEN 'closed_won' WHEN 1 THEN 'closed_won'
                        WHEN 2 THEN 'closed_lost' WHEN 3 THEN 'closed_lost'
                        ELSE 'open' END AS status,
                   (ARRAY['office', 'retail', 'industrial', 'land'])[1 + number %% 4]
                       AS asset_type
              FROM generate_series(1, %(deals)s) AS number;

            INSERT INTO agent_deals
                   (id, uuid, title, active, company_id, company_currency_id,
                    currency_id, estimated_value_currency, partner_id, agent_id,
                    won_by_id, team_id, asset_type, deal_type, pipeline_stage, status,
                    estimated_value_amount, confidence, company_amount,
                    weighted_amount, is_unpriced, expected_close_date,
                    actual_close_date, opened_at, stage_since, create_uid,
                    create_date, write_uid, write_date)
            SELECT plan.id, gen_random_uuid(), 'Deal ' || plan.id, TRUE, %(company)s,
                   %(currency)s, %(currency)s,
                   (SELECT name FROM res_currency WHERE id = %(currency)s),
                   (%(partners)s::integer[])[1 + plan.id %% %(partner_count)s],
                   agent_id, CASE WHEN status = 'closed_won' THEN agent_id END,
                   (%(teams)s::integer[])[1 + plan.id %% %(team_count)s],
                   asset_type, 'sell_side', 'lead_captured', status, 0, 0, 0, 0, FALSE,
                   (opened_at + interval '300 days')::date, NULL, opened_at, opened_at,
                   1, opened_at, 1, opened_at
              FROM plan
            """,
            **arguments,
            agent_count=len(arguments["agents"]),
            partner_count=len(arguments["partners"]),
            team_count=len(arguments["teams"]),
            days=DAYS,
        )
    )


def _insert_events(env, arguments):
    """All events in one table, with the columns of both, in the order they happened."""
    env.cr.execute(
        SQL(
            """
            CREATE TEMPORARY TABLE stage_events ON COMMIT DROP AS
            SELECT plan.id AS deal_id, step,
                   CASE WHEN step < stage_count - 1 OR status = 'open'
                             AND (plan.id / 10) %% 8 <> stage_count - 2
                        THEN (%(stages)s::varchar[])[1 + CASE
                             WHEN step < stage_count - 1 THEN step
                             ELSE (plan.id / 10) %% 8 END]
                        WHEN status = 'open'
                        THEN (%(stages)s::varchar[])[1 + stage_count - 1]
                        ELSE status
                   END AS to_stage,
                   opened_at + step * interval '9 days' AS effective_at
              FROM plan, generate_series(0, stage_count - 1) AS step;

            CREATE TEMPORARY TABLE value_events ON COMMIT DROP AS
            SELECT plan.id AS deal_id, step,
                   CASE step WHEN 0 THEN 'opened' ELSE 'changed' END AS cause,
                   CASE WHEN step = value_count - 1 THEN status ELSE 'open' END
                       AS status,
                   asset_type,
                   CASE WHEN step = value_count - 1 AND status <> 'open'
                        THEN opened_at + (stage_count - 1) * interval '9 days'
                        ELSE opened_at + step * interval '7 minutes'
                   END AS effective_at,
                   (1000 + plan.id %% 977 * 1000 + step * 10)::numeric(16, 2)
                       AS estimated_value_amount,
                   (0.1 + (plan.id + step) %% 9 * 0.1)::numeric(4, 2) AS confidence
              FROM plan, generate_series(0, value_count - 1) AS step;

            CREATE TEMPORARY TABLE bench_events ON COMMIT DROP AS
            SELECT row_number() OVER (ORDER BY effective_at, deal_id, is_value, step)
                       AS id,
                   row_number() OVER (
                       PARTITION BY deal_id ORDER BY effective_at, is_value, step)
                       AS seq,
                   happened.*, plan.agent_id, plan.agent_id AS changed_by,
                   %(currency)s AS currency_id, 1::numeric(32, 15) AS rate,
                   estimated_value_amount::numeric(32, 8) AS company_amount,
                   (estimated_value_amount * confidence)::numeric(32, 8)
                       AS weighted_amount,
                   (opened_at + interval '300 days')::date AS expected_close_date,
                   effective_at AS recorded_at
              FROM (
                SELECT deal_id, step, FALSE AS is_value, effective_at,
                       lag(to_stage) OVER (PARTITION BY deal_id ORDER BY step)
                           AS from_stage,
                       to_stage, NULL AS cause, NULL AS status,
                       NULL AS asset_type, NULL::numeric AS estimated_value_amount,
                       NULL::numeric AS confidence
                  FROM stage_events
             UNION ALL
                SELECT deal_id, step, TRUE, effective_at, NULL, NULL, cause, status,
                       asset_type, estimated_value_amount, confidence
                  FROM value_events
                   ) AS happened
              JOIN plan ON plan.id = happened.deal_id;
            """,
            stages=STAGES,
            currency=arguments["currency"],
        )
    )


def _insert_history(env):
    """Entries, ends of the chains, events; and the deals as the last of them say."""
    members = {
        name: env[f"kpi.deal.{name}.event"]._canonical_members_sql(
            env[f"kpi.deal.{name}.event"]._get_audited_members()
        )
        for name in ("stage", "value")
    }
    env.cr.execute(
        SQL(
            """
            INSERT INTO audit_logs
                   (id, model, res_id, seq, event_type, recorded_at, user_id,
                    hash_version, text, previous_hash, hash)
            SELECT id, model, res_id, seq, event_type, recorded_at, user_id,
                   hash_version, text,
                   lag(hash, 1, %(genesis)s) OVER (PARTITION BY res_id ORDER BY seq),
                   hash
              FROM (
                SELECT texts.*,
                       kpi_audit_chain(%(genesis)s, text) OVER (
                           PARTITION BY res_id ORDER BY seq) AS hash
                  FROM (
                    SELECT log.*,
                           %(columns)s || '{' || CASE WHEN event.is_value
                               THEN %(value)s ELSE %(stage)s END
                               || '},"withheld":{}}' AS text
                      FROM bench_events AS event
                      JOIN res_currency AS currency ON currency.id = event.currency_id
                CROSS JOIN LATERAL (
                            SELECT event.id, 'kpi.deal' AS model,
                                   event.deal_id AS res_id, event.seq,
                                   CASE WHEN event.is_value THEN 'deal_value_change'
                                        ELSE 'deal_stage_transition' END AS event_type,
                                   event.recorded_at, event.changed_by AS user_id,
                                   1 AS hash_version
                           ) AS log
                       ) AS texts
                   ) AS linked
          ORDER BY id;

            INSERT INTO kpi_audit_head (model, res_id, seq, previous_hash, hash)
            SELECT DISTINCT ON (res_id) model, res_id, seq, previous_hash, hash
              FROM audit_logs ORDER BY res_id, seq DESC;

            INSERT INTO agent_deal_stage_events
                   (deal_id, changed_by, recorded_at, effective_at, audit_log_id,
                    from_stage, to_stage)
            SELECT deal_id, changed_by, recorded_at, effective_at, id, from_stage,
                   to_stage
              FROM bench_events WHERE NOT is_value ORDER BY id;

            INSERT INTO agent_deal_value_events
                   (deal_id, changed_by, recorded_at, effective_at, audit_log_id, cause,
                    asset_type, estimated_value_amount, currency_id, confidence,
                    agent_id, expected_close_date, status, rate, company_amount,
                   weighted_amount)
            SELECT deal_id, changed_by, recorded_at, effective_at, id, cause,
                   asset_type, estimated_value_amount, currency_id, confidence,
                   agent_id, expected_close_date, status, rate, company_amount,
                   weighted_amount
              FROM bench_events WHERE is_value ORDER BY id;

            UPDATE agent_deals AS deal
               SET pipeline_stage = stage.to_stage, stage_since = stage.effective_at,
                   actual_close_date = CASE WHEN deal.status <> 'open'
                                            THEN stage.effective_at::date END,
                   estimated_value_amount = worth.estimated_value_amount,
                   confidence = worth.confidence,
                   company_amount = worth.company_amount,
                   weighted_amount = CASE WHEN deal.status = 'open'
                                          THEN worth.weighted_amount ELSE 0 END
              FROM (SELECT DISTINCT ON (deal_id) * FROM bench_events
                     WHERE NOT is_value ORDER BY deal_id, step DESC) AS stage
              JOIN (SELECT DISTINCT ON (deal_id) * FROM bench_events
                     WHERE is_value ORDER BY deal_id, step DESC) AS worth
                   USING (deal_id)
             WHERE deal.id = deal_id
            """,
            genesis=GENESIS.hex(),
            columns=columns_text(SQL("log.user_id")),
            **members,
        )
    )


def _insert_leads(env, arguments):
    """As many opportunities as deals, in as many stages with the same of them in
    each."""
    env["crm.stage"].search([]).unlink()
    stages = env["crm.stage"].create(
        [
            {"name": label, "sequence": place, "fold": place > 7, "is_won": place == 8}
            for place, (_stage, label) in enumerate(PIPELINE_STAGES)
        ]
    )
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_lead
                   (name, type, active, company_id, partner_id, partner_name, user_id,
                    team_id, stage_id, priority, probability, automated_probability,
                    expected_revenue, prorated_revenue, date_deadline, date_open,
                    create_uid, create_date, write_uid, write_date)
            SELECT deal.title, 'opportunity', TRUE, deal.company_id, deal.partner_id,
                   'Customer', deal.agent_id, deal.team_id,
                   (%(stage_ids)s::integer[])[
                       array_position(%(stages)s::varchar[], deal.pipeline_stage)],
                   '0', deal.confidence * 100, deal.confidence * 100,
                   deal.estimated_value_amount, deal.weighted_amount,
                   deal.expected_close_date, deal.opened_at,
                   1, deal.opened_at, 1, deal.opened_at
              FROM agent_deals AS deal
          ORDER BY deal.id
            """,
            stage_ids=stages.ids,
            stages=STAGES,
        )
    )
