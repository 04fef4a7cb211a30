"""KPIs of the overview as plain values, which are read faster than records."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from odoo.tools import SQL

from odoo.addons.kpi_base.engine.formatting import unit_description

from ...engine.change import WINDOW, measure_changes
from ...engine.due import is_new
from ...engine.formula import FormulaError, is_comparable_so_far, parse
from ...engine.series import SeriesQuery, SeriesRows, align_facts

CLOSED, RUNNING = "closed", "running"
PLACES = {CLOSED: -2, RUNNING: -1}  # of the periods of a group
# The last closed period, those whose changes are the usual ones, and the running one.
PERIODS = WINDOW + 3


class HomeKpi(NamedTuple):
    """What the overview has to know of a KPI, with what it is made of.

    :param status: as it stands now
    :param twin_key: the same where KPIs are mean and median of the same numbers
    :param is_own: the user is responsible for it
    :param created_at: since when it is tracked, UTC
    :param starts, numbers: first days and values of the latest facts
    """

    id: int
    name: str
    scope_type: str
    scope_name: str
    status: str
    computation_error: str | None
    last_measured_at: object
    created_at: object
    definition_id: int
    kpi_name: str
    aggregation_time: str
    calendar_id: int
    change_days: list | None
    computation: str
    formula: str | None
    currency_id: int | None
    decimals: int
    direction: str
    duration_unit: str | None
    frequency: str
    gauge_widget_id: int | None
    unit: str
    unit_symbol: str | None
    twin_key: str | None
    is_example: bool
    certification: str | None
    is_starred: bool
    is_own: bool
    follower_count: int
    starts: list | None
    numbers: list | None

    @property
    def is_additive(self):
        return self.aggregation_time == "sum"

    @property
    def is_comparable_so_far(self):
        """Whether a formula has, while its period runs, none of whole periods in it."""
        try:
            return not self.formula or is_comparable_so_far(parse(self.formula))
        except FormulaError:
            return True  # stored by hand: it has no new values

    @property
    def is_count(self):
        return self.is_additive and self.unit == "number" and not self.decimals

    @property
    def weight(self):
        """How much a change of it matters to the user beside those of others."""
        is_certified = self.certification == "certified"
        return 1 + self.is_starred + (is_certified + self.is_own) / 2

    @property
    def numbers_key(self):
        """Whose numbers it is of: the same for the mean and the median of them."""
        if not self.twin_key:
            return self.id
        return self.twin_key, self.scope_type, self.scope_name

    def unit_description(self):
        return unit_description(self, self.currency_id)


@dataclass(frozen=True)
class HomeGroup:
    """KPIs of one calendar and one frequency.

    :param periods: oldest first, the last one runs
    """

    calendar: object
    kpis: list[HomeKpi]
    periods: list
    today: object

    @classmethod
    def of(cls, calendar, frequency, kpis, count=PERIODS):
        shown = calendar._latest_periods(frequency, count)
        return cls(calendar, kpis, shown, calendar._today())

    @cached_property
    def values(self):
        """Values in the periods; shape (KPIs, periods), NaN = none."""
        return align_facts(self.rows.facts, self.query)[0]

    @cached_property
    def has_seam(self):
        """Where KPIs are computed otherwise than before; shape (KPIs, periods)."""
        return self.query.find_seams() != ""

    @property
    def is_new(self):
        """Whether no day of the running period is over; a day itself is never new."""
        return is_new(self.periods[PLACES[RUNNING]], self.today)

    @cached_property
    def row_of(self):
        return {kpi.id: row for row, kpi in enumerate(self.kpis)}

    @cached_property
    def query(self):
        ids = [kpi.id for kpi in self.kpis]
        return SeriesQuery(ids, self.kpis, self.periods, self.periods, self.today)

    @cached_property
    def rows(self):
        first = self.periods[0].start
        facts = [
            (kpi.id, start, number, None)
            for kpi in self.kpis
            for start, number in zip(kpi.starts or (), kpi.numbers or (), strict=True)
            if start >= first
        ]
        return SeriesRows(self.query.report_ids, facts, [], [])

    def ratios(self, place):
        """Last changes in multiples of the usual one; shape (KPIs,), NaN = unknown.

        :param place: -1 for the running period, which is compared with closed ones
        """
        return self._measure_changes(place).ratios[:, -1]

    def usual(self, place):
        """How much KPIs usually change until a place; shape (KPIs,), NaN = unknown."""
        return self._measure_changes(place).usual[:, -1]

    def _measure_changes(self, place):
        shown = slice(len(self.periods) + place + 1)
        return measure_changes(self.values[:, shown], seams=self.has_seam[:, shown])


def find_tone(step, direction):
    """Whether a change is good: ``better``, ``worse``, or nothing for a range."""
    if not step or direction == "range":
        return ""
    return "better" if (step > 0) == (direction == "higher") else "worse"


def read_home_kpis(env, query, count=PERIODS):
    """The KPIs of a query, with their latest facts, by one statement.

    :param query: of ``kpi.report``, with the user's rights
    :param count: number of facts
    :return: list of ``HomeKpi``
    """
    for model in (
        "kpi.definition",
        "kpi.report",
        "kpi.team",
        "hr.department",
        "res.users",
    ):
        env[model].flush_model()
    # The name of a scope is part of the KPI's, for whoever sees the KPI.
    names = env(su=True)

    def text(model, alias, name="name"):
        return names[model]._field_to_sql(alias, name)

    rows = env.execute_query(
        SQL(
            """
            SELECT report.id, COALESCE(report.name, ''), report.scope_type,
                   COALESCE(%(department)s, %(team)s, partner.name, company.name, ''),
                   report.status, report.computation_error, report.last_measured_at,
                   report.create_date,
                   definition.id, %(kpi)s, definition.aggregation_time,
                   definition.calendar_id, definition.change_days,
                   definition.computation,
                   CASE WHEN definition.computation = 'formula'
                        THEN definition.formula END,
                   definition.currency_id, COALESCE(definition.decimals, 0),
                   definition.direction, definition.duration_unit,
                   definition.frequency, definition.gauge_widget_id, definition.unit,
                   %(symbol)s,
                   CASE WHEN definition.measure IN ('average', 'median')
                        THEN concat_ws('|', definition.model_name, definition.domain,
                                       definition.date_field, definition.operand,
                                       definition.measure_field,
                                       definition.duration_from_field,
                                       definition.duration_to_field)
                   END,
                   definition.external_source IS NOT DISTINCT FROM 'kpi.example',
                   %(certification)s, star.res_users_id IS NOT NULL,
                   report.owner_id IS NOT DISTINCT FROM %(user)s,
                   COALESCE(follower.count, 0), fact.starts, fact.numbers
              FROM kpi_report AS report
              JOIN kpi_definition AS definition ON definition.id = report.definition_id
              JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
         LEFT JOIN hr_department AS department
                ON department.id = report.department_id
               AND report.scope_type = 'department'
         LEFT JOIN kpi_team AS team
                ON team.id = report.team_id AND report.scope_type = 'team'
         LEFT JOIN res_users AS person
                ON person.id = report.user_id AND report.scope_type = 'user'
         LEFT JOIN res_partner AS partner ON partner.id = person.partner_id
         LEFT JOIN res_company AS company
                ON company.id = report.company_id AND report.scope_type = 'company'
         LEFT JOIN kpi_report_star_rel AS star
                ON star.kpi_report_id = report.id AND star.res_users_id = %(user)s
         LEFT JOIN (
                SELECT res_id, count(*) AS count
                  FROM mail_followers
                 WHERE res_model = 'kpi.report'
              GROUP BY res_id
              ) AS follower ON follower.res_id = report.id
         LEFT JOIN LATERAL (
                SELECT array_agg(newest.period_start) AS starts,
                       array_agg(newest.value) AS numbers
                  FROM (
                    SELECT period_start, value
                      FROM kpi_measurement
                     WHERE report_id = report.id
                       AND grain = definition.frequency
                       AND period_start <= (now() AT TIME ZONE calendar.tz)::date
                  ORDER BY period_start DESC
                     LIMIT %(periods)s
                  ) AS newest
              ) AS fact ON TRUE
             WHERE report.id IN %(ids)s
          ORDER BY report.id
            """,
            department=text("hr.department", "department"),
            team=text("kpi.team", "team"),
            kpi=text("kpi.definition", "definition"),
            symbol=text("kpi.definition", "definition", "unit_symbol"),
            certification=env["kpi.definition"]._certification_sql("definition"),
            user=env.uid,
            periods=count,
            ids=query.subselect(),
        )
    )
    return [HomeKpi._make(row) for row in rows]
