from odoo import api, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ...engine.change import UNUSUAL, WINDOW, measure_next


class KpiReport(models.Model):
    """Values on their way in that are far from the usual ones."""

    _inherit = "kpi.report"

    @api.model
    def _find_unusual(self, entries):
        """Say which values are far outside the usual, compared with those before.

        Two statements, however many there are.

        :param entries: dict key → ``Entry``, checked: the user may enter them
        :return: dict key → sentence
        """
        measured = {
            key: entry
            for key, entry in entries.items()
            if entry.report.definition_id.unit != "boolean"
        }
        known = self._fetch_values_before(measured.values())
        for entry in measured.values():
            # What is entered together is compared with each other too.
            known.setdefault(_series_of(entry), {})[entry.period.start] = entry.value
        found = {}
        for key, entry in measured.items():
            since = entry.report.definition_id._find_change_before(entry.period)
            before = [
                (start, value)
                for start, value in sorted(known[_series_of(entry)].items())
                if since <= start < entry.period.start
            ]
            ratio = measure_next([value for _start, value in before], entry.value)
            if abs(ratio) > UNUSUAL:
                found[key] = entry.report._unusual_text(entry, before[-1], ratio)
        return found

    def _unusual_text(self, entry, last, ratio):
        """:param last: first day and value of the period that is compared with"""
        definition = self.definition_id
        calendar = definition.calendar_id
        start, last_value = last
        value = definition._format_value(entry.value)
        is_running = entry.period.stop > calendar._today()
        if is_running and definition.aggregation_time == "sum":
            value = self.env._("%s so far", value)
        period = calendar._period(entry.period.grain, start)
        words = {
            "value": value,
            "last": definition._format_value(last_value),
            "period": calendar._period_label(period),
        }
        if ratio in (float("inf"), float("-inf")):
            return self.env._(
                "%(value)s is unusual: the values before it were all %(last)s.", **words
            )
        times = formatLang(self.env, abs(ratio), digits=0 if abs(ratio) >= 10 else 1)
        return self.env._(
            "From %(last)s in %(period)s to %(value)s: %(times)s times the usual"
            " change.",
            times=times,
            **words,
        )

    @api.model
    def _fetch_values_before(self, entries):
        """The last accepted values before each entry: of the KPI, or of its part.

        :return: dict (report id, contributor id or False) → {first day: value}
        """
        found = {}
        for table, is_part in (("kpi_measurement", False), ("kpi_submission", True)):
            asked = [entry for entry in entries if bool(entry.contributor) == is_part]
            if not asked:
                continue
            self.env[table.replace("_", ".")].flush_model()
            # Whoever may enter a value sees those that were entered before it.
            for report_id, contributor_id, start, value in self.env.execute_query(
                _values_before_sql(table, asked, is_part)
            ):
                series = found.setdefault((report_id, contributor_id or False), {})
                series[start] = value
        return found


def _series_of(entry):
    return entry.report.id, entry.contributor.id if entry.contributor else False


def _values_before_sql(table, entries, is_part):
    accepted = SQL(
        "AND stored.contributor_id = asked.contributor_id"
        " AND stored.is_current AND stored.state = 'approved'"
    )
    return SQL(
        """
        SELECT asked.report_id, asked.contributor_id, known.period_start, known.value
          FROM unnest(%(reports)s::int[], %(contributors)s::int[], %(grains)s::text[],
                      %(starts)s::date[])
               AS asked(report_id, contributor_id, grain, start)
    CROSS JOIN LATERAL (
            SELECT stored.period_start, stored.value
              FROM %(table)s AS stored
             WHERE stored.report_id = asked.report_id
               AND stored.grain = asked.grain
               AND stored.period_start < asked.start
               %(accepted)s
          ORDER BY stored.period_start DESC
             LIMIT %(count)s
          ) AS known
        """,
        reports=[entry.report.id for entry in entries],
        contributors=[_series_of(entry)[1] or None for entry in entries],
        grains=[entry.period.grain for entry in entries],
        starts=[entry.period.start for entry in entries],
        table=SQL.identifier(table),
        accepted=accepted if is_part else SQL(),
        count=WINDOW + 1,
    )
