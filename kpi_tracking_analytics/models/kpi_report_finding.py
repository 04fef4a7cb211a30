from collections import defaultdict
from dataclasses import replace
from math import isfinite

from odoo import models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.engine.change import FAR
from odoo.addons.kpi_tracking.engine.finding import find_gap
from odoo.addons.kpi_tracking.models.fact.kpi_measurement_breakdown import (
    COMBINED_BY,
    OTHER,
)


class KpiReport(models.Model):
    """Findings also say how a period will probably end, and what is behind a change."""

    _inherit = "kpi.report"

    def _get_situations(self, periods_of, standings_of=None):
        found = super()._get_situations(periods_of, standings_of)
        reports = self.browse(report._origin.id for report in found)
        has_running = any(
            one.standing.is_running
            for situations in found.values()
            for one in situations
        )
        outlooks = reports._read_outlooks() if has_running else {}
        parts = reports._find_largest_parts(
            [
                (report._origin.id, one.past[-2].period, one.past[-1].period, one.step)
                for report, situations in found.items()
                for one in situations
                if one.is_unusual
            ]
        )

        def extend(report_id, situation):
            period = situation.standing.period
            outlook = outlooks.get(report_id)
            return replace(
                situation,
                outlook=outlook if outlook and outlook.period == period else None,
                part=parts.get((report_id, period.start), ""),
            )

        return {
            report: [extend(report._origin.id, one) for one in situations]
            for report, situations in found.items()
        }

    def _find_largest_parts(self, changes):
        """Names of the parts behind changes: of each the largest, in its direction.

        As ``explain_change`` splits sums and counts by a field; by one statement, and
        one for the names of each field.

        :param changes: report id, ``Period`` before and after, and the difference
        :return: dict (report id, first day after) → name; without those whose largest
            part is in the other direction, or hidden from the user
        """
        if not changes:
            return {}
        sums = {kpi.id: kpi for kpi in self if kpi._is_split_into_sums()}
        changes = [change for change in changes if change[0] in sums]
        if not changes:
            return {}
        values = self._read_part_values(changes)
        chosen, keys_of = {}, defaultdict(set)
        for report_id, before, after, step in changes:
            # Readers of a value see how it is split; names are asked for as the user.
            for line in sums[report_id].sudo().definition_id.breakdown_ids:
                sides = [
                    values.get((report_id, line.field_path, each.start))
                    for each in (before, after)
                ]
                if all(sides) and not line._overlaps():
                    field = line.model_name, line.field_path
                    chosen[report_id, after.start] = field, sides, step
                    keys_of[field].update(*sides)
                    break
        breakdown = self.env["kpi.measurement.breakdown"]
        names_of = {
            field: breakdown._names_of(*field, keys) for field, keys in keys_of.items()
        }
        return {
            place: name
            for place, (field, sides, step) in chosen.items()
            if (name := _name_largest(names_of[field], *sides, step))
        }

    def _is_split_into_sums(self):
        # Readers of a value see how it was computed.
        kpi = self.sudo().definition_id
        return kpi.computation == "records" and COMBINED_BY.get(kpi.measure) == "sum"

    def _read_part_values(self, changes):
        """Report id, field and first day → key → value, of both sides of changes."""
        self.env["kpi.measurement.breakdown"].flush_model()
        cells = {
            (report_id, period.grain, period.start)
            for report_id, *periods, _step in changes
            for period in periods
        }
        ids, grains, starts = map(list, zip(*cells, strict=True))
        # The KPIs are those that the user sees; names are asked for as the user.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT part.report_id, part.field_path, part.period_start, part.key,
                       part.value
                  FROM unnest(%s::int[], %s::varchar[], %s::date[])
                       AS cell(report_id, grain, period_start)
                  JOIN kpi_measurement_breakdown AS part
                    ON part.report_id = cell.report_id
                   AND part.grain = cell.grain
                   AND part.period_start = cell.period_start
                """,
                ids,
                grains,
                starts,
            )
        )
        values = defaultdict(dict)
        for report_id, path, start, key, value in rows:
            values[report_id, path, start][key] = value
        return values

    def _list_finding_texts(self, situation):
        texts = super()._list_finding_texts(situation)
        return [*self._list_outlook_texts(situation), *texts]

    def _list_outlook_texts(self, situation):
        """“Nov 2026 will likely end 5% short”; none if that is open.

        Where the period is on track so far, its chip says that, so the sentence does.
        """
        outlook, standing = situation.outlook, situation.standing
        if not outlook:
            return []
        words = {"period": standing.label}
        if outlook.is_miss:
            return self._list_miss_texts(standing, outlook, words)
        if not outlook.is_reach or standing.is_judged:
            return []
        if self.direction == "range":
            return [self.env._("%(period)s will likely end within its range", **words)]
        return [self.env._("%(period)s will likely reach its target", **words)]

    def _list_miss_texts(self, standing, outlook, words):
        is_short = (find_gap(standing, outlook.value) or 0.0) < 0
        words["gap"] = self._format_gap(standing, outlook.value) if is_short else ""
        plain = self.env._("%(period)s will likely miss its target", **words)
        short = plain
        long = self.env._(
            "On track so far, but %(period)s will likely miss its target", **words
        )
        if self.direction == "range":
            short = self.env._("%(period)s will likely end outside its range", **words)
            long = self.env._(
                "On track so far, but %(period)s will likely end outside its range",
                **words,
            )
        elif words["gap"] and self.direction == "lower":
            short = self.env._(
                "%(period)s will likely end %(gap)s over target", **words
            )
            long = self.env._(
                "On track so far, but %(period)s will likely end %(gap)s over target",
                **words,
            )
        elif words["gap"]:
            short = self.env._("%(period)s will likely end %(gap)s short", **words)
            long = self.env._(
                "On track so far, but %(period)s will likely end %(gap)s short", **words
            )
        is_on_track = standing.judged.status == "on_target"
        return [long, short, plain] if is_on_track else [short, plain]

    def _list_change_texts(self, situation):
        """As before, with the largest part behind it."""
        texts, ratio = super()._list_change_texts(situation), abs(situation.ratio)
        if not situation.part or not isfinite(ratio):
            return texts
        words = {
            "period": situation.standing.label,
            "ratio": self._format_ratio(ratio),
            "part": situation.part,
        }
        is_rise = situation.step > 0
        if ratio >= FAR and is_rise:
            text = self.env._(
                "%(period)s rose far more than usual, led by %(part)s", **words
            )
        elif ratio >= FAR:
            text = self.env._(
                "%(period)s fell far more than usual, led by %(part)s", **words
            )
        elif is_rise:
            text = self.env._(
                "%(period)s rose %(ratio)s× more than usual, led by %(part)s", **words
            )
        else:
            text = self.env._(
                "%(period)s fell %(ratio)s× more than usual, led by %(part)s", **words
            )
        return [text, *texts]


def _name_largest(names, before, after, step):
    """Name of the part that changed most; an empty text if that has no name.

    :param names: key → name, of those that the user may see
    :param before, after: key → value
    :param step: the whole change
    """
    named = {
        key: after.get(key, 0.0) - before.get(key, 0.0)
        for key in (before.keys() | after.keys()) & names.keys() - {OTHER}
        # One that is not stored on a side may be in what else there is there.
        if all(key in side or OTHER not in side for side in (before, after))
    }
    if not named:
        return ""
    rest = step - sum(named.values())
    key = max(named, key=lambda each: (abs(named[each]), each))
    if named[key] * step <= 0 or abs(rest) > abs(named[key]):
        return ""
    return names[key]
