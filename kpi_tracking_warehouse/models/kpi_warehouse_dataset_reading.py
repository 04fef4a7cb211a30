import hashlib
from collections import Counter, defaultdict
from io import StringIO
from math import isfinite, isnan

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.postgres import copy_line
from odoo.addons.kpi_base.repeat import repeat_late

OPEN_PERIODS = 3  # read in each run: the running one and two before


class KpiWarehouseDataset(models.Model):
    """Reading a dataset: what is due, asked outside of transactions, stored as read.

    Where it is stored, ``kpi.warehouse.reading`` says.
    """

    _inherit = "kpi.warehouse.dataset"

    def _find_readings(self):
        """(calendar, period length) → first day, of the history of its KPIs."""
        self.ensure_one()
        firsts = {}
        for kpi in self.measure_ids._find_kpis():
            key = kpi.calendar_id, kpi.frequency
            firsts[key] = min(firsts.get(key, kpi.history_start), kpi.history_start)
        return firsts

    def _read_all(self, commit):
        """Read what is due of one dataset.

        :param commit: ends the transaction; called before the warehouse is asked
        """
        is_full = not self.last_full_at or self.last_full_at < fields.Datetime.subtract(
            fields.Datetime.now(), hours=23
        )
        due = {
            key: self._find_due(*key, first, is_full)
            for key, first in self._find_readings().items()
        }
        commit()
        totals = Counter()
        with self.warehouse_id._catching(), self._open() as engine:
            version = self._find_version(engine)
            known = self.full_version if is_full else self.version
            is_same = bool(version) and version == known
            for (calendar, grain), (periods, unread) in due.items():
                asked = unread if is_same else periods
                if asked:
                    cells, seconds, size = self._ask(engine, asked, calendar.tz, commit)
                    totals += repeat_late(
                        self.env, self._store, calendar, grain, asked, cells
                    )
                    self.warehouse_id._count_cost(seconds, size)
                    commit()
                    totals += Counter(asked=1, seconds=seconds, bytes=size or 0)
        values = {"version": version, "last_error": False}
        if is_full:
            values |= {"full_version": version, "last_full_at": fields.Datetime.now()}
        if totals["asked"]:
            values |= {
                "last_read_at": fields.Datetime.now(),
                "last_value_count": totals["values"],
                "last_change_count": totals["changed"],
                "last_void_count": totals["void"],
                "last_seconds": totals["seconds"],
                "last_bytes": totals["bytes"],
            }
        self.write(values)
        return totals

    def _find_due(self, calendar, grain, first, is_full):
        """Periods to read where the table changed, and those that never were."""
        today = calendar._today()
        periods = calendar._periods(grain, min(first, today), today)
        rows = self.env.execute_query(
            SQL(
                "SELECT period_start FROM kpi_warehouse_period WHERE dataset_id = %s"
                " AND calendar_id = %s AND grain = %s AND signature = %s",
                self.id,
                calendar.id,
                grain,
                self._sign(),
            )
        )
        known = {start for (start,) in rows}
        missing = [n for n, each in enumerate(periods) if each.start not in known]
        # From the first one on: one statement reads a run of periods.
        unread = periods[missing[0] : missing[-1] + 1] if missing else []
        if is_full:
            return periods, unread
        place = min([*missing[:1], max(0, len(periods) - OPEN_PERIODS)])
        return periods[place:], unread

    def _sign(self):
        """A text that changes with what is read, and from where."""
        warehouse = self.warehouse_id
        place = [warehouse[name] for name in ("engine", "host", "port", "path")]
        described = repr(
            (place, self.table_name, self.measure_ids.ids, self._describe())
        )
        return hashlib.sha256(described.encode()).hexdigest()

    def _store(self, calendar, grain, periods, cells):
        """Replace what is stored of ``periods``.

        :return: Counter of values, of those that changed, of those that are not finite
        """
        rows = []
        measures = self.measure_ids.ids
        for cell in cells:
            for measure_id, numbers in zip(measures, cell.numbers, strict=True):
                start = periods[cell.period].start
                rows.append((start, measure_id, *cell[1:4], *numbers))
        by_period = defaultdict(list)
        for row in rows:
            # Doubles added up in another order differ in their last digits.
            shown = (None if n is None else f"{n:.12g}" for n in row[5:])
            by_period[row[0]].append((*row[1:5], *shown))
        key = self.id, calendar.id, grain
        starts = [period.start for period in periods]
        where = SQL(
            "dataset_id = %s AND calendar_id = %s AND grain = %s"
            " AND period_start = ANY(%s)",
            *key,
            starts,
        )
        before = {
            tuple(row[:5]): row[5]
            for row in self.env.execute_query(
                SQL(
                    "SELECT period_start, measure_id, scope_type, company_code, code,"
                    " value FROM kpi_warehouse_result WHERE %s",
                    where,
                )
            )
        }
        self.env.cr.execute(SQL("DELETE FROM kpi_warehouse_period WHERE %s", where))
        signature, now = self._sign(), fields.Datetime.now()
        noted = [
            (*key, start, signature, _digest(by_period[start]), now) for start in starts
        ]
        for table, lines in ("period", noted), ("result", [key + row for row in rows]):
            text = StringIO("".join(map(copy_line, lines)))
            copy = f"COPY kpi_warehouse_{table} FROM STDIN"
            self.env.cr._obj.copy_expert(copy, text)
        self.env["kpi.warehouse.code"]._find_all(self, self._find_codes(cells))
        gone = before.keys() - {row[:5] for row in rows}
        other = [row for row in rows if not _is_same(before.get(row[:5]), row[5])]
        void = sum(row[5] is not None and not isfinite(row[5]) for row in rows)
        return Counter(values=len(rows), changed=len(other) + len(gone), void=void)

    def _find_codes(self, cells):
        """(scope type, code) of all that the cells name."""
        found = {(c.scope_type, c.code) for c in cells if c.scope_type != "company"}
        if self.company_column_id:
            found |= {("company", cell.company) for cell in cells}
        return found


def _digest(rows):
    return hashlib.sha256(repr(sorted(rows, key=repr)).encode()).hexdigest()


def _is_same(before, now):
    if before is None or now is None:
        return before is now
    if isnan(before) or isnan(now):
        return isnan(before) and isnan(now)
    return abs(before - now) <= 1e-12 * max(abs(before), abs(now)) or before == now
