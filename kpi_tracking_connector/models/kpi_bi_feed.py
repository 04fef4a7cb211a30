"""What analysis programs read: rows of KPIs, pages of them, what changed."""

import io
import json
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from ..engine.odata.conditions import read_part
from ..engine.odata.entities import EntitySet
from ..engine.odata.fault import ODataFault
from ..engine.odata.options import read_options

PAGE_ROWS = 20_000
PAGE_KPIS = 200  # of summaries, which are worked out for some KPIs at a time
LINK_DAYS = 30  # that the address of a next page, or of changes, holds
OLDEST_MARK = 2**30  # transactions; half of what PostgreSQL tells apart
SEAL = "odata"
# Of the formats of COPY, CSV with a quote that no JSON has doubles no backslash.
AS_JSON = "FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02'"
SUMMED = ("month", "quarter", "year")
# Columns of each type, whichever set they are in; all others are texts.
KINDS = {
    "Int32": "id kpi_id calendar_id company_id department_id team_id user_id owner_id "
    "decimals parts_present parts_expected parent_id leader_id",
    "Double": "value weight target achievement baseline stretch range_low range_high "
    "rated_value measured limit",
    "Date": "period_start period_stop day week_start month_start quarter_start "
    "year_start",
    "DateTimeOffset": "recorded_at rated_at fired_at acknowledged_at resolved_at",
    "Boolean": "is_active",
}
SQL_TYPES = {
    "Int32": "int4",
    "Double": "float8",
    "String": "text",
    "Date": "date",
    "DateTimeOffset": "timestamptz",
}
OF_PERIOD = "kpi_id grain period_start"
# What a value is of, by name; columns of Kpis have the same names.
OF_VALUE = "kpi code unit currency company department team person"


def _set(name, type_name, key, others, **options):
    kind_of = {each: kind for kind, names in KINDS.items() for each in names.split()}
    columns = [*key.split(), *others.split()]
    kinds = {column: kind_of.get(column, "String") for column in columns}
    return EntitySet(name, type_name, tuple(key.split()), kinds, **options)


COMPANIES = _set("Companies", "Company", "id", "name currency parent_id is_active")
IN_COMPANY = {"CompanyDetails": ("company_id", COMPANIES)}
DEPARTMENTS = _set(
    "Departments",
    "Department",
    "id",
    "name parent_id company_id company is_active",
    links=IN_COMPANY,
)
PEOPLE = _set(
    "People", "Person", "id", "name company_id company is_active", links=IN_COMPANY
)
TEAMS = _set(
    "Teams", "Team", "id", "name leader_id company_id company is_active",
    links=IN_COMPANY,
)  # fmt: skip
KPIS = _set(
    "Kpis",
    "Kpi",
    "id",
    "name code kpi category unit unit_symbol currency decimals direction frequency "
    "computation calendar_id scope_type company_id company department_id team_id "
    "user_id owner_id period_start value target achievement status band is_active "
    "period_stop department team person owner",
    links={
        **IN_COMPANY,
        "DepartmentDetails": ("department_id", DEPARTMENTS),
        "TeamDetails": ("team_id", TEAMS),
        "PersonDetails": ("user_id", PEOPLE),
        "OwnerDetails": ("owner_id", PEOPLE),
    },
)
OF_KPI = {"KpiDetails": ("kpi_id", KPIS)}
FACTS = _set(
    "Facts",
    "Fact",
    OF_PERIOD,
    "value weight source recorded_at parts_present parts_expected period_stop target "
    f"status {OF_VALUE}",
    is_tracked=True,
    links=OF_KPI,
)
TARGETS = _set(
    "Targets",
    "Target",
    OF_PERIOD,
    "target baseline stretch range_low range_high rated_value achievement status band "
    "rated_at",
    links=OF_KPI,
)
CALENDAR = _set(
    "Calendar",
    "Day",
    "calendar_id day",
    "calendar week_start month_start quarter_start year_start",
)
ALERTS = _set(
    "Alerts",
    "Alert",
    "id",
    "kpi_id rule alert_type severity state grain period_start value measured limit "
    "fired_at acknowledged_at resolved_at resolution",
    links=OF_KPI,
)
SUMMARIES = _set(
    "Summaries",
    "Summary",
    OF_PERIOD,
    f"period_stop value target achievement status band {OF_VALUE}",
    links=OF_KPI,
)
SETS = {
    each.name: each
    for each in (
        FACTS,
        KPIS,
        TARGETS,
        CALENDAR,
        ALERTS,
        SUMMARIES,
        DEPARTMENTS,
        PEOPLE,
        TEAMS,
        COMPANIES,
    )
}
# What is stored of a fact's period: one row of each at most.
FACT_JOINS = {
    "calendar": (
        "kpi_calendar",
        "calendar.id = kpi_measurement__report_id__definition_id.calendar_id",
    ),
    "period": (
        "kpi_calendar_day",
        "period.shape = calendar.shape AND period.grain = kpi_measurement.grain"
        " AND period.day = kpi_measurement.period_start",
    ),
    "judged": (
        "kpi_target_value",
        "judged.report_id = kpi_measurement.report_id"
        " AND judged.grain = kpi_measurement.grain"
        " AND judged.period_start = kpi_measurement.period_start",
    ),
}
# Set → its model, and the columns of a KPI that name one of its records.
OF_KPIS = {
    "Departments": ("hr.department", ("department_id",)),
    "People": ("res.users", ("user_id", "owner_id")),
    "Teams": ("kpi.team", ("team_id",)),
    "Companies": ("res.company", ("company_id",)),
}


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


