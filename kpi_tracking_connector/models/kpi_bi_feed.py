"""What analysis programs read: rows of KPIs, pages of them, what changed."""

import io
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.postgres import array_text

from ..engine.odata.conditions import Test
from ..engine.odata.entities import EntitySet
from ..engine.odata.fault import ODataFault

PAGE_ROWS = 20_000
PAGE_KPIS = 200  # of summaries, which are worked out for some KPIs at a time
LINK_DAYS = 30  # that the address of a next page, or of changes, holds
OLDEST_MARK = 2**30  # transactions; half of what PostgreSQL tells apart
SEAL = "odata"
# Of the formats of COPY, CSV with a quote that no JSON has doubles no backslash.
AS_JSON = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
SUMMED = ("month", "quarter", "year")
PERIOD_KEY = ("kpi_id", "grain", "period_start")
_PERIOD = {"kpi_id": "Int32", "grain": "String", "period_start": "Date"}
_JUDGED = {"achievement": "Double", "status": "String", "band": "String"}
SETS = {
    each.name: each
    for each in (
        EntitySet(
            "Facts",
            "Fact",
            PERIOD_KEY,
            {
                **_PERIOD,
                "value": "Double",
                "weight": "Double",
                "source": "String",
                "recorded_at": "DateTimeOffset",
                "parts_present": "Int32",
                "parts_expected": "Int32",
            },
            is_tracked=True,
        ),
        EntitySet(
            "Kpis",
            "Kpi",
            ("id",),
            {
                "id": "Int32",
                "name": "String",
                "code": "String",
                "kpi": "String",
                "category": "String",
                "unit": "String",
                "unit_symbol": "String",
                "currency": "String",
                "decimals": "Int32",
                "direction": "String",
                "frequency": "String",
                "computation": "String",
                "calendar_id": "Int32",
                "scope_type": "String",
                "company_id": "Int32",
                "company": "String",
                "department_id": "Int32",
                "team_id": "Int32",
                "user_id": "Int32",
                "owner_id": "Int32",
                "period_start": "Date",
                "value": "Double",
                "target": "Double",
                **_JUDGED,
                "is_active": "Boolean",
            },
        ),
        EntitySet(
            "Targets",
            "Target",
            PERIOD_KEY,
            {
                **_PERIOD,
                "target": "Double",
                "baseline": "Double",
                "stretch": "Double",
                "range_low": "Double",
                "range_high": "Double",
                "judged_value": "Double",
                **_JUDGED,
                "judged_at": "DateTimeOffset",
            },
        ),
        EntitySet(
            "Calendar",
            "Day",
            ("calendar_id", "day"),
            {
                "calendar_id": "Int32",
                "day": "Date",
                "calendar": "String",
                "week_start": "Date",
                "month_start": "Date",
                "quarter_start": "Date",
                "year_start": "Date",
            },
        ),
        EntitySet(
            "Alerts",
            "Alert",
            ("id",),
            {
                "id": "Int32",
                "kpi_id": "Int32",
                "rule": "String",
                "alert_type": "String",
                "severity": "String",
                "state": "String",
                "grain": "String",
                "period_start": "Date",
                "value": "Double",
                "measured": "Double",
                "limit": "Double",
                "fired_at": "DateTimeOffset",
                "acknowledged_at": "DateTimeOffset",
                "resolved_at": "DateTimeOffset",
                "resolution": "String",
            },
        ),
        EntitySet(
            "Summaries",
            "Summary",
            PERIOD_KEY,
            {
                **_PERIOD,
                "period_stop": "Date",
                "value": "Double",
                "target": "Double",
                **_JUDGED,
            },
        ),
    )
}
OPERATORS = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
TYPES = {"Int32": "int4", "Double": "float8", "String": "text", "Date": "date"}


class Mark(NamedTuple):
    """A moment in the life of a database, as of which changes are found.

    :ivar xid: the oldest transaction that was running
    :ivar system: of the server's files: one restored elsewhere counts anew
    :ivar last_id: the newest KPI that was readable
    :ivar readable: digest of the KPIs that were
    """

    xid: int
    system: str
    last_id: int
    readable: str


