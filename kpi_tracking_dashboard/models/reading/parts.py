"""What the values of a dashboard are made of, as far as the viewer may know."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import (
    COMBINED_BY,
    OTHER,
)

from ...engine.parts_of_total import combine_parts, get_part_value

HIDDEN = None  # key of the parts that the viewer may not know
LAST_KEYS = (OTHER, HIDDEN)


@dataclass
class Parts:
    """Parts of the KPIs of a ``Reading``, by one statement and those for names."""

    reading: object

    def adds_up(self, report):
        """Whether the parts of a KPI make its value."""
        return COMBINED_BY.get(report.measure) == "sum"

    @cached_property
    def breakdown_keys(self):
        """Pairs of ids of definitions and the fields that their values are split by."""
        definition_ids = {report.definition_id for report in self.reading.reports}
        # What a KPI is made of is no secret to those who see it.
        breakdowns = self.reading.env["kpi.definition.breakdown"].sudo()
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
        paths = {tile["breakdown"] for tile in self.reading.tiles if tile["breakdown"]}
        if self.reading.options.cross:
            paths.add(self.reading.options.cross.breakdown)
        rows = self._part_rows(paths)
        names = self._part_names(rows)
        hidden = HIDDEN, self.reading.env._("Not visible to you")
        found, period_starts = defaultdict(lambda: defaultdict(dict)), {}
        for report_id, path, start, key, value, weight in rows:
            if (report_id, start) not in period_starts:
                period_starts[report_id, start] = self._find_period_start(
                    report_id, start
                )
            period_start = period_starts[report_id, start]
            if period_start is not None:
                name = names[report_id, path].get(key)
                part = hidden if name is None else (key, name)
                same = found[report_id, path][period_start]
                same.setdefault(part, []).append((value, weight))
        return {
            (report_id, path): {
                start: self._combine(report_id, parts)
                for start, parts in starts.items()
            }
            for (report_id, path), starts in found.items()
        }

    def _combine(self, report_id, parts):
        """Part → value, of those that have one: medians of two parts make none."""
        how = COMBINED_BY.get(self.reading.by_id[report_id].measure)
        combined = {part: combine_parts(same, how) for part, same in parts.items()}
        return {part: value for part, value in combined.items() if value is not None}

    def narrow(self):
        """Show of each KPI only the part that is asked for, where it is split so.

        A part has no target. Ids of the KPIs concerned; the others stay as they are.
        """
        cross = self.reading.options.cross
        path, key = cross.breakdown, cross.key
        reports = self.reading.reports
        split = [
            kpi for kpi in reports if (kpi.definition_id, path) in self.breakdown_keys
        ]
        crossed = [report for report in split if report.id in self.reading.positions]
        for report in crossed:
            group, row, _place = self.reading.positions[report.id]
            known = self.values_by_part.get((report.id, path), {})
            values = [
                get_part_value(
                    known.get(start, {}),
                    key,
                    total,
                    LAST_KEYS,
                    adds_up=self.adds_up(report),
                )
                for start, total in zip(
                    group.starts, group.series.values[row].tolist(), strict=True
                )
            ]
            group.series.narrow(row, values)
        return {report.id for report in crossed}

    def _get_part_report_ids(self):
        """The KPIs whose parts are shown; to be narrowed, all of them."""
        shown = {
            report.id
            for tile in self.reading.tiles
            if tile["breakdown"]
            for report in self.reading.reports_of(tile)
        }
        return [
            report_id
            for report_id in self.reading.positions
            if self.reading.options.cross or report_id in shown
        ]

    def _part_rows(self, paths):
        measured = self._get_part_report_ids()
        if not (paths and measured):
            return []
        # The KPIs are those that the user sees; names are asked for as the user below.
        return self.reading.env.execute_query(
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
                min(group.starts[0] for group in self.reading.groups),
                max(group.periods[-1].stop for group in self.reading.groups),
                list(paths),
            )
        )

    def _part_names(self, rows):
        """(report id, field) → key → name, of what the user may know."""
        keys, asked = defaultdict(set), {}
        for report_id, path, _start, key, _value, _weight in rows:
            if (report_id, path) not in asked:
                asked[report_id, path] = (
                    self.reading.by_id[report_id].model_name,
                    path,
                )
            keys[asked[report_id, path]].add(key)
        parts = self.reading.env["kpi.measurement.breakdown"]
        names = {kind: parts._names_of(*kind, found) for kind, found in keys.items()}
        return {each: names[kind] for each, kind in asked.items()}

    def _find_period_start(self, report_id, start):
        """First day of the period shown that a part of ``start`` belongs to."""
        group = self.reading.positions[report_id][0]
        at = bisect_right(group.starts, start) - 1
        if at < 0 or start >= group.periods[at].stop:
            return None
        definition = self.reading.by_id[report_id]
        is_own = group.grain == definition.frequency
        return (
            group.starts[at] if is_own or definition.aggregation_time == "sum" else None
        )
