from dataclasses import dataclass, field, replace
from datetime import date

from odoo import models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.periods import Period

# Of a row with its ``sign``: 1 where more is better, -1 where less is, else nothing.
TYPES = {
    "target_met": SQL("CASE WHEN row.status = 'on_target' THEN 'h' ELSE 'm' END"),
    "excellence": SQL("""
        CASE WHEN row.stretch IS NULL THEN 'x'
             WHEN row.sign * (row.value - row.stretch) >= 0 THEN 'h'
             ELSE 'm' END
    """),
    "improvement": SQL("""
        CASE WHEN row.sign * lag(row.value) OVER same IS NULL THEN 'x'
             WHEN row.sign * (round(row.value::numeric, row.decimals)
                  - lag(round(row.value::numeric, row.decimals)) OVER same) > 0 THEN 'h'
             ELSE 'm' END
    """),
    "consistency": SQL("""
        CASE WHEN abs(row.value - row.middle) <= 0.1 * abs(row.middle) THEN 'h'
             ELSE 'm' END
    """),
}
# The facts of a judgement ``held``, by the basis of who asks.
FACTS = {
    "judged": SQL("""
        CROSS JOIN LATERAL (SELECT held.rated_value, held.achievement, held.status)
                AS facts(value, achievement, status)
    """),
    "now": SQL("""
         LEFT JOIN kpi_achievement_correction AS other
                ON other.report_id = held.report_id
               AND other.grain = held.grain
               AND other.period_start = held.period_start
               AND other.is_known
        CROSS JOIN LATERAL (SELECT
          CASE WHEN other.id IS NULL THEN held.rated_value ELSE other.rated_value END,
          CASE WHEN other.id IS NULL THEN held.achievement ELSE other.achievement END,
          CASE WHEN other.id IS NULL THEN held.status ELSE other.status END)
                AS facts(value, achievement, status)
    """),
}


# Both ends of the period of a judgement ``held``.
HELD = (SQL("held.period_start"), SQL("held.period_stop"))


@dataclass(frozen=True)
class Asked:
    """What a decision is about.

    :param company: record of the company, as superuser
    :param calendar: its ``kpi.calendar``
    :param period: a ``Period``
    :param basis: "judged": as it was judged; "now": with what was corrected since
    :param today: local day of the decision
    :param user_ids: people it is asked for; empty: all
    :param known: what was read for it, by what it was read of
    """

    company: models.BaseModel
    calendar: models.BaseModel
    period: Period
    basis: str
    today: date
    user_ids: tuple[int, ...] = ()
    known: dict = field(default_factory=dict, compare=False)

    @property
    def grain(self) -> str:
        return self.period.grain

    @property
    def start(self) -> date:
        return self.period.start

    @property
    def params(self) -> dict:
        """What SQL names of it."""
        return {
            "calendar_id": self.calendar.id,
            "company_id": self.company.id,
            "grain": self.grain,
            "start": self.start,
            "stop": self.period.stop,
        }

    @property
    def ends_sql(self) -> tuple[SQL, SQL]:
        """Both ends of the period."""
        return SQL("%s::date", self.start), SQL("%s::date", self.period.stop)

    def of_people_sql(self, table: str) -> SQL:
        """Condition on the rows of a table, that they are of those asked for."""
        if not self.user_ids:
            return SQL("TRUE")
        column = SQL.identifier(table, "user_id")
        return SQL("%s = ANY(%s)", column, list(self.user_ids))

    def evaluated_sql(self, table, column="user_id", first=None) -> SQL:
        """Condition on the rows of a table, that something may be stored of people.

        :param first: SQL of the first day of what counts; default: the period's
        """
        return self.company.env["kpi.gamification.choice"]._evaluated(
            SQL.identifier(table, column),
            SQL("%s::int", self.company.id),
            SQL("%s::date", self.today),
            first or SQL("%s::date", self.start),
        )


