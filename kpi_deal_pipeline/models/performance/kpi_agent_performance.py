import logging
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.rights import search_by

from ... import roles
from ..commission.kpi_commission_event import SETTLED
from ..deal.kpi_deal_stage_event import FIXED

EARNINGS = roles.AGENT
YEAR = 365  # days that yearly figures look back
_logger = logging.getLogger(__name__)
# What was recorded before a day ended is committed by then, long imports too.
GRACE = timedelta(hours=1)
MOST_DAYS = 92  # that a night catches up with
KEY = ("agent_id", "as_of_date", "company_id")
MEASURED = (
    "deals_open",
    "deals_closed_won",
    "gross_pipeline_value",
    "weighted_pipeline_value",
    "avg_cycle_days",
    "conversion_rate",
    "confirmed_commission_amount",
    "disputed_commission_amount",
    "roi_metrics",
    "snapshot_context",
)
BOUNDS = ("currency_id", "day_end_at", "known_at")


class KpiAgentPerformance(models.Model):
    """Performance of an agent at the end of a day of the company, made from the events.

    What is counted took effect before ``day_end_at`` and was known before ``known_at``:
    from those two any row can be made again at any time, whatever came later.

    Amounts are in the company's currency at the rates of the events, rounded once.
    """

    _name = "kpi.agent.performance"
    _description = "Agent Performance"
    _table = "agent_performance_snapshots"
    _inherit = ["kpi.readonly.mixin", "kpi.dated.mixin"]
    _order = "as_of_date desc, agent_id"
    _rec_name = "agent_id"

    agent_id = fields.Many2one("res.users", **FIXED)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", **FIXED)
    as_of_date = fields.Date("Day", required=True, readonly=True)
    day_end_at = fields.Datetime(
        "End of Day",
        required=True,
        readonly=True,
        help="End of day in the company's time zone.",
    )
    known_at = fields.Datetime(
        "Recorded Until",
        required=True,
        readonly=True,
        help="Later records are not included.",
    )
    is_final = fields.Boolean(
        "Final",
        compute="_compute_is_final",
        search=search_by("_get_final_domain"),
        help="Covers the full day, as recorded at its end.",
    )
    deals_open = fields.Integer("Open Deals", readonly=True)
    deals_closed_won = fields.Integer(
        "Won Deals", readonly=True, help="Excludes reopened deals."
    )
    gross_pipeline_value = fields.Monetary(
        "Pipeline", readonly=True, help="Value of the open deals."
    )
    weighted_pipeline_value = fields.Monetary(
        "Weighted Pipeline", readonly=True, help="Value × confidence of the open deals."
    )
    avg_cycle_days = OptionalFloat(
        "Sales Cycle (Days)",
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="Average days from opening to winning, for all won deals.",
    )
    conversion_rate = OptionalFloat(
        "Win Rate",
        digits=(5, 4),
        readonly=True,
        aggregator=None,
        help="Won deals ÷ won and lost deals so far.",
    )
    roi_metrics = fields.Json("Returns", readonly=True, groups=EARNINGS)
    confirmed_commission_amount = fields.Monetary(
        "Approved Commissions",
        readonly=True,
        groups=EARNINGS,
        help="Approved, invoiced or paid, after adjustments.",
    )
    disputed_commission_amount = fields.Monetary(
        "Disputed Commissions", readonly=True, groups=EARNINGS
    )
    snapshot_context = fields.Json("Context", readonly=True, groups=EARNINGS)

    # The agent first: asked for are the days of one agent, or the latest of each.
    _agent_id_as_of_date_company_id_uniq = models.UniqueIndex(
        "(agent_id, as_of_date DESC, company_id)",
        "This agent already has a row for this day.",
    )
    _company_id_as_of_date_idx = models.Index("(company_id, as_of_date DESC)")

    @api.depends("known_at", "day_end_at")
    def _compute_is_final(self):
        for row in self:
            row.is_final = row.known_at == row.day_end_at

    def _get_final_domain(self):
        return Domain.custom(
            to_sql=lambda rows, alias, query: SQL(
                "%s = %s",
                rows._field_to_sql(alias, "known_at", query),
                rows._field_to_sql(alias, "day_end_at", query),
            )
        )

    @api.depends("agent_id", "as_of_date")
    def _compute_display_name(self):
        for row in self:
            # Whose performance it is, is known to who sees the row.
            name = row.sudo().agent_id.name
            row.display_name = f"{name}, {format_day(self.env, row.as_of_date)}"

    def _read_group_select(self, aggregate_spec, query):
        """Of several days the mean of their sums: states do not add up."""
        selected = super()._read_group_select(aggregate_spec, query)
        if ":sum" in aggregate_spec:
            day = self._field_to_sql(self._table, "as_of_date", query)
            selected = SQL("%s / count(DISTINCT %s)::numeric", selected, day)
        return selected

    @api.model
    def _performance_sql(self, moment):
        """SELECT of the columns of a row for each agent of some companies.

        Open deals count for their agent, closed ones for who closed them.

        :param moment: a ``Moment``
        """
        return SQL(
            """
            WITH companies AS MATERIALIZED (
                SELECT company.id AS company_id, company.currency_id,
                       currency.decimal_places AS digits
                  FROM res_company AS company
                  JOIN res_currency AS currency ON currency.id = company.currency_id
                 WHERE company.id = ANY(%(companies)s)
            ),
            deals AS MATERIALIZED (%(deals)s),
            commissions AS (%(commissions)s),
            pipeline AS (
                SELECT company_id, agent_id,
                       count(*) FILTER (WHERE status = 'open') AS open_count,
                       sum(company_amount) FILTER (WHERE status = 'open') AS gross,
                       sum(weighted_amount) FILTER (WHERE status = 'open') AS weighted,
                       count(*) FILTER (
                           WHERE status IN ('open', 'closed_won')
                             AND company_amount IS NULL) AS unpriced,
                       count(*) FILTER (WHERE status = 'closed_won') AS won_count,
                       count(*) FILTER (WHERE status = 'closed_lost') AS lost_count,
                       sum(company_amount) FILTER (WHERE status = 'closed_won')
                       AS won_value,
                       avg(extract(epoch FROM cycle)) FILTER (
                           WHERE status = 'closed_won') AS cycle,
                       count(*) FILTER (
                           WHERE status = 'closed_won' AND is_recent)
                       AS recent_won_count,
                       count(*) FILTER (
                           WHERE status = 'closed_lost' AND is_recent)
                       AS recent_lost_count,
                       sum(company_amount) FILTER (
                           WHERE status = 'closed_won' AND is_recent)
                       AS recent_won_value,
                       avg(extract(epoch FROM cycle)) FILTER (
                           WHERE status = 'closed_won' AND is_recent) AS recent_cycle
                  FROM (
                    SELECT company_id, status, company_amount, weighted_amount,
                           CASE WHEN status IN ('closed_won', 'closed_lost')
                                THEN closer_id ELSE agent_id END AS agent_id,
                           cycle, since >= %(year_from)s AS is_recent
                      FROM deals
                  ) AS counted
              GROUP BY company_id, agent_id
            ),
            by_asset_type AS MATERIALIZED (
                SELECT company_id, agent_id,
                       jsonb_object_agg(asset_type, jsonb_build_object(
                           'deals_closed_won', won,
                           'deals_closed_lost', lost,
                           'conversion_rate', round(won::numeric / (won + lost), 4),
                           'won_value_amount', round(won_value, digits)::text)) AS types
                  FROM (
                    SELECT company_id, closer_id AS agent_id,
                           coalesce(asset_type, 'none') AS asset_type,
                           count(*) FILTER (WHERE status = 'closed_won') AS won,
                           count(*) FILTER (WHERE status = 'closed_lost') AS lost,
                           coalesce(sum(company_amount) FILTER (
                               WHERE status = 'closed_won'), 0) AS won_value
                      FROM deals
                     WHERE status IN ('closed_won', 'closed_lost')
                  GROUP BY company_id, closer_id, asset_type
                  ) AS closed
                  JOIN companies USING (company_id)
              GROUP BY company_id, agent_id
            ),
            by_stage AS MATERIALIZED (
                SELECT company_id, agent_id,
                       jsonb_object_agg(to_stage, jsonb_build_object(
                           'deals', deal_count,
                           'value_amount', round(value, digits)::text)) AS stages
                  FROM (
                    SELECT company_id, agent_id, to_stage, count(*) AS deal_count,
                           coalesce(sum(company_amount), 0) AS value
                      FROM (
                        SELECT DISTINCT ON (event.deal_id)
                               deals.company_id, deals.agent_id, deals.company_amount,
                               event.to_stage
                          FROM deals
                          JOIN agent_deal_stage_events AS event
                            ON event.deal_id = deals.deal_id
                           AND event.effective_at < %(end)s
                           AND event.recorded_at < %(known)s
                         WHERE deals.status = 'open'
                      ORDER BY event.deal_id, event.effective_at DESC, event.id DESC
                      ) AS standing
                  GROUP BY company_id, agent_id, to_stage
                  ) AS staged
                  JOIN companies USING (company_id)
              GROUP BY company_id, agent_id
            ),
            earned AS (
                SELECT company_id, agent_id,
                       sum(worth) FILTER (WHERE status IN %(settled)s) AS confirmed,
                       sum(worth) FILTER (WHERE status = 'disputed') AS disputed,
                       sum(unpriced) FILTER (
                           WHERE status IN %(settled)s OR status = 'disputed')
                       AS unpriced,
                       count(payout_seconds) AS paid_count,
                       avg(payout_seconds) AS payout
                  FROM commissions
              GROUP BY company_id, agent_id
            )
            SELECT agent_id, company_id, currency_id, %(day)s::date AS as_of_date,
                   %(end)s::timestamp AS day_end_at, %(known)s::timestamp AS known_at,
                   coalesce(open_count, 0) AS deals_open,
                   coalesce(won_count, 0) AS deals_closed_won,
                   round(coalesce(gross, 0), digits) AS gross_pipeline_value,
                   round(coalesce(weighted, 0), digits) AS weighted_pipeline_value,
                   round(cycle / 86400, 2) AS avg_cycle_days,
                   round(won_count::numeric / nullif(won_count + lost_count, 0), 4)
                   AS conversion_rate,
                   round(coalesce(confirmed, 0), digits) AS confirmed_commission_amount,
                   round(coalesce(disputed, 0), digits) AS disputed_commission_amount,
                   jsonb_build_object(
                       'won_value_amount', round(coalesce(won_value, 0), digits)::text,
                       'won_value_per_commission',
                           round(won_value / nullif(confirmed, 0), 4),
                       'commission_rate', round(confirmed / nullif(won_value, 0), 4),
                       'conversion_by_asset_type', coalesce(types, '{}'),
                       'last_365_days', jsonb_build_object(
                           'deals_closed_won', coalesce(recent_won_count, 0),
                           'deals_closed_lost', coalesce(recent_lost_count, 0),
                           'conversion_rate', round(
                               recent_won_count::numeric
                               / nullif(recent_won_count + recent_lost_count, 0), 4),
                           'avg_cycle_days', round(recent_cycle / 86400, 2),
                           'won_value_amount',
                               round(coalesce(recent_won_value, 0), digits)::text))
                   AS roi_metrics,
                   jsonb_build_object(
                       'deals_closed_lost', coalesce(lost_count, 0),
                       'payout_velocity_days', round(payout / 86400, 2),
                       'commissions_paid', coalesce(paid_count, 0),
                       'commission_per_won_deal',
                           round(confirmed / nullif(won_count, 0), digits)::text,
                       'pipeline_coverage',
                           round(gross / nullif(recent_won_value, 0), 4),
                       'pipeline_coverage_basis', 'won_last_365_days',
                       'open_by_stage', coalesce(stages, '{}'),
                       'unpriced_deals', coalesce(pipeline.unpriced, 0),
                       'unpriced_commissions', coalesce(earned.unpriced, 0))
                   AS snapshot_context
              FROM pipeline
         FULL JOIN earned USING (company_id, agent_id)
         LEFT JOIN by_asset_type USING (company_id, agent_id)
         LEFT JOIN by_stage USING (company_id, agent_id)
              JOIN companies USING (company_id)
            """,
            companies=list(moment.company_ids),
            day=moment.day,
            end=moment.day_end_at,
            known=moment.known_at,
            year_from=moment.day_end_at - timedelta(days=YEAR),
            settled=SETTLED,
            deals=self._deal_states_sql(moment),
            commissions=self.env["kpi.commission.event"]._worths_sql(
                min(moment.known_at, moment.day_end_at), moment.company_ids
            ),
        )

    @api.model
    def _deal_states_sql(self, moment):
        """Each deal as it stood: its last event, since when and with whom it had that
        status.

        Most deals are closed by their last event. Those with several events of being
        closed are looked at event by event, for that of the last change of their
        status; of events at one moment the last one counts. Cycles are counted by the
        clocks of the company: a day with 23 or 25 hours is one.
        """
        # Counted for companies that others may not read, too.
        companies = self.env["res.company"].sudo().browse(moment.company_ids)
        return SQL(
            """
            SELECT last.deal_id, deal.company_id, deal.opened_at, last.status,
                   last.agent_id, last.asset_type, last.company_amount,
                   last.weighted_amount,
                   coalesce(closing.agent_id, last.agent_id) AS closer_id,
                   coalesce(closing.effective_at, last.effective_at) AS since,
                   %(closed_at)s - %(opened_at)s AS cycle
              FROM (
                SELECT DISTINCT ON (deal_id)
                       deal_id, status, agent_id, asset_type, company_amount,
                       weighted_amount, effective_at
                  FROM agent_deal_value_events
                 WHERE %(known)s
              ORDER BY deal_id, effective_at DESC, id DESC
              ) AS last
         LEFT JOIN (
                SELECT DISTINCT ON (deal_id) deal_id, agent_id, effective_at
                  FROM (
                    SELECT deal_id, id, agent_id, effective_at,
                           status IS DISTINCT FROM lag(status) OVER (
                               PARTITION BY deal_id ORDER BY effective_at, id)
                           AS is_change
                      FROM (
                        SELECT DISTINCT ON (deal_id, effective_at)
                               deal_id, id, agent_id, effective_at, status
                          FROM agent_deal_value_events
                         WHERE %(known)s
                      ORDER BY deal_id, effective_at, id DESC
                      ) AS moments
                     WHERE deal_id IN (
                            SELECT deal_id
                              FROM agent_deal_value_events
                             WHERE status IN ('closed_won', 'closed_lost')
                               AND %(known)s
                          GROUP BY deal_id
                            HAVING count(*) > 1)
                  ) AS changes
                 WHERE is_change
              ORDER BY deal_id, effective_at DESC, id DESC
              ) AS closing ON closing.deal_id = last.deal_id
              JOIN (SELECT id, company_id, opened_at FROM agent_deals) AS deal
                ON deal.id = last.deal_id
              JOIN unnest(%(companies)s::integer[], %(zones)s::varchar[])
                   AS zone (company_id, name) ON zone.company_id = deal.company_id
            """,
            known=SQL(
                "effective_at < %s AND recorded_at < %s",
                moment.day_end_at,
                moment.known_at,
            ),
            closed_at=_local_sql(
                SQL("coalesce(closing.effective_at, last.effective_at)")
            ),
            opened_at=_local_sql(SQL("deal.opened_at")),
            companies=list(moment.company_ids),
            zones=[self._zone(company).zone for company in companies],
        )

    @api.model
    def _take(self, day, companies=None, known_at=None):
        """Write the rows of all agents of a day; a statement per time zone.

        The same day again changes nothing. A row that was written when its day ended
        stays as it is: other moments of knowledge replace only those that are not.

        :param companies: default: all
        :param known_at: moment in UTC before which events were recorded; default: the
            end of the day, or now where it has not ended
        :return: how many rows are new or changed
        """
        if companies is None:
            companies = self._companies()
        now = fields.Datetime.now()
        ends = companies.grouped(lambda company: self._day_end(company, day))
        return sum(
            self._write_rows(Moment(those._ids, day, end, known_at or min(end, now)))
            for end, those in ends.items()
        )

    @api.model
    def _companies(self):
        # Everybody's numbers are stored, whoever looks at them.
        return self.env["res.company"].sudo().search([("active", "=", True)])

    @api.model
    def _write_rows(self, moment):
        self._flush_measured()
        changing = (*BOUNDS, *MEASURED)
        columns = (*KEY, *changing)
        statement = SQL(
            """
            WITH measured AS MATERIALIZED (%(measured)s),
            gone AS (
                DELETE FROM agent_performance_snapshots AS kept
                      WHERE kept.company_id = ANY(%(companies)s)
                        AND kept.as_of_date = %(day)s
                        AND kept.known_at <> kept.day_end_at
                        AND NOT EXISTS (
                            SELECT FROM measured
                             WHERE measured.agent_id = kept.agent_id
                               AND measured.company_id = kept.company_id)
            )
            INSERT INTO agent_performance_snapshots AS kept
                   (%(columns)s, create_uid, write_uid, create_date, write_date)
            SELECT %(columns)s, %(user)s, %(user)s, %(now)s, %(now)s
              FROM measured
          ORDER BY agent_id, company_id
                ON CONFLICT (agent_id, as_of_date, company_id) DO UPDATE
               SET (%(changing)s, write_uid, write_date)
                 = (%(excluded)s, excluded.write_uid, excluded.write_date)
             WHERE (%(kept)s) IS DISTINCT FROM (%(excluded)s)
               AND (kept.known_at <> kept.day_end_at
                    OR excluded.known_at = excluded.day_end_at)
            """,
            measured=self._performance_sql(moment),
            companies=list(moment.company_ids),
            day=moment.day,
            columns=_columns(columns),
            changing=_columns(changing),
            excluded=_columns(changing, "excluded"),
            kept=_columns(changing, "kept"),
            user=self.env.uid,
            now=fields.Datetime.now(),
        )
        self.env.cr.execute(statement)
        written = self.env.cr.rowcount
        self.invalidate_model()
        return written

    @api.model
    def _flush_measured(self):
        self.env["kpi.deal"].flush_model(["company_id", "opened_at"])
        self.env["res.company"].flush_model(["currency_id"])
        self.env["res.currency"].flush_model(["decimal_places"])
        self.flush_model()

    def _differences(self):
        """Find where rows differ from what the events give, by row.

        Made again with what was known when they were written: the names of columns,
        none where all is equal. One statement per day and moment of knowledge.
        """
        self._flush_measured()
        found = {}
        known = self.grouped(lambda row: (row.as_of_date, row.day_end_at, row.known_at))
        for moment, rows in known.items():
            # Whose rows are seen was asked before; they are made again as the engine
            # made them.
            names = ("currency_id", *MEASURED)
            statement = SQL(
                """
            SELECT kept.id, array_remove(ARRAY[%(differing)s], NULL)
              FROM agent_performance_snapshots AS kept
         LEFT JOIN (%(measured)s) AS measured
                ON measured.agent_id = kept.agent_id
               AND measured.company_id = kept.company_id
             WHERE kept.id = ANY(%(ids)s)
            """,
                differing=SQL(", ").join(
                    SQL(
                        "CASE WHEN %s IS DISTINCT FROM %s THEN %s END",
                        SQL.identifier("kept", name),
                        SQL.identifier("measured", name),
                        name,
                    )
                    for name in names
                ),
                measured=rows._performance_sql(
                    Moment(rows.sudo().company_id._ids, *moment)
                ),
                ids=rows.ids,
            )
            found |= dict(self.env.execute_query(statement))
        return {row: found[row.id] for row in self}

    @api.model
    def _cron_take(self):
        """Take the days that have ended since, oldest first; each is committed."""
        due = self._days_due()
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for day, companies in sorted(due.items()):
            started = time.monotonic()
            count = repeat_late(self.env, self._take_due, day, companies)
            _logger.info(
                "Performance of agents on %s: %s rows in %.1f s",
                day,
                count,
                time.monotonic() - started,
            )
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _take_due(self, day, companies):
        """Do the work of a day that has ended.

        The first night, and that of each month, averages what was until then.
        """
        count = self._take(day, companies)
        following = day + timedelta(days=1)
        # Maintained by the engine, as the rows are.
        benchmarks = self.env["kpi.performance.benchmark"].sudo()
        if following.day != 1:
            known = benchmarks.search([("cohort", "=", "internal_avg")]).company_id
            companies -= known
        benchmarks._average(following, companies)
        return count

    @api.model
    def _cron_take_today(self):
        """Take the day at hand as far as it is known; the night replaces it."""
        repeat_late(self.env, self._take_today)

    @api.model
    def _take_today(self):
        now = fields.Datetime.now()
        companies = self._companies()
        by_day = companies.grouped(lambda company: self._local_day(company, now))
        for day, those in by_day.items():
            self._take(day, those, now)

    @api.model
    def _days_due(self):
        """Day → companies with deals in which it has ended and is not written yet.

        Of days before the first deal was recorded nothing was known when they ended.
        """
        self.env["kpi.deal"].flush_model(["company_id"])
        self.env["kpi.deal.value.event"].flush_model(["deal_id", "recorded_at"])
        statement = """
            SELECT deal.company_id, min(event.recorded_at)
              FROM agent_deal_value_events AS event
              JOIN agent_deals AS deal ON deal.id = event.deal_id
          GROUP BY deal.company_id
        """
        recorded = dict(self.env.execute_query(SQL(statement)))
        companies = self._companies().filtered(lambda each: each.id in recorded)
        taken = dict(
            self._read_group(
                [("is_final", "=", True)], ["company_id"], ["as_of_date:max"]
            )
        )
        settled = fields.Datetime.now() - GRACE
        due = {}
        for company in companies:
            last = self._local_day(company, settled) - timedelta(days=1)
            first = taken.get(company, last - timedelta(days=1)) + timedelta(days=1)
            first = max(
                first,
                last - timedelta(days=MOST_DAYS - 1),
                self._local_day(company, recorded[company.id]),
            )
            for offset in range((last - first).days + 1):
                day = first + timedelta(days=offset)
                due[day] = due.get(day, companies.browse()) | company
        return due

    @api.model
    def _zone(self, company):
        """The time zone whose days are the company's: that of its KPIs."""
        # The engine counts for companies whose calendars others may not read.
        calendars = self.env["kpi.calendar"].sudo()
        calendar = calendars.search([("company_id", "=", company.id)], limit=1)
        return pytz.timezone(calendar.tz or company.partner_id.tz or "UTC")

    @api.model
    def _local_day(self, company, moment):
        return pytz.utc.localize(moment).astimezone(self._zone(company)).date()

    @api.model
    def _day_end(self, company, day):
        """The moment in UTC at which the company's next day begins."""
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time())
        local = self._zone(company).localize(midnight)
        return local.astimezone(pytz.utc).replace(tzinfo=None)


@dataclass(frozen=True)
class Moment:
    """A day of companies in one time zone, and until when events are known.

    :param day_end_at: when the day ends, in UTC
    :param known_at: what was recorded before, in UTC
    """

    company_ids: tuple[int, ...]
    day: date
    day_end_at: datetime
    known_at: datetime


def _local_sql(moment):
    """SQL of a moment in UTC by the clocks of the company's ``zone``."""
    return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE zone.name)", moment)


def _columns(names, table=None):
    return SQL(", ").join(
        SQL.identifier(table, name) if table else SQL.identifier(name) for name in names
    )
