"""What the tiles of a dashboard show, read by a fixed number of statements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from odoo.fields import Domain
from odoo.tools import SQL

from ...engine import periods as calendars
from ..core.kpi_report_current import SPARKLINE_PERIODS
from ..core.kpi_report_judged import Judging, KnownRows
from ..core.kpi_report_values import wanted_periods
from ..core.kpi_target_evaluation import target_rows
from .parts import Parts
from .reading_group import Group
from .scopes import named_scopes, visible_scopes
from .shown_kpi import shown_kpis

A_YEAR = {"day": 372, "week": 54, "month": 13, "quarter": 5, "year": 2}


@dataclass(frozen=True)
class _Wanted:
    """KPIs of one kind, ``ShownKpi``, and the periods to read of them.

    :param shown: periods shown, oldest first
    :param fine: those of the facts; the same list where these are kept in periods shown
    :param ends: report id → its last period
    """

    calendar: object
    reports: list
    shown: list
    fine: list
    ends: dict

    @cached_property
    def ids(self):
        return [report.id for report in self.reports]

    def start_of(self, report_id):
        """First day of the last period of a KPI; None where it is not of these."""
        end = self.ends.get(report_id)
        return end and end.start


@dataclass
class Reading:
    """The KPIs that a person sees in ``tiles``, and their numbers.

    :param env: of whoever looks
    :param tiles: dicts, as ``_layout`` returns them
    :param options: ``Options``
    :param company: the one that is shown where nothing else is asked for
    """

    env: object
    tiles: list
    options: object
    company: object

    def __post_init__(self):
        self.places = {}  # report id → (group, row, place of its period)
        self.groups = []
        self._by_type = defaultdict(list)  # of a scope → KPIs
        self._tile_reports = {}
        self._kinds = {}
        self._calendars = {}
        self._units = {}
        self.drawn_kpis = {}  # report id → its numbers as tiles show them
        self._entries = {}  # report id → when its shown value came, id of its author
        self._load()

    def _load(self):
        self.scope = self.options.scope or ("company", self.company.id)
        self.reports = self._read_reports()
        if self._is_elsewhere():
            self.scope = self._widest_scope()
            self.reports = self._read_reports()
        self.by_id = {report.id: report for report in self.reports}
        self._by_definition = self._index()
        self._read_courses()
        self.parts = Parts(self)
        self.crossed_ids = self.parts.narrow() if self.options.cross else set()

    # Which KPIs

    @cached_property
    def _fixed_ids(self):
        return {each for tile in self.tiles for each in tile["report_ids"]}

    @cached_property
    def _filtered_ids(self):
        """The definitions that are shown for what the dashboard is filtered by."""
        return {
            each
            for tile in self.tiles
            if tile["scope_mode"] == "filter"
            for each in tile["definition_ids"]
        }

    def _is_elsewhere(self):
        """Whether the company has none of the KPIs, and nothing else is asked for."""
        if self.options.scope or not self._filtered_ids:
            return False
        return not any(
            report.scope == self.scope and report.definition_id in self._filtered_ids
            for report in self.reports
        )

    def _widest_scope(self):
        """The first that the user sees; the company where there is none."""
        first = visible_scopes(self.env, self._filtered_ids, limit=1)
        return first[0].key if first else self.scope

    @cached_property
    def shown_scopes(self):
        """Type and id of what is shown, of what each KPI is tracked for, and of those
        who entered the values shown → it.
        """
        people = {user_id for _moment, user_id in self._entries.values() if user_id}
        wanted = {self.scope, *(report.scope for report in self.reports)}
        wanted |= {("user", user_id) for user_id in people}
        # Who sees a KPI sees whom it is for, and who entered its values: also a
        # colleague of another company.
        return named_scopes(self.env, wanted)

    def scope_of(self, report):
        """What a KPI is tracked for; None where it is gone."""
        return self.shown_scopes.get(report.scope)

    @property
    def scope_name(self):
        """Of what is shown."""
        shown = self.shown_scopes.get(self.scope)
        return shown.name if shown else ""

    def _read_reports(self):
        """``ShownKpi`` of all tiles that the user may see, by one statement."""
        asked = defaultdict(set)
        for tile in self.tiles:
            if tile["scope_mode"] == "filter":
                asked[self.scope].update(tile["definition_ids"])
            elif tile["scope_mode"] == "each":
                asked[tile["scope_type"], None].update(tile["definition_ids"])
        domains = [Domain("id", "in", list(self._fixed_ids))]
        for (scope_type, scope_id), definition_ids in asked.items():
            domain = Domain("definition_id", "in", list(definition_ids))
            domain &= Domain("scope_type", "=", scope_type)
            if scope_id is not None:
                domain &= Domain("scope_id", "=", scope_id)
            domains.append(domain)
        return shown_kpis(self.env, Domain.OR(domains))

    def _index(self):
        """(definition id, type and id of a scope) → KPI; the user's company first."""
        found = {}
        own = self.env.company.id
        for report in sorted(self.reports, key=lambda kpi: kpi.company_id == own):
            found[report.definition_id, report.scope] = report
            self._by_type[report.scope_type].append(report)
        return found

    def reports_of(self, tile):
        """The KPIs of a tile in their order; those not visible are left out."""
        if tile["id"] not in self._tile_reports:
            reports = getattr(self, f"_shown_{tile['scope_mode']}")(tile)
            self._tile_reports[tile["id"]] = reports
        return self._tile_reports[tile["id"]]

    def _shown_fixed(self, tile):
        found = map(self.by_id.get, tile["report_ids"])
        return [report for report in found if report]

    def _shown_filter(self, tile):
        keys = ((each, self.scope) for each in tile["definition_ids"])
        found = map(self._by_definition.get, keys)
        return [report for report in found if report]

    def _shown_each(self, tile):
        wanted = set(tile["definition_ids"])
        known = self._by_type[tile["scope_type"]]
        found = [report for report in known if report.definition_id in wanted]
        return sorted(found, key=lambda report: report.id)

    @property
    def start(self):
        """A day of the period asked for, never in the future."""
        today = self.groups[0].today if self.groups else date.max
        return self.options.start and min(self.options.start, today)

    # Their numbers

    def _read_courses(self):
        """Values and judgements of all KPIs: three statements, whatever periods."""
        by_kind = defaultdict(list)
        for report in self.reports:
            kind = self._kind_of(report)
            if kind:
                by_kind[kind].append(report)
        wanted = [self._wanted(*kind, reports) for kind, reports in by_kind.items()]
        wanted = [each for each in wanted if each.shown]
        if not wanted:
            return
        known = self._known_rows(wanted)
        for each in wanted:
            self._add_group(each, known)

    def _calendar(self, calendar_id):
        if calendar_id not in self._calendars:
            # Periods are no secret to those who see a KPI in them.
            calendar = self.env["kpi.calendar"].sudo().browse(calendar_id)
            self._calendars[calendar_id] = calendar
        return self._calendars[calendar_id]

    def _kind_of(self, report):
        """Calendar, grain shown and grain of the facts; None where it is not shown."""
        alike = (
            report.calendar_id,
            report.frequency,
            report.coarsest_grain,
            report.aggregation_time in ("none", "formula"),
        )
        if alike not in self._kinds:
            self._kinds[alike] = self._kind(*alike)
        return self._kinds[alike]

    def _kind(self, calendar_id, frequency, coarsest_grain, has_longer_facts):
        calendar = self._calendar(calendar_id)
        grain = self.options.grain or frequency
        spec = calendar._spec()
        if grain not in calendars.longer_grains(spec, frequency, coarsest_grain):
            return None
        return calendar, grain, grain if has_longer_facts else frequency

    def _wanted(self, calendar, grain, kept_grain, reports):
        """The periods in which KPIs of one kind are to be shown and read."""
        ends, periods = {}, {}
        today = calendar._today()
        for report in reports:
            day = self._day_of(report, grain, today)
            if day not in periods:
                periods[day] = calendar._period(grain, day)
            ends[report.id] = periods[day]
        spec = calendar._spec()
        first = min(periods.values(), key=lambda period: period.start)
        last = max(periods.values(), key=lambda period: period.start)
        count = max(self._span, A_YEAR[grain], SPARKLINE_PERIODS)
        try:
            first = calendars.previous(spec, first, count - 1)
        except calendars.PeriodError:  # the calendar begins in 1900
            first = calendar._period(grain, calendars.FIRST_DAY)
        shown = fine = calendar._periods(grain, first.start, last.start)
        if kept_grain != grain:
            fine = calendar._periods_within(kept_grain, shown)
        return _Wanted(calendar, reports, shown, fine, ends)

    def _day_of(self, report, grain, today):
        """A day of the period that a KPI is shown for."""
        if self.options.start:
            return min(self.options.start, today)
        if self.options.grain:
            return today
        return report.current_period_start or today

    @cached_property
    def _span(self):
        return max((tile["periods"] for tile in self.tiles), default=1)

    def _known_rows(self, wanted):
        """``KnownRows`` of all KPIs, and who entered the values shown."""
        reports = self._records([each_id for each in wanted for each_id in each.ids])
        by_ids = [(each.ids, each.fine) for each in wanted]
        facts = self._fact_rows(by_ids, wanted)
        for each in wanted:
            if each.fine is each.shown:
                self._entries |= {
                    row[0]: row[4:]
                    for row in facts
                    if row[4] and row[1] == each.start_of(row[0])
                }
        kept = reports._kept_rows(by_ids, with_judgements=False)
        return KnownRows(reports.ids, facts, target_rows(reports), kept)

    def _records(self, report_ids):
        """KPIs that the user sees, by ``_read_reports``, as the engine judges them."""
        # What a KPI is judged by is no secret to those who see it.
        return self.env["kpi.report"].sudo().browse(report_ids)

    def _fact_rows(self, by_ids, wanted):
        """As ``_fact_rows`` of KPIs; of shown values also when and by whom entered."""
        ends = {end.start for each in wanted for end in each.ends.values()}
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, value, weight,
                       CASE WHEN period_start = ANY(%(ends)s) THEN recorded_at END,
                       CASE WHEN period_start = ANY(%(ends)s)
                             AND source IN ('manual', 'import')
                            THEN recorded_by_id END
                  FROM kpi_measurement
                 WHERE %(wanted)s
                """,
                ends=list(ends),
                wanted=wanted_periods(by_ids),
            )
        )

    def _add_group(self, wanted, known):
        course = self._records(wanted.ids)._course(
            wanted.shown,
            wanted.fine,
            known=known,
            with_corrections=True,
            judging=Judging(wanted.calendar, wanted.reports),
        )
        place_of = {period.start: at for at, period in enumerate(wanted.shown)}
        places = [place_of[wanted.start_of(report_id)] for report_id in wanted.ids]
        group = Group(
            wanted.calendar,
            wanted.shown[0].grain,
            course,
            wanted.calendar._today(),
            np.array([kpi.aggregation_time == "sum" for kpi in wanted.reports]),
            np.array(places),
        )
        self.groups.append(group)
        for row, (report_id, place) in enumerate(zip(wanted.ids, places, strict=True)):
            self.places[report_id] = group, row, place

    def gauge_of(self, tile, report):
        """How a KPI is drawn in a tile; all gauges are read at once."""
        gauge_id = tile["gauge_widget_id"] or report.gauge_widget_id
        gauge = self._gauges.browse(gauge_id or ())
        return gauge.with_prefetch(self._gauges._prefetch_ids)

    @cached_property
    def _gauges(self):
        chosen = {tile["gauge_widget_id"] for tile in self.tiles}
        usual = {report.gauge_widget_id for report in self.reports}
        # How a KPI is drawn is no secret to those who see it.
        gauges = self.env["kpi.gauge.widget"].sudo()
        return gauges.browse((chosen | usual) - {None})

    def unit(self, report):
        """The unit as the client's and the server's formatting take it."""
        if report.definition_id not in self._units:
            self._units[report.definition_id] = report.unit_description()
        return self._units[report.definition_id]

    # What people said

    def entered(self, report):
        """When the shown value of a KPI was recorded, and by whom it was entered."""
        moment, user_id = self._entries.get(report.id, (report.last_measured_at, None))
        who = self.shown_scopes.get(("user", user_id))
        return moment, who.name if who else ""

    @cached_property
    def notes(self):
        """Report id → notes (id, day, text, author) about it, earliest first."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT note.report_id, note.id, note.date, note.text, partner.name
                  FROM kpi_annotation AS note
                  JOIN res_users AS person ON person.id = note.user_id
                  JOIN res_partner AS partner ON partner.id = person.partner_id
                 WHERE note.report_id = ANY(%s)
              ORDER BY note.date, note.id
                """,
                list(self.places),
            )
        )
        found = defaultdict(list)
        for report_id, *said in rows:
            found[report_id].append(said)
        return found