@dataclass(frozen=True)
class Place:
    """Where a next page begins.

    :ivar after: what the last row was ordered by; None = at the first
    :ivar left: rows wanted at most; None = all
    :ivar since: the mark after which rows changed; None = all rows
    :ivar mark: as of the first page; None = nobody asks for changes
    """

    after: list | None = None
    left: int | None = None
    since: Mark | None = None
    mark: Mark | None = None


@dataclass(frozen=True)
class Page:
    """Some rows.

    :ivar rows: JSON objects, separated by commas
    :ivar count: of all rows, where that was asked for
    :ivar next: sealed place of the next page; empty = this was the last
    :ivar delta: sealed mark of what changes after; empty = not asked for
    :ivar is_delta: whether these are changes
    """

    rows: bytes
    count: int | None = None
    next: str = ""
    delta: str = ""
    is_delta: bool = False


class KpiBiFeed(models.AbstractModel):
    """Rows that analysis programs read, as the user who asks.

    Each set is a SELECT whose columns have the names of the set: filters, order and
    pages know nothing else. Record rules are part of it.
    """

    _name = "kpi.bi.feed"
    _description = "KPI Feed"

    @api.model
    def _read_page(self, of, options, tracks=False):
        """Read a page of a set.

        :param of: ``EntitySet``
        :param options: ``Options``
        :param tracks: whether changes are asked for later
        :return: ``Page``
        :raises ODataFault: the place is not ours, or too old
        """
        self.env.flush_all()
        place = self._open_place(of, options) or Place(left=options.top)
        is_first = place.after is None
        tracks = tracks and of.is_tracked and options.is_all
        if is_first and (place.since or tracks):
            place = replace(place, mark=self._take_mark())
        size = PAGE_ROWS if place.left is None else min(PAGE_ROWS, place.left)
        source, beyond = self._source_sql(of, options, place)
        conditions = [self._condition_sql(options.condition)]
        count = None
        if options.with_count and is_first:
            count = self._count(source, conditions[0])
        if not is_first:
            conditions.append(_after_sql(options.order, place.after))
        rows, found, after = self._copy_page(
            SQL(
                "SELECT * FROM (%s) AS row WHERE %s ORDER BY %s LIMIT %s OFFSET %s",
                source,
                SQL(" AND ").join(conditions),
                _order_sql(options.order, of.key),
                size,
                options.skip if is_first else 0,
            ),
            options,
            size,
            of if place.since else None,
        )
        left = place.left and place.left - found
        after = after if found == size and left != 0 else beyond
        if after and left != 0:
            place = replace(place, after=after, left=left)
            following = self._seal_place(options, place)
            return Page(rows, count, next=following, is_delta=bool(place.since))
        delta = self._seal_place(options, Place(since=place.mark)) if place.mark else ""
        return Page(rows, count, delta=delta, is_delta=bool(place.since))

    @api.model
    def _count_rows(self, of):
        """How many rows of a set the user may read."""
        self.env.flush_all()
        return self._count(getattr(self, f"_{of.name.lower()}_sql")(), SQL("TRUE"))

    def _count(self, source, condition):
        query = SQL("SELECT count(*) FROM (%s) AS row WHERE %s", source, condition)
        ((count,),) = self.env.execute_query(query)
        return count

    @api.model
    def _copy_page(self, page, options, size, deletes_of=None):
        """Run a statement; COPY makes JSON of each row, and no row is one of Python.

        :param page: the statement
        :param size: rows of a full page: the place of that one is returned
        :param deletes_of: the set whose rows may be “gone”
        :return: JSON objects, how many, and what the last of a full page is ordered by
        """
        shown = SQL(", ").join(SQL.identifier("page", name) for name in options.select)
        place = SQL(", ").join(SQL.identifier("page", n) for n, _down in options.order)
        line = SQL("row_to_json(shown)")
        if deletes_of:
            key = SQL(", ").join(
                SQL("%s, %s", name, SQL.identifier("page", name))
                for name in deletes_of.key
            )
            line = SQL(
                "CASE WHEN page.gone THEN json_build_object('@removed',"
                " json_build_object('reason', 'deleted'), %s) ELSE %s END",
                key,
                line,
            )
        lines = self._copy(
            SQL(
                """
                SELECT %(line)s,
                       CASE WHEN row_number() OVER () = %(size)s
                            THEN json_build_array(%(place)s) END
                  FROM (%(page)s) AS page
            CROSS JOIN LATERAL (SELECT %(shown)s) AS shown
                """,
                line=line,
                size=size,
                place=place,
                page=page,
                shown=shown,
            )
        )
        found = lines.count(b"\n")
        rows, _bar, last = lines[:-1].rpartition(b"\x02")
        after = json.loads(last) if last else None
        return rows.replace(b"\x02\n", b",\n"), found, after

    @api.model
    def _copy(self, query):
        """The columns of a statement as lines."""
        file = io.BytesIO()
        self._copy_to(query, file, AS_JSON)
        return file.getvalue()

    @api.model
    def _copy_to(self, query, file, options):
        """Write what a statement yields to a file, by COPY; returns how many rows."""
        cr = self.env.cr
        text = cr.mogrify(query.code, query.params).decode()
        cr._obj.copy_expert(
            f"COPY ({text}) TO STDOUT ({options}, ENCODING 'UTF8')", file
        )
        return cr._obj.rowcount

    # Places and marks

    @api.model
    def _seal_place(self, options, place):
        content = [
            self.env.uid,
            options.shape,
            place.after,
            place.left,
            place.since,
            place.mark,
        ]
        # Any user may be given a place; nobody can make one.
        return self.env["kpi.api.key"]._seal(SEAL, content, timedelta(days=LINK_DAYS))

    @api.model
    def _open_place(self, of, options):
        """The place that a request names, None for a first page."""
        if not options.token:
            return None
        known = self.env["kpi.api.key"]._unseal(SEAL, options.token)
        if not known:
            raise ODataFault("This address is not ours, or too old: begin again.", 410)
        uid, shape, after, left, since, mark = known
        if uid != self.env.uid or shape != options.shape:
            raise ODataFault(
                "This address belongs to another user, set or query: begin again."
            )
        since, mark = since and Mark(*since), mark and Mark(*mark)
        if options.is_delta != (since is not None and after is None):
            raise ODataFault("$deltatoken and $skiptoken are not the same.")
        if since and after is None:
            self._check_mark(since)
        return Place(after, left, since, mark)

    @api.model
    def _take_mark(self, last_id=None):
        """``Mark`` of this transaction.

        :param last_id: the newest KPI that counts; default: all
        """
        reports = self.env["kpi.report"].with_context(active_test=False)
        domain = Domain("id", "<=", last_id) if last_id is not None else Domain.TRUE
        ids = SQL.identifier("kpi_report", "id")
        readable = reports._search(domain).select(
            SQL("md5(string_agg(%s::text, ',' ORDER BY %s))", ids, ids),
            SQL("coalesce(max(%s), 0)", ids),
        )
        ((xid, system, digest, newest),) = self.env.execute_query(
            SQL(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8,"
                " (SELECT system_identifier::text FROM pg_control_system()), known.*"
                " FROM (%s) AS known",
                readable,
            )
        )
        return Mark(xid, system, newest if last_id is None else last_id, digest or "")

    @api.model
    def _check_mark(self, since):
        """Refuse changes after a mark where what is missing could not be told."""
        now = self._take_mark(since.last_id)
        if now.system != since.system or not 0 <= now.xid - since.xid < OLDEST_MARK:
            raise ODataFault("Changes since then are not known: begin again.", 410)
        if now.readable != since.readable:
            raise ODataFault(
                "Other KPIs are readable than before: begin again, without those that "
                "are gone.",
                410,
            )

    @api.model
    def _changed_sql(self, table, since):
        """Condition for rows that were written after a mark.

        Neither a moment nor a snapshot finds what a transaction wrote that was running
        then and ended later: rows hold the number of the transaction, or of its part,
        and all these are younger than the oldest that was running.
        """
        xmin = SQL.identifier(table, "xmin")
        return SQL("age(%s) <= age(%s::text::xid)", xmin, since.xid % 2**32)

    # SELECTs of sets

    @api.model
    def _source_sql(self, of, options, place):
        """SELECT of the rows of a set, and where to go on if it has not all of them."""
        if of.name == "Summaries":
            return self._summaries_sql(of, options, place)
        if place.since:
            return self._changes_sql(of, place.since), None
        return getattr(self, f"_{of.name.lower()}_sql")(), None

    def _select(self, model, columns, condition=None, joins=()):
        """SELECT of columns of the records of a model that the user may read.

        :param columns: name → SQL, or name of a column
        :param condition: SQL
        :param joins: (table, column that names one of its rows), as “left”
        """
        records = self.env[model].with_context(active_test=False)
        query = records._search(Domain.TRUE)
        table = query.table
        for alias, joined, on in joins:
            query.add_join(
                "LEFT JOIN",
                alias,
                joined,
                SQL("%s = %s", SQL.identifier(alias, "id"), on),
            )
        if condition is not None:
            query.add_where(condition)
        return query.select(
            *(
                SQL(
                    "%s AS %s",
                    SQL.identifier(table, sql) if isinstance(sql, str) else sql,
                    SQL.identifier(name),
                )
                for name, sql in columns.items()
            )
        )

    @api.model
    def _facts_sql(self, condition=None):
        columns = {name: name for name in SETS["Facts"].columns} | {
            "kpi_id": "report_id",
            "recorded_at": _moment("kpi_measurement", "recorded_at"),
        }
        return self._select("kpi.measurement", columns, condition)

    @api.model
    def _changes_sql(self, of, since):
        """Facts written after a mark, and the keys of those taken away."""
        facts = self._facts_sql(self._changed_sql("kpi_measurement", since))
        revision = "kpi_measurement_revision"
        gone = self._select(
            "kpi.measurement.revision",
            {"kpi_id": "report_id", "grain": "grain", "period_start": "period_start"},
            SQL(
                "%s IS NULL AND %s",
                SQL.identifier(revision, "new_value"),
                self._changed_sql(revision, since),
            ),
        )
        rest = [
            SQL("NULL::%s", SQL(_sql_type(kind)))
            for name, kind in of.columns.items()
            if name not in of.key
        ]
        return SQL(
            """
            SELECT fact.*, FALSE AS gone FROM (%s) AS fact
         UNION ALL
            SELECT DISTINCT gone.*, %s, TRUE FROM (%s) AS gone
             WHERE NOT EXISTS (
                   SELECT FROM kpi_measurement AS fact
                    WHERE (fact.report_id, fact.grain, fact.period_start)
                        = (gone.kpi_id, gone.grain, gone.period_start))
            """,
            facts,
            SQL(", ").join(rest),
            gone,
        )

    @api.model
    def _kpis_sql(self):
        report, definition = "kpi_report", "definition"
        kpi = self.env["kpi.definition"]
        category = self.env["kpi.definition.category"]

        def of_kpi(name):
            return SQL.identifier(definition, name)

        def known(name, condition):
            return SQL(
                "CASE WHEN %s THEN %s END", condition, SQL.identifier(report, name)
            )

        status = SQL.identifier(report, "status")
        is_judged = SQL("%s IN ('on_target', 'at_risk', 'off_target')", status)
        columns = {name: name for name in SETS["Kpis"].columns} | {
            "kpi": kpi._field_to_sql(definition, "name"),
            "category": category._field_to_sql("category", "name"),
            "unit_symbol": kpi._field_to_sql(definition, "unit_symbol"),
            "currency": SQL.identifier("currency", "name"),
            "company": SQL.identifier("company", "name"),
            "period_start": "current_period_start",
            "value": known("current_value", SQL.identifier(report, "has_value")),
            "target": known(
                "target_value",
                SQL("%s AND %s <> 'range'", is_judged, of_kpi("direction")),
            ),
            "achievement": known("achievement", is_judged),
            "is_active": "active",
        }
        for name in ("code", "unit", "decimals", "direction", "calendar_id"):
            columns[name] = of_kpi(name)
        return self._select(
            "kpi.report",
            columns,
            joins=[
                (
                    definition,
                    "kpi_definition",
                    SQL.identifier(report, "definition_id"),
                ),
                (
                    "category",
                    "kpi_definition_category",
                    SQL.identifier(report, "category_id"),
                ),
                ("currency", "res_currency", of_kpi("currency_id")),
                ("company", "res_company", SQL.identifier(report, "company_id")),
            ],
        )

    @api.model
    def _targets_sql(self):
        columns = {name: name for name in SETS["Targets"].columns} | {
            "kpi_id": "report_id",
            "judged_at": _moment("kpi_target_value", "judged_at"),
        }
        return self._select("kpi.target.value", columns)

    @api.model
    def _calendar_sql(self):
        calendars = self.env["kpi.calendar"]
        calendar = self._select(
            calendars._name,
            {"id": "id", "name": calendars._field_to_sql("kpi_calendar", "name")},
        )
        starts = [
            SQL(
                "max(day.period_start) FILTER (WHERE day.grain = %s) AS %s",
                grain,
                SQL.identifier(f"{grain}_start"),
            )
            for grain in ("week", "month", "quarter", "year")
        ]
        return SQL(
            """
            SELECT calendar.id AS calendar_id, day.day, calendar.name AS calendar, %s
              FROM (%s) AS calendar
              JOIN kpi_calendar_day AS day ON day.calendar_id = calendar.id
          GROUP BY calendar.id, day.day, calendar.name
            """,
            SQL(", ").join(starts),
            calendar,
        )

    @api.model
    def _alerts_sql(self):
        columns = {name: name for name in SETS["Alerts"].columns} | {
            "kpi_id": "report_id",
            "rule": "rule_name",
        }
        for name in ("fired_at", "acknowledged_at", "resolved_at"):
            columns[name] = _moment("kpi_alert_event", name)
        return self._select("kpi.alert.event", columns)

    @api.model
    def _summaries_sql(self, of, options, place):
        """Values of months, quarters and years as KPIs declare that they add up.

        In the order of the key they are worked out for some KPIs at a time.
        """
        reports = self.env["kpi.report"].with_context(active_test=False)
        is_in_order = options.order == tuple((name, False) for name in of.key)
        size = None
        if is_in_order and not options.with_count and not options.skip:
            size = PAGE_KPIS
        domain = Domain.TRUE
        if size and place.after:
            domain = Domain("id", ">=", place.after[0])
        some = reports.search(domain, order="id", limit=size)
        is_last = not size or len(some) < size
        beyond = None if is_last else [some[-1].id + 1, "", "0001-01-01"]
        rows = list(self._summarise(some))
        columns = zip(*rows, strict=True) if rows else [()] * len(of.columns)
        arrays = [
            SQL("%s::%s[]", array_text(column), SQL(_sql_type(kind)))
            for kind, column in zip(of.columns.values(), columns, strict=True)
        ]
        names = SQL(", ").join(map(SQL.identifier, of.columns))
        source = SQL(
            "SELECT * FROM unnest(%s) AS found(%s)", SQL(", ").join(arrays), names
        )
        return source, beyond

    def _summarise(self, reports):
        """Rows of ``Summaries`` of some KPIs."""
        if not reports:
            return
        # Which periods there are is no secret to who sees the KPIs.
        days = self.env.execute_query(
            SQL(
                "SELECT min(period_start), max(period_start) FROM kpi_measurement"
                " WHERE report_id = ANY(%s)",
                reports.ids,
            )
        )
        ((first, last),) = days
        if not first:
            return
        by_grain = {}
        # How a KPI is declared is no secret either.
        for report in reports.sudo():
            for grain in report.definition_id._get_shown_grains():
                by_grain.setdefault(grain, []).append(report.id)
        for grain in SUMMED:
            kpis = reports.browse(by_grain.get(grain))
            for series in kpis._series(grain, first, last):
                stops = {period.start: period.stop for period in series.periods}
                for report_id, judged in series.list_judged().items():
                    for start, found in judged.items():
                        yield (
                            report_id, grain, start, stops[start],
                            found.value, found.target, found.achievement,
                            found.status, found.band or None,
                        )  # fmt: skip

    # Conditions and order

    @api.model
    def _condition_sql(self, condition):
        """The condition of a filter over a SELECT called “row”."""
        if condition is None:
            return SQL("TRUE")
        if isinstance(condition, Test):
            return _test_sql(condition)
        parts = [self._condition_sql(part) for part in condition.parts]
        if condition.word == "not":
            # What compares with nothing does not hold, so that its opposite does.
            return SQL("(%s) IS NOT TRUE", parts[0])
        return SQL("(%s)", SQL(f" {condition.word.upper()} ").join(parts))