class Place(NamedTuple):
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


class Page(NamedTuple):
    """Some rows.

    :ivar rows: JSON objects, separated by commas
    :ivar count: of all rows, where that was asked for
    :ivar is_delta: whether these are changes
    :ivar next: sealed place of the next page; empty = this was the last
    :ivar delta: sealed mark of what changes after; empty = not asked for
    """

    rows: bytes
    count: int | None
    is_delta: bool
    next: str = ""
    delta: str = ""


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
        place = self._open_place(options) or Place(left=options.top)
        is_first = place.after is None
        if is_first and (place.since or tracks and of.is_tracked and options.is_all):
            place = place._replace(mark=self._take_mark())
        size = PAGE_ROWS if place.left is None else min(PAGE_ROWS, place.left)
        source, beyond, count = self._source_sql(of, options, place, size)
        chosen = SQL("SELECT * FROM (%s) AS row WHERE %s", source, _condition(options))
        if options.with_count and is_first and count is None:
            query = SQL("SELECT count(*) FROM (%s) AS chosen", chosen)
            ((count,),) = self.env.execute_query(query)
        rows, found, after = self._copy_page(
            SQL(
                "%s AND %s ORDER BY %s LIMIT %s OFFSET %s",
                chosen,
                SQL("TRUE") if is_first else _after_sql(options.order, place.after),
                _order_sql(options.order, of.key),
                size,
                options.skip if is_first else 0,
            ),
            options,
            size,
            of.key if place.since else (),
        )
        left = place.left and place.left - found
        after = after if found == size and left != 0 else beyond
        page = Page(rows, count, bool(place.since))
        if after and left != 0:
            following = place._replace(after=after, left=left)
            return page._replace(next=self._seal_place(options, following))
        if place.mark:
            changes = Place(since=place.mark)
            return page._replace(delta=self._seal_place(options, changes))
        return page

    @api.model
    def _count_rows(self, of, given=()):
        """How many rows of a set the user may read.

        :param given: options, which choose some of them
        """
        options = read_options([*given, ("$count", "true"), ("$top", "0")], of)
        return self._read_page(of, options).count

    @api.model
    def _copy_page(self, page, options, size, key_of_gone):
        """Run a statement; COPY makes JSON of each row, and no row is one of Python.

        :param page: the statement
        :param size: rows of a full page: the place of that one is returned
        :param key_of_gone: columns that are said of rows that are “gone”
        :return: JSON objects, how many, and what the last of a full page is ordered by
        """
        shown = [SQL.identifier("page", name) for name in options.select]
        shown += [self._expand_sql(link) for link in options.expand]
        place = SQL(", ").join(SQL.identifier("page", n) for n, _down in options.order)
        line = SQL("row_to_json(shown)")
        if key_of_gone:
            key = [SQL("%s, %s", n, SQL.identifier("page", n)) for n in key_of_gone]
            line = SQL(
                "CASE WHEN page.gone THEN json_build_object('@removed',"
                " json_build_object('reason', 'deleted'), %s) ELSE %s END",
                SQL(", ").join(key),
                line,
            )
        query = SQL(
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
            shown=SQL(", ").join(shown),
        )
        file = io.BytesIO()
        found = self._copy_to(query, file, AS_JSON)
        rows, _bar, last = file.getvalue()[:-1].rpartition(b"\x02")
        return rows.replace(b"\x02\n", b",\n"), found, json.loads(last or b"null")

    @api.model
    def _expand_sql(self, link):
        """The row that one of a page names, as a column of JSON.

        :param link: ``Expanded``
        """
        columns = [SQL.identifier("row", name) for name in link.select]
        return SQL(
            "(SELECT row_to_json(found) FROM (SELECT %s FROM (%s) AS row"
            " WHERE row.id = %s) AS found) AS %s",
            SQL(", ").join(columns),
            getattr(self, f"_{link.of.name.lower()}_sql")(),
            SQL.identifier("page", link.column),
            SQL.identifier(link.name),
        )

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
        content = [self.env.uid, options.shape, *place]
        # Any user may be given a place; nobody can make one.
        return self.env["kpi.api.key"]._seal(SEAL, content, timedelta(days=LINK_DAYS))

    @api.model
    def _open_place(self, options):
        """The place that a request names, None for a first page."""
        if not options.token:
            return None
        known = self.env["kpi.api.key"]._unseal(SEAL, options.token)
        if not known:
            raise ODataFault("This address is not ours, or too old: begin again.", 410)
        uid, shape, after, left, since, mark = known
        if [uid, shape] != [self.env.uid, options.shape]:
            raise ODataFault(
                "This address belongs to another user, set or query: begin again."
            )
        since = since and Mark(*since)
        if options.is_delta != (since is not None and after is None):
            raise ODataFault("$deltatoken and $skiptoken are not the same.")
        if since and after is None and (gap := self._find_gap(since)):
            raise ODataFault(gap, 410)
        return Place(after, left, since, mark)

    @api.model
    def _take_mark(self, last_id=None):
        """``Mark`` of this transaction.

        :param last_id: the newest KPI that counts; default: all
        """
        reports = self.env["kpi.report"].with_context(active_test=False)
        domain = Domain.TRUE if last_id is None else Domain("id", "<=", last_id)
        ids = "string_agg(kpi_report.id::text, ',' ORDER BY kpi_report.id)"
        readable = reports._search(domain).select(
            SQL("coalesce(%s, max(kpi_report.id), 0)", last_id),
            SQL(f"coalesce(md5({ids}), '')"),
        )
        query = SQL(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8,"
            " (SELECT system_identifier::text FROM pg_control_system()), known.*"
            " FROM (%s) AS known",
            readable,
        )
        return Mark(*self.env.execute_query(query)[0])

    @api.model
    def _find_gap(self, since):
        """Why what is missing since a mark could not be told; empty: it can."""
        now = self._take_mark(since.last_id)
        if now.system != since.system or not 0 <= now.xid - since.xid < OLDEST_MARK:
            return "Changes since then are not known: begin again."
        if now.readable != since.readable:
            return (
                "Other KPIs are readable than before: begin again, without those that "
                "are gone."
            )
        return ""

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
    def _source_sql(self, of, options, place, size):
        """SELECT of the rows of a set, or of as many as a page needs.

        :param size: rows of the page
        :return: also the place of the next page, where the SELECT ends before it; and
            how many rows the filter has, where that is known
        """
        if of == SUMMARIES:
            order = tuple((name, False) for name in SUMMARIES.key)
            if options.order == order and not options.with_count and not options.skip:
                return *self._next_summaries_sql(options, place.after), None
            return self._first_summaries_sql(options, place.after, size)
        if place.since:
            return self._changes_sql(place.since), None, None
        return getattr(self, f"_{of.name.lower()}_sql")(), None, None

    def _select(self, model, columns, condition=None, joins=None, **others):
        """SELECT of columns of the records of a model that the user may read.

        :param columns: names, of fields where ``others`` does not have them
        :param condition: SQL
        :param joins: alias → table and SQL that finds one row of it at most
        :param others: name → SQL, or path to a field
        """
        records = self.env[model].with_context(active_test=False)
        query = records._search(Domain.TRUE)
        shown = []
        for name in columns:
            sql = others.get(name, name)
            if isinstance(sql, str):
                of, alias = records, query.table
                *path, last = sql.split(".")
                for step in path:
                    of, alias = of._fields[step].join(of, alias, query)
                sql = of._field_to_sql(alias, last, query)
                if of._fields[last].type == "datetime":
                    sql = SQL("%s AT TIME ZONE 'UTC'", sql)  # so that it has an offset
            shown.append(SQL("%s AS %s", sql, SQL.identifier(name)))
        for alias, (table, found_by) in (joins or {}).items():
            query.add_join("LEFT JOIN", alias, table, SQL(found_by))
        if condition is not None:
            query.add_where(condition)
        return query.select(*shown)

    @api.model
    def _facts_sql(self, condition=None):
        # The target and status of Targets, and where its period runs, those of Kpis;
        # who sees a KPI sees both.
        status = """
            CASE WHEN judged.status IS NOT NULL THEN judged.status
                 WHEN kpi_measurement__report_id.current_period_start
                      = kpi_measurement.period_start
                  AND kpi_measurement__report_id__definition_id.frequency
                      = kpi_measurement.grain
                 THEN kpi_measurement__report_id.status
                 WHEN judged.id IS NULL THEN 'no_target' END
        """
        return self._select(
            "kpi.measurement",
            FACTS.columns,
            condition,
            FACT_JOINS,
            kpi_id="report_id",
            period_stop=SQL("period.period_stop"),
            target=SQL("judged.target"),
            status=SQL(status),
            **_name_paths("report_id."),
        )

    @api.model
    def _changes_sql(self, since):
        """Facts written after a mark, and the keys of those taken away."""
        is_changed = self._changed_sql("kpi_measurement_revision", since)
        gone = self._select(
            "kpi.measurement.revision",
            FACTS.key,
            SQL("kpi_measurement_revision.new_value IS NULL AND %s", is_changed),
            kpi_id="report_id",
        )
        rest = [
            SQL("NULL::%s", SQL(SQL_TYPES[kind]))
            for name, kind in FACTS.columns.items()
            if name not in FACTS.key
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
            self._facts_sql(self._changed_sql("kpi_measurement", since)),
            SQL(", ").join(rest),
            gone,
        )

    @api.model
    def _kpis_sql(self):
        valued = "CASE WHEN kpi_report.has_value THEN kpi_report.current_value END"
        is_judged = "kpi_report.status IN ('on_target', 'at_risk', 'off_target')"
        return self._select(
            "kpi.report",
            SETS["Kpis"].columns,
            **_name_paths(),
            owner="owner_id.partner_id.name",
            category="category_id.name",
            calendar_id="definition_id.calendar_id",
            period_start="current_period_start",
            period_stop="current_period_stop",
            value=SQL(valued),
            target=SQL(
                "CASE WHEN %s AND kpi_report__definition_id.direction <> 'range'"
                " THEN kpi_report.target_value END",
                SQL(is_judged),
            ),
            achievement=SQL(f"CASE WHEN {is_judged} THEN kpi_report.achievement END"),
            is_active="active",
        )

    @api.model
    def _targets_sql(self):
        return self._select(
            "kpi.target.value", SETS["Targets"].columns, kpi_id="report_id"
        )

    @api.model
    def _alerts_sql(self):
        return self._select(
            "kpi.alert.event",
            SETS["Alerts"].columns,
            kpi_id="report_id",
            rule="rule_name",
        )

    @api.model
    def _calendar_sql(self):
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
              JOIN kpi_calendar_day AS day ON day.shape = calendar.shape
          GROUP BY calendar.id, day.day, calendar.name
            """,
            SQL(", ").join(starts),
            self._select("kpi.calendar", ("id", "name", "shape")),
        )

    @api.model
    def _departments_sql(self):
        return self._of_kpis_sql(DEPARTMENTS, company="company_id.name")

    @api.model
    def _people_sql(self):
        return self._of_kpis_sql(
            PEOPLE, name="partner_id.name", company="company_id.name"
        )

    @api.model
    def _teams_sql(self):
        return self._of_kpis_sql(TEAMS, company="company_id.name")

    @api.model
    def _companies_sql(self):
        return self._of_kpis_sql(COMPANIES, currency="currency_id.name")

    @api.model
    def _of_kpis_sql(self, of, **paths):
        """SELECT of what the KPIs that the user may read are tracked for.

        :param of: ``EntitySet``
        """
        model, columns = OF_KPIS[of.name]
        reports = self.env["kpi.report"].with_context(active_test=False)
        named = reports._search(Domain.TRUE)
        ids = [SQL.identifier(named.table, column) for column in columns]
        # Names of what a KPI is tracked for are part of the KPI's, for all who see it.
        return self.sudo()._select(
            model,
            of.columns,
            SQL(
                "%s IN (%s)",
                SQL.identifier(self.env[model]._table, "id"),
                named.select(SQL("unnest(ARRAY[%s])", SQL(", ").join(ids))),
            ),
            is_active="active",
            **paths,
        )

    @api.model
    def _next_summaries_sql(self, options, after):
        """SELECT of ``Summaries`` of the next KPIs, in the order of the key.

        They are computed for the KPIs that the filter is about, and no others.

        :param after: where the page before ended, None for the first
        :return: also the place of the page after this
        """
        first_id = after[0] if after else 0
        some = self._find_summarised(options, first_id, PAGE_KPIS)
        beyond = None
        if len(some) == PAGE_KPIS:
            beyond = [some[-1].id + 1, "", "0001-01-01"]
        return self._summaries_sql(some, options), beyond

    @api.model
    def _first_summaries_sql(self, options, after, size):
        """SELECT of the ``Summaries`` that come first in an order, and their count.

        They are computed for some KPIs at a time: there are never more rows in memory
        than those of these KPIs, and of one page.

        :return: as of ``_source_sql``
        """
        first, count = "[]", 0
        wanted = size + (0 if after else options.skip)
        kpis = self._find_summarised(options, 0, None)
        for some in split_every(PAGE_KPIS, kpis.ids, kpis.browse):
            query = SQL(
                """
                WITH found AS MATERIALIZED (
                         SELECT * FROM (%(some)s) AS row WHERE %(condition)s),
                     first AS (
                         SELECT row.*
                           FROM (SELECT %(columns)s FROM found
                              UNION ALL
                                 SELECT %(columns)s FROM (%(first)s) AS first) AS row
                          WHERE %(after)s
                       ORDER BY %(order)s
                          LIMIT %(wanted)s)
                SELECT (SELECT count(*) FROM found),
                       (SELECT coalesce(json_agg(first), '[]')::text FROM first)
                """,
                some=self._summaries_sql(some, options),
                condition=_condition(options),
                columns=SQL(", ").join(map(SQL.identifier, SUMMARIES.columns)),
                first=_records_sql(first, SUMMARIES.columns),
                after=_after_sql(options.order, after) if after else SQL("TRUE"),
                order=_order_sql(options.order, SUMMARIES.key),
                wanted=wanted,
            )
            ((found, first),) = self.env.execute_query(query)
            count += found
        return _records_sql(first, SUMMARIES.columns), None, count

    @api.model
    def _summaries_sql(self, reports, options):
        """SELECT of values by month, quarter and year as KPIs declare that they add up.

        :param reports: their KPIs
        :param options: whose filter can leave periods out
        """
        named = OF_VALUE.split()
        columns = [name for name in SUMMARIES.columns if name not in named]
        return SQL(
            "SELECT found.*, %s FROM (%s) AS found"
            " JOIN (%s) AS known ON known.id = found.kpi_id",
            SQL(", ").join(SQL.identifier("known", name) for name in named),
            _records_sql(
                json.dumps(list(self._summarise(reports, options)), default=str),
                columns,
            ),
            self._kpis_sql(),
        )

    @api.model
    def _find_summarised(self, options, first_id, size):
        """The KPIs that a filter of ``Summaries`` can be about, by one statement.

        :param first_id: the lowest id
        :param size: how many at most; None = all
        """
        part = _read_part(options, {"kpi_id", *OF_VALUE.split()})
        rows = self.env.execute_query(
            SQL(
                "SELECT row.kpi_id"
                " FROM (SELECT known.id AS kpi_id, %s FROM (%s) AS known) AS row"
                " WHERE row.kpi_id >= %s AND %s ORDER BY row.kpi_id LIMIT %s",
                SQL(", ").join(SQL.identifier("known", n) for n in OF_VALUE.split()),
                self._kpis_sql(),
                first_id,
                part,
                size,
            )
        )
        reports = self.env["kpi.report"].with_context(active_test=False)
        return reports.browse(report_id for (report_id,) in rows)

    def _find_spans(self, reports, options):
        """First day of the first and last period of each grain that a filter allows.

        :return: grain → two days, without grains that have no period
        """
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
            return {}
        # How a KPI is declared is no secret either.
        calendars = reports.sudo().definition_id.calendar_id
        periods = {
            (grain, period.start, period.stop)
            for calendar in calendars
            for grain in SUMMED
            for period in calendar._periods(grain, first, last)
        }
        spans = self.env.execute_query(
            SQL(
                "SELECT row.grain, min(row.period_start), max(row.period_start)"
                " FROM unnest(%s::text[], %s::date[], %s::date[])"
                " AS row(grain, period_start, period_stop) WHERE %s GROUP BY row.grain",
                *map(list, zip(*periods, strict=True)),
                _read_part(options, {"grain", "period_start", "period_stop"}),
            )
        )
        return {grain: days for grain, *days in spans}

    @api.model
    def _summarise(self, reports, options):
        """Rows of ``Summaries`` of some KPIs, in the periods that a filter allows."""
        spans = self._find_spans(reports, options)
        by_grain = {}
        # As above.
        for report in reports.sudo():
            for grain in report.definition_id._get_shown_grains():
                by_grain.setdefault(grain, []).append(report.id)
        for grain in [grain for grain in SUMMED if grain in spans]:
            kpis = reports.browse(by_grain.get(grain))
            for series in kpis._series(grain, *spans[grain]):
                stops = {period.start: period.stop for period in series.periods}
                for report_id, judged in series.list_judged().items():
                    for start, found in judged.items():
                        yield {
                            "kpi_id": report_id,
                            "grain": grain,
                            "period_start": start,
                            "period_stop": stops[start],
                            "value": found.value,
                            "target": found.target,
                            "achievement": found.achievement,
                            "status": found.status,
                            "band": found.band or None,
                        }


def _name_paths(report=""):
    """What a KPI is of, by name: column → path to a field.

    Names of what a KPI is tracked for are part of the KPI's, for all who see it.

    :param report: path to the KPI, with a dot
    """
    return {
        "kpi": f"{report}definition_id.name",
        "code": f"{report}definition_id.code",
        "unit": f"{report}definition_id.unit",
        "currency": f"{report}definition_id.currency_id.name",
        "company": f"{report}company_id.name",
        "department": f"{report}department_id.name",
        "team": f"{report}team_id.name",
        "person": f"{report}user_id.partner_id.name",
    }


def _records_sql(records, columns):
    """SELECT of objects of JSON as rows of ``Summaries``.

    :param records: a list, as text
    """
    types = [
        SQL("%s %s", SQL.identifier(name), SQL(SQL_TYPES[SUMMARIES.columns[name]]))
        for name in columns
    ]
    return SQL(
        "SELECT * FROM json_to_recordset(%s) AS record(%s)",
        records,
        SQL(", ").join(types),
    )


def _read_part(options, names):
    """The part of a filter of ``Summaries`` that is about some columns only."""
    if options.filter is None:
        return SQL("TRUE")
    code, values = read_part(options.filter, SUMMARIES.columns, names)
    return SQL(code, *values)


def _condition(options):
    """The condition of a filter, over a SELECT called “row”."""
    code, values = options.condition
    return SQL(code, *values)


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
    if None not in after and not any(is_down for _name, is_down in order):
        columns = SQL(", ").join(SQL.identifier("row", name) for name, _down in order)
        return SQL("(%s) > %s", columns, tuple(after))  # by an index
    condition = SQL("FALSE")
    for (name, is_down), value in reversed(list(zip(order, after, strict=True))):
        condition = SQL(
            "((%(column)s IS NOT NULL, %(column)s) %(way)s (%(is_known)s, %(value)s)"
            " OR %(column)s IS NOT DISTINCT FROM %(value)s AND %(rest)s)",
            column=SQL.identifier("row", name),
            way=SQL("<" if is_down else ">"),
            is_known=value is not None,
            value=value,
            rest=condition,
        )
    return condition
