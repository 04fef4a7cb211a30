import logging
import time
from datetime import datetime, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_agent_performance_statement import Moment

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
    """Writing the rows of a day, and making those of past days again."""

    _inherit = "kpi.agent.performance"

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
            self._write_rows(
                Moment(those._ids, day, end, known_at or min(end, now)),
            )
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
        self.env.cr.execute(
            SQL(
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
        )
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
            statement = rows._comparison_sql(
                Moment(rows.sudo().company_id._ids, *moment)
            )
            found |= dict(self.env.execute_query(statement))
        return {row: found[row.id] for row in self}

    def _comparison_sql(self, moment):
        """SELECT of ids, and the names of the columns that differ."""
        names = ("currency_id", *MEASURED)
        return SQL(
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
            measured=self._performance_sql(moment),
            ids=self.ids,
        )

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
        """Do the work of a day that has ended."""
        return self._take(day, companies)

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
        recorded = self._first_recorded()
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
    def _first_recorded(self):
        """Id of each company with deals → when the first of them was recorded."""
        self.env["kpi.deal"].flush_model(["company_id"])
        self.env["kpi.deal.value.event"].flush_model(["deal_id", "recorded_at"])
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT deal.company_id, min(event.recorded_at)
                      FROM agent_deal_value_events AS event
                      JOIN agent_deals AS deal ON deal.id = event.deal_id
                  GROUP BY deal.company_id
                    """
                )
            )
        )

    @api.model
    def _zone(self, company):
        """The time zone whose days are the company's: that of its KPIs."""
        # The engine counts for companies whose calendars others may not read.
        calendar = (
            self.env["kpi.calendar"]
            .sudo()
            .search([("company_id", "=", company.id)], limit=1)
        )
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


def _columns(names, table=None):
    return SQL(", ").join(
        SQL.identifier(table, name) if table else SQL.identifier(name) for name in names
    )