def _sql_type(kind):
    return TYPES.get(kind, "timestamptz")


def _moment(table, name):
    """A moment with its offset, which Odoo's columns do not have."""
    return SQL("%s AT TIME ZONE 'UTC'", SQL.identifier(table, name))


def _test_sql(test):
    column = SQL.identifier("row", test.column)
    if test.function in ("tolower", "toupper"):
        column = SQL("%s(%s)", SQL(test.function.removeprefix("to")), column)
    elif test.function:
        column = SQL("extract(%s FROM %s)", SQL(test.function), column)
    value = test.value
    if value is None:
        return SQL("%s IS %sNULL", column, SQL("NOT " * (test.operator == "ne")))
    if test.operator == "in":
        return SQL("%s IN %s", column, tuple(value))
    if test.operator == "ne":
        return SQL("%s IS DISTINCT FROM %s", column, value)
    if test.operator == "contains":
        return SQL("position(%s IN %s) > 0", value, column)
    if test.operator == "startswith":
        return SQL("starts_with(%s, %s)", column, value)
    if test.operator == "endswith":
        return SQL("right(%s, %s) = %s", column, len(value), value)
    return SQL("%s %s %s", column, SQL(OPERATORS[test.operator]), value)


def _order_sql(order, key):
    """As OData has it: nothing comes before all values. A key always has one."""
    ways = [
        SQL(
            "%s %s%s",
            SQL.identifier("row", name),
            SQL("DESC" if is_down else "ASC"),
            SQL("" if name in key else " NULLS LAST" if is_down else " NULLS FIRST"),
        )
        for name, is_down in order
    ]
    return SQL(", ").join(ways)


def _after_sql(order, after):
    """Condition for rows that come after a place."""
    columns = [SQL.identifier("row", name) for name, _down in order]
    if None not in after and not any(is_down for _name, is_down in order):
        return SQL("(%s) > %s", SQL(", ").join(columns), tuple(after))  # by an index
    conditions = []
    for at, (_name, is_down) in enumerate(order):
        column, value = columns[at], after[at]
        same = [
            SQL("%s IS NOT DISTINCT FROM %s", each, known)
            for each, known in zip(columns[:at], after[:at], strict=True)
        ]
        if value is None and is_down:
            continue  # nothing is the last there
        if value is None:
            same.append(SQL("%s IS NOT NULL", column))
        elif is_down:
            same.append(SQL("(%s < %s OR %s IS NULL)", column, value, column))
        else:
            same.append(SQL("%s > %s", column, value))
        conditions.append(SQL("(%s)", SQL(" AND ").join(same)))
    return SQL("(%s)", SQL(" OR ").join(conditions))