class KpiGamificationOutcome(models.AbstractModel):
    """How periods of people's KPIs went, as SQL: reached, missed, excused, pending.

    Called as superuser: what is decided is the same whoever asks.
    """

    _name = "kpi.gamification.outcome"
    _description = "Period Outcomes"

    def _ask(self, company, period, basis="judged", user_ids=(), calendar=None):
        calendar = calendar or self.env["kpi.calendar"]._company_default(company)
        today = calendar._today()
        self.env.flush_all()
        query = SQL(
            """
            SELECT EXISTS (SELECT FROM kpi_achievement_correction),
                   EXISTS (SELECT FROM kpi_gamification_change WHERE state = 'waiting')
            """
        )
        ((is_corrected, has_changes),) = self.env.execute_query(query)
        basis = basis if is_corrected else "judged"  # the same, and read sooner
        known = {"is_corrected": is_corrected, "changes": has_changes}
        return Asked(company, calendar, period, basis, today, tuple(user_ids), known)

    def _ask_alike(self, asked, period, basis):
        """The same of another period or basis; what was read for it is shared."""
        basis = basis if asked.known["is_corrected"] else "judged"
        return replace(asked, period=period, basis=basis)

    def _reports_sql(self, asked, first, definition_id=None, period=HELD):
        """Condition on a row ``report``: a KPI of somebody who takes part.

        :param first: ``SQL`` of the first day that they have to have taken part on
        :param definition_id: only of this KPI
        :param period: ``SQL`` of both ends of the period that it is asked for
        """
        return SQL(
            """
            %s
            AND report.scope_type = 'user'
            AND report.company_id = %s
            AND %s
            AND %s
            AND %s
            """,
            self._is_tracked_sql(asked, *period),
            asked.company.id,
            SQL("TRUE")
            if definition_id is None
            else SQL("report.definition_id = %s", definition_id or 0),
            asked.of_people_sql("report"),
            asked.evaluated_sql("report", first=first),
        )

    def _status_sql(self, asked):
        """SQL of the status of a judgement ``held`` of ``report``, by its ``facts``."""
        changes = self.env["kpi.gamification.change"]
        has_any = asked.known["changes"]
        return changes._status_sql() if has_any else SQL("facts.status")

    def _is_tracked_sql(self, asked, start, stop):
        """Condition on a row ``report``: it is tracked, or was archived in a period
        without the agreement of another officer.
        """
        if not asked.known["changes"]:
            return SQL("report.active")
        changes = self.env["kpi.gamification.change"]
        return SQL("(report.active OR %s)", changes._archived_sql(start, stop))

    def _judgements_sql(
        self, asked, first=None, last=None, definition_id=None, reports=None
    ):
        """SQL of judgements of KPIs of people who take part, over some periods.

        Columns: ``id``, ``report_id``, ``user_id``, ``period_start``, ``sign`` (as for
        ``TYPES``), ``value``, ``achievement``, ``status``, ``stretch`` and ``outcome``:
        h, m, x or p. Who is away misses nothing; what comes after the day of the
        decision was missed, unless it was entered in time and only waited.

        :param first, last: first days of periods; default: that of ``asked``
        :param definition_id: only of this KPI
        :param reports: another condition than ``_reports_sql``
        """
        first, last = first or asked.start, last or asked.start
        # Few KPIs are found by theirs; all by the day, which has an index of its own.
        is_of_all = definition_id is None and not asked.user_ids
        changes = self.env["kpi.gamification.change"]
        return SQL(
            """
            SELECT fact.*,
                   CASE WHEN fact.is_late THEN 'm'
                        WHEN fact.status = 'on_target' THEN 'h'
                        WHEN fact.is_away THEN 'x'
                        WHEN fact.status IS NOT NULL THEN 'm'
                        WHEN fact.is_entered OR fact.is_archived THEN 'p'
                        ELSE 'x' END AS outcome
              FROM (
                SELECT held.id, held.report_id, report.user_id, held.period_start,
                       held.stretch, kpi.decimals,
                       CASE kpi.direction WHEN 'higher' THEN 1 WHEN 'lower' THEN -1 END
                       AS sign,
                       %(is_away)s AS is_away,
                       %(is_late)s
                       AND (held.rated_at IS NULL
                            OR held.rated_at >= held.period_stop + %(days)s)
                       AS is_late,
                       %(is_entered)s AS is_entered,
                       %(is_archived)s AS is_archived,
                       facts.value, facts.achievement, %(status)s AS status
                  FROM kpi_target_value AS held
                  %(facts)s
                  -- not joined where nothing below asks for it
             LEFT JOIN kpi_report AS report ON report.id = held.report_id
             LEFT JOIN kpi_definition AS kpi ON kpi.id = report.definition_id
                 WHERE held.grain = %(grain)s
                   AND %(day)s BETWEEN %(first)s AND %(last)s
                   AND %(reports)s
              ) AS fact
            """,
            **asked.params,
            first=first,
            last=last,
            day=SQL("held.period_start + 0" if is_of_all else "held.period_start"),
            days=asked.company._get_delay(asked.grain),
            facts=FACTS[asked.basis],
            is_archived=changes._archived_sql(*HELD)
            if asked.known["changes"]
            else SQL("FALSE"),
            status=self._status_sql(asked),
            reports=reports
            or self._reports_sql(asked, SQL("held.period_start"), definition_id),
            **self._read_excuses(asked, first, last),
        )

    def _read_excuses(self, asked, first, last):
        """SQL of who was away most of a period, and of what entries came late, or were
        in time and wait for approval.

        Read now, and once: PostgreSQL knows how little it is. Of other periods it says
        nothing, so that what was read of more of them is as good.
        """
        known = asked.known.setdefault("excuses", [])
        for grains, since, until, sql in known:
            if asked.grain in grains and since <= first and last <= until:
                return sql[asked.grain]
        self._fetch_excuses(asked, (asked.grain,), first, last)
        return known[-1][-1][asked.grain]

    def _fetch_excuses(self, asked, grains, first, last):
        """Read what ``_read_excuses`` answers of periods of several grains at once."""
        absence = self.env["kpi.presence"]._read_absence(
            asked.company,
            grains,
            first,
            last,
            above=0.5,
            user_ids=asked.user_ids,
            calendar=asked.calendar,
        )
        entries = SQL(
            """
            SELECT due.report_id, due.period_start,
                   bool_or(due.state IN ('late', 'overdue')),
                   bool_or(due.state = 'on_time'), due.grain
              FROM (%(dues)s) AS due
             WHERE due.company_id = %(company_id)s
               AND due.grain = ANY(%(grains)s)
               AND due.period_start BETWEEN %(first)s AND %(last)s
               AND due.report_id IN (SELECT id FROM kpi_report AS report
                                      WHERE %(of_people)s)
               AND (due.state IN ('late', 'overdue')
                    OR due.state = 'on_time' AND due.entry_state <> 'approved')
          GROUP BY due.report_id, due.period_start, due.grain
            """,
            dues=self.env["kpi.entry.due"]._table_query,
            company_id=asked.company.id,
            grains=list(grains),
            first=first,
            last=last,
            of_people=asked.of_people_sql("report"),
        )
        rows = self.env.execute_query(entries)
        sql = {}
        for grain in grains:
            away = [
                (user_id, start) for user_id, of, start, _ in absence if of == grain
            ]
            own = [row for row in rows if row[4] == grain]
            late, entered = ([row for row in own if row[at]] for at in (2, 3))
            sql[grain] = {
                "is_away": _among_sql("report.user_id", away),
                "is_late": _among_sql("held.report_id", late),
                "is_entered": _among_sql("held.report_id", entered),
            }
        asked.known.setdefault("excuses", []).append((grains, first, last, sql))

    def _outcomes_sql(self, asked, streak_type, first, *which):
        """SQL of the outcomes of one type of streak: as above, until ``asked``."""
        middle, usual = SQL("NULL::float8"), SQL()
        facts = self._judgements_sql(asked, first, None, *which)
        if streak_type == "consistency":
            middle = SQL("usual.middle")
            # Of the same values: by the same basis, and none of before they came back.
            usual = SQL(
                """
                JOIN (SELECT known.report_id, percentile_cont(0.5) WITHIN GROUP
                             (ORDER BY known.value) AS middle
                        FROM (%s) AS known
                    GROUP BY known.report_id) AS usual USING (report_id)
                """,
                facts,
            )
        return SQL(
            """
            SELECT row.report_id, row.user_id, row.period_start,
                   CASE WHEN row.outcome = 'p' THEN 'p'
                        WHEN row.value IS NULL THEN row.outcome
                        WHEN row.is_late THEN 'm'
                        WHEN row.is_away AND %(outcome)s = 'm' THEN 'x'
                        ELSE %(outcome)s END AS outcome
              FROM (SELECT fact.*, %(middle)s AS middle
                      FROM (%(facts)s) AS fact %(usual)s) AS row
            WINDOW same AS (PARTITION BY row.report_id ORDER BY row.period_start)
            """,
            outcome=TYPES[streak_type],
            middle=middle,
            usual=usual,
            facts=facts,
        )


def _among_sql(column, rows):
    """Condition that ``column`` and the day of ``held`` are the first two of a row."""
    if not rows:
        return SQL("FALSE")
    query = "(%s, held.period_start) IN (SELECT * FROM unnest(%s::int[], %s::date[]))"
    return SQL(query, SQL(column), *([row[at] for row in rows] for at in (0, 1)))
