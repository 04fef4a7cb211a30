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
from ..core.kpi_zones_mixin import THRESHOLD_FIELDS
from .parts import Parts
from .reading_group import Group, number
from .scopes import named_scopes, visible_scopes

A_YEAR = {"day": 372, "week": 54, "month": 13, "quarter": 5, "year": 2}
REPORT_FIELDS = (
    "name",
    "definition_id",
    "scope_type",
    "scope_id",
    "company_id",
    "frequency",
    "current_period_start",
    "current_period_stop",
    "last_measured_at",
    "computation_error",
)

DEFINITION_FIELDS = (
    "aggregation_scope",
    "aggregation_time",
    "calendar_id",
    "coarsest_grain",
    "computation",
    "currency_id",
    "decimals",
    "direction",
    "duration_unit",
    "frequency",
    "gauge_widget_id",
    "measure",
    "model_name",
    "name",
    "unit",
    "unit_symbol",
)


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
        self._by_type = defaultdict(list)  # of a scope → ids of definition and report
        self._tile_reports = {}
        self._kinds = {}
        self._units = {}
        self._load()

    def _load(self):
        self.scope = self.options.scope or ("company", self.company.id)
        self.reports = self._read_reports()
        if self._is_elsewhere():
            self.scope = self._widest_scope()
            self.reports = self._read_reports()
        # What a KPI is made of is no secret to those who see it.
        made = self.reports.sudo()
        # Without descriptions, filters and all else that definitions hold.
        made.definition_id.fetch(DEFINITION_FIELDS)
        self.made_of = {report.id: report.definition_id for report in made}
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
            (report.scope_type, report.scope_id) == self.scope
            and report.definition_id.id in self._filtered_ids
            for report in self.reports
        )

    def _widest_scope(self):
        """The first that the user sees; the company where there is none."""
        first = visible_scopes(self.env, self._filtered_ids, limit=1)
        return first[0].key if first else self.scope

    @cached_property
    def shown_scopes(self):
        """Type and id of what is shown, and of what each KPI is tracked for → it."""
        wanted = {self.scope, *((kpi.scope_type, kpi.scope_id) for kpi in self.reports)}
        # Who sees a KPI sees whom it is for.
        return named_scopes(self.env, wanted)

    def scope_of(self, report):
        """What a KPI is tracked for; None where it is gone."""
        return self.shown_scopes.get((report.scope_type, report.scope_id))

    @property
    def scope_name(self):
        """Of what is shown."""
        shown = self.shown_scopes.get(self.scope)
        return shown.name if shown else ""

    def _read_reports(self):
        """The KPIs of all tiles that the user may see, by one search."""
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
        domain = Domain.OR(domains) & Domain("definition_id.active", "=", True)
        return self.env["kpi.report"].search_fetch(domain, REPORT_FIELDS, order="id")

    def _index(self):
        """(definition id, type and id of a scope) → KPI; the user's company first."""
        found = {}
        own = self.env.company
        for report in self.reports.sorted(lambda kpi: kpi.company_id == own):
            kpi = self.made_of[report.id]
            found[kpi.id, report.scope_type, report.scope_id] = report
            self._by_type[report.scope_type].append((kpi.id, report.id))
        return found

    def reports_of(self, tile):
        """The KPIs of a tile in their order; those not visible are left out."""
        if tile["id"] not in self._tile_reports:
            ids = getattr(self, f"_ids_{tile['scope_mode']}")(tile)
            self._tile_reports[tile["id"]] = self.reports.browse(ids)
        return self._tile_reports[tile["id"]]

    def _ids_fixed(self, tile):
        return [each for each in tile["report_ids"] if each in self.made_of]

    def _ids_filter(self, tile):
        keys = ((each, *self.scope) for each in tile["definition_ids"])
        found = (self._by_definition.get(key) for key in keys)
        return [report.id for report in found if report]

    def _ids_each(self, tile):
        wanted = set(tile["definition_ids"])
        known = self._by_type[tile["scope_type"]]
        return sorted(report_id for kpi_id, report_id in known if kpi_id in wanted)

    @property
    def start(self):
        """A day of the period asked for, never in the future."""
        today = self.groups[0].today if self.groups else date.max
        return self.options.start and min(self.options.start, today)

    # Their numbers

    def _read_courses(self):
        """Values and judgements of all KPIs: three statements, whatever periods."""
        by_kind = defaultdict(list)
        for report_id, definition in self.made_of.items():
            kind = self._kind_of(definition)
            if kind:
                by_kind[kind].append(report_id)
        wanted = [self._wanted(*kind, reports) for kind, reports in by_kind.items()]
        wanted = [each for each in wanted if each[1]]
        if not wanted:
            return
        known = self.reports._known_rows([(each[0], each[2]) for each in wanted])
        for reports, shown, fine, ends in wanted:
            self._add_group(reports, shown, fine, ends, known)

    def _kind_of(self, definition):
        """Calendar, grain shown and grain of the facts; None where it is not shown."""
        alike = (
            definition.calendar_id,
            definition.frequency,
            definition.coarsest_grain,
            definition.aggregation_time,
        )
        if alike not in self._kinds:
            grain = self.options.grain or definition.frequency
            is_shown = grain in definition._shown_grains()
            self._kinds[alike] = (
                (definition.calendar_id, grain, definition._kept_grain(grain))
                if is_shown
                else None
            )
        return self._kinds[alike]

    def _wanted(self, calendar, grain, kept_grain, report_ids):
        """KPIs of one kind, the periods to show and to read, the last one of each."""
        # As in ``_load``.
        reports = self.reports.sudo().browse(report_ids)
        ends, periods = {}, {}
        today = calendar._today()
        for report in reports:
            day = self._day_of(report, grain, today)
            if day not in periods:
                periods[day] = calendar._period(grain, day)
            ends[report.id] = periods[day]
        spec = calendar._spec()
        first = min(ends.values(), key=lambda period: period.start)
        last = max(ends.values(), key=lambda period: period.start)
        count = max(self._span(reports), A_YEAR[grain], SPARKLINE_PERIODS)
        try:
            first = calendars.previous(spec, first, count - 1)
        except calendars.PeriodError:  # the calendar begins in 1900
            first = calendar._period(grain, calendars.FIRST_DAY)
        shown = fine = calendar._periods(grain, first.start, last.start)
        if kept_grain != grain:
            fine = calendar._periods_within(kept_grain, shown)
        return reports, shown, fine, ends

    def _day_of(self, report, grain, today):
        """A day of the period that a KPI is shown for."""
        if self.options.start:
            return min(self.options.start, today)
        if self.options.grain:
            return today
        return report.current_period_start or today

    def _span(self, reports):
        return max((tile["periods"] for tile in self.tiles), default=1)

    def _add_group(self, reports, shown, fine, ends, known):
        ids = reports.ids
        calendar = reports.definition_id.calendar_id
        group = Group(
            calendar,
            shown[0].grain,
            reports._course(shown, fine, known=known, with_corrections=True),
            calendar._elapsed_ratios(shown),
            calendar._today(),
            np.array([self.made_of[each].aggregation_time == "sum" for each in ids]),
        )
        self.groups.append(group)
        for row, report_id in enumerate(ids):
            place = group.place_of[ends[report_id].start]
            self.places[report_id] = group, row, place

    def gauge_of(self, tile, report):
        """How a KPI is drawn in a tile; all gauges are read at once."""
        if tile["gauge_widget_id"]:
            return self._gauges.browse(tile["gauge_widget_id"]).with_prefetch(
                self._gauges._prefetch_ids
            )
        widget = self.made_of[report.id].gauge_widget_id
        return widget.with_prefetch(self._gauges._prefetch_ids)

    @cached_property
    def _gauges(self):
        chosen = {tile["gauge_widget_id"] for tile in self.tiles} - {None}
        # As in ``_load``.
        usual = self.reports.sudo().definition_id.gauge_widget_id
        return usual | usual.browse(chosen)

    def kpi_name(self, report):
        return self._names[report.id]

    @cached_property
    def _names(self):
        return {each: definition.name for each, definition in self.made_of.items()}

    def unit(self, report):
        """The unit as the client's and the server's formatting take it."""
        definition = self.made_of[report.id]
        if definition.id not in self._units:
            self._units[definition.id] = definition._unit_description()
        return self._units[definition.id]

    def due(self, report):
        """Target, baseline and range due so far, and the zones' thresholds."""
        group, row, place = self.places[report.id]
        targets = group.course.targets
        numbers = {name: number(due[row, place]) for name, due in group.due.items()}
        is_five = targets.is_five[row, place]
        return {
            **{f"due_{name}": each for name, each in numbers.items()},
            "target": number(targets.target[row, place]),
            "zones": None if is_five != is_five else "five" if is_five else "rag",
            **{
                name: number(getattr(targets, name)[row, place])
                for name in THRESHOLD_FIELDS
            },
        }

    # What people said

    @cached_property
    def entered(self):
        """Report id → when its shown value was recorded, and by whom it was entered."""
        return {
            report_id: (moment, who or "")
            for report_id, note_id, moment, _text, who in self._said
            if note_id is None
        }

    @cached_property
    def notes(self):
        """Report id → notes (id, day, text, author) about it, earliest first."""
        found = defaultdict(list)
        for report_id, note_id, moment, text, who in self._said:
            if note_id is not None:
                found[report_id].append((note_id, moment.date(), text, who))
        return found

    @cached_property
    def _said(self):
        """Who entered the values shown, and what was noted, by one statement."""
        shown = [
            (report_id, group.grain, group.periods[place].start)
            for report_id, (group, _row, place) in self.places.items()
        ]
        if not shown:
            return []
        ids, grains, starts = map(list, zip(*shown, strict=True))
        # Who sees a value sees who entered it, also a colleague of another company.
        return self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, NULL::int, fact.recorded_at, NULL::varchar,
                       CASE WHEN fact.source IN ('manual', 'import')
                            THEN partner.name END
                  FROM unnest(%(ids)s::int[], %(grains)s::varchar[], %(starts)s::date[])
                       AS shown(report_id, grain, period_start)
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = shown.report_id
                   AND fact.grain = shown.grain
                   AND fact.period_start = shown.period_start
             LEFT JOIN res_users AS person ON person.id = fact.recorded_by_id
             LEFT JOIN res_partner AS partner ON partner.id = person.partner_id
                 UNION ALL
                SELECT note.report_id, note.id, note.date, note.text, partner.name
                  FROM kpi_annotation AS note
                  JOIN res_users AS person ON person.id = note.user_id
                  JOIN res_partner AS partner ON partner.id = person.partner_id
                 WHERE note.report_id = ANY(%(ids)s)
              ORDER BY 3, 2
                """,
                ids=ids,
                grains=grains,
                starts=starts,
            )
        )
