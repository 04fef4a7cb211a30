from collections import Counter
from functools import lru_cache

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.roles import OFFICER

from ...engine.due import is_locked
from .import_references import Kpi

ENTERED = ("manual", "external")
KPI_FIELDS = ("active", "company_id", "definition_id", "locked_until")
CHECKED_FIELDS = (
    *("active", "calendar_id", "computation", "frequency", "is_plan", "name", "unit"),
)


class KpiMeasurement(models.Model):
    """Values that other systems send, thousands at once."""

    _inherit = "kpi.measurement"

    @api.model
    def _record_rows(self, rows, reason=None, *, received_at=None):
        """Record what can be recorded of ``rows``; say of each what became of it.

        The number of queries does not grow with the rows, but with the lengths of
        periods among them.

        :param rows: as for ``kpi.report._find_by_keys``, with ``day`` and ``value``
        :param reason: stored where a value is replaced
        :param received_at: of rows that are sent again; values recorded, replaced or
            removed since then stay
        :return: dict with the number of each outcome and ``results`` by row; those of
            further rows for one value have ``is_duplicate``
        :raises AccessError: the user is no KPI officer
        """
        self._check_may_record()
        names = [
            row.report_id or (row.code, row.scope_type, row.scope_id) for row in rows
        ]
        kpis, calendars = self._find_kpis(dict(zip(names, rows, strict=True)))
        results, by_grain = [], {}
        for index, (name, row) in enumerate(zip(names, rows, strict=True)):
            refused = self._add_row(index, row, kpis[name], by_grain)
            result = {"index": index, "outcome": "refused", "detail": None}
            results.append(result | refused)
        if received_at:
            self._refuse_outdated(by_grain, received_at, results)
        for grain, facts in by_grain.items():
            starts = [start for _report_id, start in facts]
            for calendar in calendars:
                # Days are the engine's own.
                calendar.sudo()._ensure_days(min(starts), max(starts))
            rows = [(*key, value) for key, (_index, value) in facts.items()]
            # Facts are written by the engine only; who may record was checked.
            stored = self.sudo()._upsert(grain, rows, source="api", reason=reason)
            are_new = stored.added == len(facts)
            for index, _value in facts.values():
                results[index]["outcome"] = "added" if are_new else "unchanged"
            for changes in () if are_new else stored.changes:
                for *key, old, _new in changes.rows():
                    index, _value = facts[tuple(key)]
                    results[index]["outcome"] = "added" if old is None else "changed"
        counts = Counter(result["outcome"] for result in results)
        names = ("added", "changed", "unchanged", "refused")
        return {**{name: counts[name] for name in names}, "results": results}

    @api.model
    def _refuse_outdated(self, by_grain, received_at, results):
        """Refuse the rows whose value has changed since they were received."""
        self.flush_model(["grain", "period_start", "recorded_at", "report_id"])
        for grain, facts in list(by_grain.items()):
            report_ids = [report_id for report_id, _start in facts]
            starts = [start for _report_id, start in facts]
            rows = self.env.execute_query(
                SQL(
                    """
                    WITH sent AS (
                        SELECT * FROM unnest(%(report_ids)s::int[], %(starts)s::date[])
                            AS sent (report_id, period_start))
                    SELECT sent.report_id, sent.period_start
                      FROM sent
                      JOIN kpi_measurement AS fact USING (report_id, period_start)
                     WHERE fact.grain = %(grain)s
                       AND fact.recorded_at >= %(received_at)s
                     UNION
                    SELECT sent.report_id, sent.period_start
                      FROM sent
                      JOIN kpi_measurement_revision AS revision
                     USING (report_id, period_start)
                     WHERE revision.grain = %(grain)s
                       AND revision.replaced_at >= %(received_at)s
                    """,
                    report_ids=report_ids,
                    starts=starts,
                    grain=grain,
                    received_at=received_at,
                )
            )
            for key in rows:
                index, _value = facts.pop(tuple(key))
                results[index]["detail"] = self.env._("This period has a newer value.")
            if not facts:
                del by_grain[grain]

    @api.model
    def _check_may_record(self):
        if not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._(
                    "Only KPI officers can record values. Submit an entry instead."
                )
            )

    @api.model
    def _find_kpis(self, named):
        """Name → ``Kpi`` of its row, or why there is none; and their calendars."""
        # Odoo would read all that there is of each: that takes as long as the rest.
        reports = self.env["kpi.report"].with_context(prefetch_fields=False)
        found = reports._find_by_keys(named.values(), KPI_FIELDS)
        known = reports.union(*[one for one in found if len(one) == 1])
        known.definition_id.fetch(CHECKED_FIELDS)
        calendars = known.definition_id.calendar_id
        calendars.fetch()
        locked = known._get_lock_dates()
        kpis = {
            one: one._get_archived_refusal()
            or Kpi(
                one.id, one.definition_id, one.definition_id.calendar_id, locked[one]
            )
            for one in known
        }
        return {
            name: kpis.get(one) or one._get_lookup_refusal(one)
            for name, one in zip(named, found, strict=True)
        }, calendars

    @api.model
    def _add_row(self, index, row, kpi, by_grain):
        """Add a row to ``by_grain``.

        :return: empty, or ``detail`` with the reason for a refusal, and
            ``is_duplicate`` for a further row for one value
        """
        if isinstance(kpi, str):
            return {"detail": kpi}
        if kpi.computation not in ENTERED:
            why = self.env._("This KPI is computed: values cannot be recorded.")
            return {"detail": why}
        if kpi.unit == "boolean" and row.value not in (0, 1):
            return {"detail": self.env._("Use 1 for yes or 0 for no.")}
        period = find_period(kpi.spec, kpi.frequency, row.day)
        if kpi.is_early(period):
            return {"detail": self.env._("The period has not started.")}
        if is_locked(period.stop, kpi.locked_until):
            return {"detail": self.env._("The period is locked.")}
        facts = by_grain.setdefault(kpi.frequency, {})
        key = kpi.report_id, period.start
        if key in facts:
            why = self.env._("Duplicate period in this request.")
            return {"detail": why, "is_duplicate": True}
        facts[key] = index, row.value
        return {}

    def _remove(self, reason):
        """Take these values away; they stay readable as earlier values.

        :raises AccessError: the user is no KPI officer
        :raises UserError: computed, of an archived KPI, or in a locked period
        """
        self._check_may_record()
        for fact in self:
            definition = fact.report_id.definition_id
            if definition.computation not in ENTERED:
                raise UserError(
                    self.env._(
                        "%s is computed: its values cannot be removed.", definition.name
                    )
                )
            fact.report_id._check_in_use()
            period = definition.calendar_id._period(fact.grain, fact.period_start)
            fact.report_id._check_unlocked(period)
            row = (fact.report_id.id, fact.period_start, None)
            # As in ``_record_rows``.
            self.sudo()._upsert(fact.grain, [row], source="api", reason=reason)


# KPIs with the same calendar have the same periods.
find_period = lru_cache(maxsize=10_000)(periods.period_of)
