"""What the tiles of a dashboard show, read by a fixed number of statements: the KPIs
that a person sees, as plain values, whom they are for, and their numbers.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np

from odoo.fields import Domain
from odoo.tools import SQL, groupby

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.formatting import unit_description
from odoo.addons.kpi_tracking.engine.due import is_new
from odoo.addons.kpi_tracking.engine.finding import PAST_PERIODS
from odoo.addons.kpi_tracking.engine.series import SeriesQuery
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import (
    COMBINED_BY,
    OTHER,
)
from odoo.addons.kpi_tracking.models.report.kpi_report import SCOPE_MODELS
from odoo.addons.kpi_tracking.models.report.kpi_report_status import SPARKLINE_PERIODS

from ..engine.parts_of_total import combine_parts, get_part_value
from ..engine.series_group import SeriesGroup

HIDDEN = None  # key of the parts that the viewer may not know
LAST_KEYS = (OTHER, HIDDEN)
A_YEAR = {"day": 372, "week": 54, "month": 13, "quarter": 5, "year": 2}


_HAS_ANY = "EXISTS (SELECT FROM %s AS own WHERE own.report_id = kpi_report.id)"


class ShownKpi(NamedTuple):
    """What a dashboard has to know of a KPI, with what it is made of.

    Without descriptions, filters and all else that reports and definitions hold. Has
    the names of the fields of both: of the report, and from ``definition_id`` on of the
    definition.

    :param kpi_name: of the definition; ``name`` says also whom the KPI is tracked for
    :param has_notes: whether people have said something about it
    :param has_restated: whether values of it became others after they had settled
    """

    id: int
    name: str
    scope_type: str
    scope_id: int
    company_id: int
    frequency: str
    current_period_start: object
    current_period_stop: object
    last_measured_at: object
    computation_error: str | None
    definition_id: int
    kpi_name: str
    aggregation_scope: str
    aggregation_time: str
    calendar_id: int
    change_days: list | None
    coarsest_grain: str | None
    computation: str
    currency_id: int | None
    decimals: int
    direction: str
    duration_unit: str | None
    external_measure: str | None
    external_source: str | None
    gauge_widget_id: int | None
    measure: str
    model_name: str | None
    unit: str
    unit_symbol: str | None
    certification: str | None
    has_notes: bool
    has_restated: bool

    @property
    def scope(self):
        return self.scope_type, self.scope_id

    def unit_description(self):
        return unit_description(self, self.currency_id)


OF_REPORT = ShownKpi._fields[: ShownKpi._fields.index("definition_id") + 1]


def read_visible_kpis(env, domain):
    """The KPIs of ``domain`` that the user sees, by id; none whose definition they do
    not see, or that is archived.

    :return: list of ``ShownKpi``
    """
    env["kpi.definition"].flush_model()
    # The visible queries of the user.
    reports = env["kpi.report"]._search(domain)
    definitions = env["kpi.definition"]._search(Domain("active", "=", True))
    if reports.is_empty() or definitions.is_empty():
        return []
    # What a KPI is made of is no secret to those who see it.
    report, definition = env["kpi.report"].sudo(), env["kpi.definition"].sudo()
    own = {
        "name": SQL("COALESCE(kpi_report.name, '')"),
        "definition_id": SQL("kpi_definition.id"),
        "kpi_name": definition._field_to_sql("kpi_definition", "name"),
        "decimals": SQL("COALESCE(kpi_definition.decimals, 0)"),
        "certification": env["kpi.definition"]._certification_sql("kpi_definition"),
        "has_notes": SQL(_HAS_ANY, SQL.identifier("kpi_annotation")),
        "has_restated": SQL(_HAS_ANY, SQL.identifier("kpi_restatement")),
    }
    columns = [
        own.get(name) or model._field_to_sql(model._table, name)
        for name in ShownKpi._fields
        for model in [report if name in OF_REPORT else definition]
    ]
    rows = env.execute_query(
        SQL(
            """
            SELECT %(columns)s
              FROM %(reports)s, %(definitions)s
             WHERE kpi_definition.id = kpi_report.definition_id
               AND (%(shown)s)
               AND (%(active)s)
          ORDER BY kpi_report.id
            """,
            columns=SQL(", ").join(columns),
            reports=reports.from_clause,
            definitions=definitions.from_clause,
            shown=reports.where_clause or SQL("TRUE"),
            active=definitions.where_clause,
        )
    )
    return [ShownKpi._make(row) for row in rows]


@dataclass(frozen=True)
class Scope:
    """A company, department, team or person that KPIs are tracked for.

    :param path: ids of the departments above and of itself; empty for others
    """

    type: str
    id: int
    name: str
    path: str

    @property
    def key(self):
        return self.type, self.id

    @property
    def depth(self):
        """How many departments are above."""
        return max(self.path.count("/") - 1, 0)

    def as_json(self):
        return {
            "type": self.type,
            "id": self.id,
            "name": self.name,
            "depth": self.depth,
        }


def visible_scopes(env, definition_ids):
    """What these KPIs are tracked for, as far as the user may see them.

    :return: list of ``Scope``, companies first; departments follow the one above
    """
    # With the user's rights: no scope is named that has no KPI of theirs.
    domain = Domain("definition_id", "in", list(definition_ids))
    domain &= Domain("definition_id.active", "=", True)
    # Benchmarks are figures of no one.
    domain &= ~env["kpi.external.source"]._get_reference_domain()
    keys = env["kpi.report"]._read_group(domain, ["scope_type", "scope_id"])
    return [*read_scopes(env, keys).values()]


def read_scopes(env, keys):
    """Type and id → ``Scope``, as ``visible_scopes`` orders them; none that is gone."""
    ids_of = {}
    for scope_type, scope_id in keys:
        ids_of.setdefault(scope_type, []).append(scope_id)
    if not ids_of:
        return {}
    named = []
    for scope_type, ids in ids_of.items():
        # Who sees a KPI sees whom it is for: also a colleague of another company.
        scopes = env[SCOPE_MODELS[scope_type]].sudo().with_context(active_test=False)
        query = scopes._search([("id", "in", ids)])
        id_, name = (
            scopes._field_to_sql(query.table, each, query) for each in ("id", "name")
        )
        path = SQL("''")
        if scope_type == "department":
            path = scopes._field_to_sql(query.table, "parent_path")
        named.append(query.select(SQL("%s", scope_type), id_, name, path))
    rows = env.execute_query(
        SQL(
            """
            SELECT *
              FROM (%s) AS scope (type, id, name, path)
          ORDER BY array_position(%s, type), string_to_array(path, '/'), name, id
            """,
            SQL(" UNION ALL ").join(named),
            list(SCOPE_MODELS),
        )
    )
    return {
        (scope_type, id_): Scope(scope_type, id_, name, path or "")
        for scope_type, id_, name, path in rows
    }


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
        self.positions = {}  # report id → (group, row, index of its period)
        self.groups = []
        self._by_type = defaultdict(list)  # of a scope → KPIs
        self._tile_reports = {}
        self._units = {}
        self.built_kpis = {}  # report id → its numbers as tiles show them
        self._entries = {}  # report id → when its shown value came, id of its author
        self._added = {}  # what addons have read
        sources = self.env["kpi.external.source"]
        self._references = set(sources._list_references())
        filtered = {  # the definitions that are shown for what is filtered by
            each
            for tile in self.tiles
            if tile["scope_mode"] == "filter"
            for each in tile["definition_ids"]
        }
        asked = self.options.scope
        self.scope = (asked.type, asked.id) if asked else ("company", self.company.id)
        self.reports = self._read_reports()
        has_any = any(
            report.scope == self.scope
            and report.definition_id in filtered
            and not self._is_reference(report)
            for report in self.reports
        )
        if not asked and filtered and not has_any:  # the company has none of the KPIs
            first = visible_scopes(self.env, filtered)
            self.scope = first[0].key if first else self.scope
            self.reports = self._read_reports()
        self.by_id = {report.id: report for report in self.reports}
        self._by_definition = {}  # with its scope → KPI; the user's company wins
        own = self.env.company.id
        for report in sorted(self.reports, key=lambda kpi: kpi.company_id == own):
            self._by_definition[report.definition_id, report.scope] = report
            self._by_type[report.scope_type].append(report)
        own_company = "company", self.company.id
        self._reference_of = {  # definition → its KPI of the company
            report.definition_id: report
            for report in self.reports
            if self.scope[0] != "company"
            and report.scope == own_company
            and self._is_reference(report)
        }
        self._read_kpi_series()
        self.crossed_ids = self._narrow() if self.options.cross else set()

    # Which KPIs

    @cached_property
    def scopes_by_key(self):
        """Type and id of what is shown, of what each KPI is tracked for, and of those
        who entered the values shown → it.
        """
        people = {user_id for _moment, user_id in self._entries.values() if user_id}
        wanted = {self.scope, *(report.scope for report in self.reports)}
        wanted |= {("user", user_id) for user_id in people}
        return read_scopes(self.env, wanted)

    def browse_kpis(self, ids):
        """Those of these KPIs that the user sees, as records.

        What is known here of them is not read again, whoever asks for it.
        """
        known = [self.by_id[id_] for id_ in ids if id_ in self.by_id]
        if others := set(ids) - self.by_id.keys():
            known += read_visible_kpis(self.env, Domain("id", "in", [*others]))
        reports = self.env["kpi.report"].browse(kpi.id for kpi in known)
        definition_ids = [kpi.definition_id for kpi in known]
        definitions = self.env["kpi.definition"].browse(definition_ids)
        columns = zip(*known, strict=True)
        for name, values in zip(ShownKpi._fields, columns, strict=False):
            records = reports if name in OF_REPORT else definitions
            field = records._fields.get("name" if name == "kpi_name" else name)
            if field and field.store and name != "id":
                field._insert_cache(records, values)
        return reports

    def scope_of(self, report):
        """What a KPI is tracked for; None where it is gone."""
        return self.scopes_by_key.get(report.scope)

    @property
    def scope_name(self):
        """Of what is shown."""
        shown = self.scopes_by_key.get(self.scope)
        return shown.name if shown else ""

    def _is_reference(self, report):
        """Check whether others are compared with a KPI, such as a benchmark."""
        return (report.external_source, report.external_measure) in self._references

    def _read_reports(self):
        """``ShownKpi`` of all tiles that the user may see, by one statement."""
        asked = defaultdict(set)
        for tile in self.tiles:
            if tile["scope_mode"] == "filter":
                asked[self.scope].update(tile["definition_ids"])
            elif tile["scope_mode"] == "each":
                asked[tile["scope_type"], None].update(tile["definition_ids"])
        fixed = {each for tile in self.tiles for each in tile["report_ids"]}
        domains = [Domain("id", "in", list(fixed)), self._get_reference_domain(asked)]
        for (scope_type, scope_id), definition_ids in asked.items():
            domain = Domain("definition_id", "in", list(definition_ids))
            domain &= Domain("scope_type", "=", scope_type)
            if scope_id is not None:
                domain &= Domain("scope_id", "=", scope_id)
            domains.append(domain)
        return read_visible_kpis(self.env, Domain.OR(domains))

    def _get_reference_domain(self, asked):
        """Benchmarks of the company, next to the figures of what is shown."""
        domain = self.env["kpi.external.source"]._get_reference_domain()
        domain &= Domain("definition_id", "in", list(asked.get(self.scope, ())))
        domain &= Domain("scope_type", "=", "company")
        return domain & Domain("scope_id", "=", self.company.id)

    def reports_of(self, tile):
        """The KPIs of a tile in their order; those not visible are left out.

        Of what has no value for a person, team or department, such as a benchmark, it
        is that of the company.
        """
        if tile["id"] in self._tile_reports:
            return self._tile_reports[tile["id"]]
        definition_ids = tile["definition_ids"]
        if tile["scope_mode"] == "each":
            wanted, known = set(definition_ids), self._by_type[tile["scope_type"]]
            found = [report for report in known if report.definition_id in wanted]
            found.sort(key=lambda report: report.id)
        elif tile["scope_mode"] == "fixed":
            found = map(self.by_id.get, tile["report_ids"])
        else:
            found = (
                self._by_definition.get((each, self.scope))
                or self._reference_of.get(each)
                for each in definition_ids
            )
        self._tile_reports[tile["id"]] = [report for report in found if report]
        return self._tile_reports[tile["id"]]

    @property
    def start(self):
        """A day of the period asked for, never in the future."""
        today = self.groups[0].today if self.groups else date.max
        return self.options.start and min(self.options.start, today)

    # Their numbers

    def _read_kpi_series(self):
        """Values and judgements of all KPIs: three statements, whatever periods."""

        def get_alike(report):
            has_longer_facts = report.aggregation_time in ("none", "formula")
            grains = report.frequency, report.coarsest_grain
            return report.calendar_id, *grains, has_longer_facts

        by_kind = defaultdict(list)
        for alike, reports in groupby(self.reports, get_alike):
            calendar_id, frequency, coarsest, has_longer_facts = alike
            calendar = self._calendar(calendar_id)
            grain = self.options.grain or frequency
            if grain in calendars.longer_grains(calendar._spec(), frequency, coarsest):
                fact_grain = grain if has_longer_facts else frequency
                by_kind[calendar, grain, fact_grain] += reports
        shown, start_of = [], {}  # of a KPI the first day of its last period
        for kind, reports in by_kind.items():
            query, ends = self._build_series_query(*kind, reports)
            if query.periods:
                shown.append((kind[0], query))
                start_of |= ends
        if not shown:
            return
        queries = [query for _calendar, query in shown]
        # What a KPI is judged by is no secret to those who see it.
        kpis = self.env["kpi.report"].sudo()
        rows = self._read_rows(kpis, queries, start_of)
        found = kpis._read_series(queries, rows=rows)
        for (calendar, query), series in zip(shown, found, strict=True):
            self._give_way(query, series.values, start_of)
            self._add_group(calendar, query.today, series, start_of)
        whole = {id_ for q in queries if not q.is_rolled_up for id_ in q.report_ids}
        self._entries = {
            row[0]: row[4:]
            for row in rows.facts
            if row[4] and row[0] in whole and row[1] == start_of[row[0]]
        }

    def _calendar(self, calendar_id):
        # Periods are no secret to those who see a KPI in them.
        return self.env["kpi.calendar"].sudo().browse(calendar_id)

    def _build_series_query(self, calendar, grain, fact_grain, reports):
        """The periods in which KPIs of one kind are to be shown and read."""
        ends, periods = {}, {}
        today = calendar._today()
        for report in reports:
            day = report.current_period_start or today
            if self.options.start:
                day = min(self.options.start, today)
            elif self.options.grain:
                day = today
            if day not in periods:
                periods[day] = calendar._period(grain, day)
            ends[report.id] = periods[day].start
        spec = calendar._spec()
        first = min(periods.values(), key=lambda period: period.start)
        last = max(periods.values(), key=lambda period: period.start)
        span = max((tile["periods"] for tile in self.tiles), default=1)
        # What findings look at, of the period shown and of the one before
        count = max(span, A_YEAR[grain], SPARKLINE_PERIODS, PAST_PERIODS + 1)
        try:
            first = calendars.previous(spec, first, count - 1)
        except calendars.PeriodError:  # the calendar begins in 1900
            first = calendar._period(grain, calendars.FIRST_DAY)
        shown = fine = calendar._periods(grain, first.start, last.start)
        if fact_grain != grain:
            fine = calendar._periods_within(fact_grain, shown)
        ids = [report.id for report in reports]
        return SeriesQuery(ids, reports, shown, fine, today), ends

    def _read_rows(self, kpis, queries, start_of):
        """Rows of all series; of values that may be shown also when and by whom."""
        ends = {*start_of.values()}
        ends |= {q.periods[-2].start for q in queries if self._begins(q)}
        when_and_who = SQL(
            """
            CASE WHEN period_start = ANY(%(ends)s) THEN recorded_at END,
            CASE WHEN period_start = ANY(%(ends)s) AND source IN ('manual', 'import')
                 THEN recorded_by_id END
            """,
            ends=list(ends),
        )
        return kpis._read_series_rows(queries, "stored", fact_columns=when_and_who)

    def _begins(self, query):
        """Whether the last period, which was not asked for, begins today."""
        periods = query.periods
        is_last_new = len(periods) > 1 and is_new(periods[-1], query.today)
        return is_last_new and not self.options.start

    def _give_way(self, query, values, start_of):
        """Show the period that has closed instead of one of which nothing is known yet.

        As on the overview, unless no KPI has a value in it.
        """
        if self._begins(query) and not np.isnan(values[:, -2]).all():
            before, running = (period.start for period in query.periods[-2:])
            for report_id in query.report_ids:
                if start_of[report_id] == running:
                    start_of[report_id] = before

    def _add_group(self, calendar, today, series, start_of):
        places = [series.index_of[start_of[id_]] for id_ in series.report_ids]
        spec, name_period = calendar._spec(), calendar._period_label
        group = SeriesGroup(spec, series, today, np.array(places), name_period)
        self.groups.append(group)
        for row, (report_id, place) in enumerate(
            zip(series.report_ids, places, strict=True)
        ):
            self.positions[report_id] = group, row, place

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

    def read_once(self, read):
        """What an addon reads for all tiles at once, however many of them ask.

        An addon that adds to a tile reads so with its first one::

            def _body_clock(self, tile, reading):
                return {"alarms": reading.read_once(_read_alarms)[tile["id"]]}

        :param read: function of the reading; a module's own, as it is told by itself
        """
        if read not in self._added:
            self._added[read] = read(self)
        return self._added[read]

    def unit(self, report):
        """The unit as the client's and the server's formatting take it."""
        if report.definition_id not in self._units:
            self._units[report.definition_id] = report.unit_description()
        return self._units[report.definition_id]

    @cached_property
    def has_records(self):
        """Model that KPIs count → whether it has records, which is no secret."""
        tables = [
            SQL(
                "SELECT %s, EXISTS (SELECT FROM %s)",
                model,
                SQL.identifier(self.env[model]._table),
            )
            for model in {report.model_name for report in self.reports}
            if model in self.env and self.env[model]._auto
        ]
        return dict(self.env.execute_query(SQL(" UNION ALL ").join(tables)))

    # What their values are made of

    def adds_up(self, report):
        """Whether the parts of a KPI make its value."""
        return COMBINED_BY.get(report.measure) == "sum"

    @cached_property
    def breakdown_keys(self):
        """Pairs of ids of definitions and the fields that their values are split by."""
        definition_ids = {report.definition_id for report in self.reports}
        # What a KPI is made of is no secret to those who see it.
        breakdowns = self.env["kpi.definition.breakdown"].sudo()
        found = breakdowns.search_fetch(
            [("definition_id", "in", list(definition_ids))],
            ["definition_id", "field_path"],
        )
        return {(each.definition_id.id, each.field_path) for each in found}

    @cached_property
    def values_by_part(self):
        """(report id, field) → first day → {(key, name): value}.

        What the user may not know the name of is one part without a key.
        """
        rows = self._read_part_rows()
        kinds, keys = {}, defaultdict(set)
        for report_id, path, _start, key, *_numbers in rows:
            kind = kinds[report_id, path] = self.by_id[report_id].model_name, path
            keys[kind].add(key)
        parts = self.env["kpi.measurement.breakdown"]
        names = {kind: parts._names_of(*kind, known) for kind, known in keys.items()}
        starts = {
            (report_id, start): self._find_period_start(report_id, start)
            for report_id, start in {(row[0], row[2]) for row in rows}
        }
        hidden = HIDDEN, self.env._("Not visible to you")
        found = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for report_id, path, start, key, value, weight in rows:
            period_start = starts[report_id, start]
            if period_start is not None:
                name = names[kinds[report_id, path]].get(key)
                part = hidden if name is None else (key, name)
                found[report_id, path][period_start][part].append((value, weight))
        return {
            (report_id, path): {
                start: self._combine(report_id, parts)
                for start, parts in starts.items()
            }
            for (report_id, path), starts in found.items()
        }

    def _combine(self, report_id, parts):
        """Part → value, of those that have one: medians of two parts make none."""
        how = COMBINED_BY.get(self.by_id[report_id].measure)
        combined = {part: combine_parts(same, how) for part, same in parts.items()}
        return {part: value for part, value in combined.items() if value is not None}

    def _narrow(self):
        """Show of each KPI only the part that is asked for, where it is split so.

        A part has no target. Ids of the KPIs concerned; the others stay as they are.
        """
        path, key = self.options.cross.breakdown, self.options.cross.key
        crossed = {
            report.id
            for report in self.reports
            if (report.definition_id, path) in self.breakdown_keys
            and report.id in self.positions
        }
        for report_id in crossed:
            group, row, _place = self.positions[report_id]
            known = self.values_by_part.get((report_id, path), {})
            totals = group.series.values[row].tolist()
            adds_up = self.adds_up(self.by_id[report_id])
            values = [
                get_part_value(
                    known.get(start, {}), key, total, LAST_KEYS, adds_up=adds_up
                )
                for start, total in zip(group.starts, totals, strict=True)
            ]
            group.series.narrow(row, values)
        return crossed

    def _read_part_rows(self):
        """Parts of the KPIs that are shown by them; to be narrowed, of all KPIs."""
        split = [tile for tile in self.tiles if tile["breakdown"]]
        paths = {tile["breakdown"] for tile in split}
        shown = {report.id for tile in split for report in self.reports_of(tile)}
        measured = [each for each in self.positions if each in shown]
        if self.options.cross:
            paths.add(self.options.cross.breakdown)
            measured = [*self.positions]
        if not (paths and measured):
            return []
        # The KPIs are those that the user sees; names are asked for as the user below.
        return self.env.execute_query(
            SQL(
                """
                SELECT part.report_id, part.field_path, part.period_start, part.key,
                       part.value, part.weight
                  FROM kpi_measurement_breakdown AS part
                  JOIN kpi_report AS report ON report.id = part.report_id
                 WHERE part.report_id = ANY(%s)
                   AND part.grain = report.frequency
                   AND part.period_start BETWEEN %s AND %s
                   AND part.field_path = ANY(%s)
              ORDER BY part.report_id, part.period_start, part.key
                """,
                measured,
                min(group.starts[0] for group in self.groups),
                max(group.periods[-1].stop for group in self.groups),
                list(paths),
            )
        )

    def _find_period_start(self, report_id, start):
        """First day of the period shown that a part of ``start`` belongs to."""
        group = self.positions[report_id][0]
        at = bisect_right(group.starts, start) - 1
        if at < 0 or start >= group.periods[at].stop:
            return None
        definition = self.by_id[report_id]
        is_own = group.grain == definition.frequency
        return (
            group.starts[at] if is_own or definition.aggregation_time == "sum" else None
        )

    # What became others

    @cached_property
    def restatements(self):
        """Report id → ``Restated`` of it, earliest period first."""
        found = defaultdict(list)
        ids = [each for each in self.positions if self.by_id[each].has_restated]
        restated = self.env["kpi.restatement"]._list_restated(ids)
        for row in restated:
            found[row.report_id].append(row)
        return found

    def say_restated(self, row):
        """One sentence on a period of a KPI that was restated."""
        report = self.by_id[row.report_id]
        calendar = self._calendar(report.calendar_id)
        period = calendar._period(report.frequency, row.period_start)
        # What a KPI is measured in is no secret to those who see it.
        definition = self.env["kpi.definition"].sudo().browse(report.definition_id)
        return self.env["kpi.restatement"]._say_restated(
            definition, row, calendar._period_label(period)
        )

    def list_restated_since(self, moment):
        """KPIs shown whose closed periods were restated after a moment, latest first.

        :return: list of dicts of ``report_id``, ``name`` of the KPI and ``text``
        """
        rows = [row for rows in self.restatements.values() for row in rows]
        news = [row for row in rows if row.restated_on > moment]
        news.sort(key=lambda row: (row.restated_on, row.period_start), reverse=True)
        return [
            {
                "report_id": row.report_id,
                "name": self.by_id[row.report_id].name,
                "text": self.say_restated(row),
            }
            for row in news
        ]

    # What people said

    def get_last_entry(self, report):
        """When the shown value of a KPI was recorded, and by whom it was entered."""
        moment, user_id = self._entries.get(report.id, (report.last_measured_at, None))
        who = self.scopes_by_key.get(("user", user_id))
        return moment, who.name if who else ""

    @cached_property
    def notes(self):
        """Report id → notes (id, day, text, author) about it, earliest first."""
        noted = [each for each in self.positions if self.by_id[each].has_notes]
        if not noted:
            return {}
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
                noted,
            )
        )
        found = defaultdict(list)
        for report_id, *said in rows:
            found[report_id].append(said)
        return found
