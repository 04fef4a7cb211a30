from dataclasses import dataclass
from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from ..definition.kpi_definition_domain import AsOf


@dataclass(frozen=True)
class Branch:
    """One way in which records are put into scopes: a GROUP BY of the statement.

    :param scope_types: scopes whose reports it fills
    :param join: SQL that follows the FROM clause
    :param scopes: SELECT expressions scope_type, scope_id, company_id
    :param sets: columns to group by; more than one become GROUPING SETS
    :param ids: scope type → id of the scope that a record counts for
    """

    scope_types: tuple[str, ...]
    join: SQL
    scopes: SQL
    sets: tuple[tuple[SQL, ...], ...]
    ids: dict[str, SQL]

    def group_by_sql(self, *more):
        """The GROUP BY list, with the columns ``more`` in every set."""
        sets = [SQL(", ").join((*columns, *more)) for columns in self.sets]
        if len(sets) == 1:
            return sets[0]
        return SQL(
            "GROUPING SETS (%s)", SQL(", ").join(SQL("(%s)", each) for each in sets)
        )


@dataclass
class SourceRecords:
    """The records of a source, each with the period it belongs to.

    Conditions come from Odoo's own query objects, so that a KPI counts exactly the
    records its filter shows.
    """

    source: object
    narrowed_from: object = None

    def __post_init__(self):
        # A KPI counts all records; who sees its value is asked where it is shown.
        source = self.source = self.source.sudo()
        company = source.company_id or source.env.company
        self.env = source.with_company(company).env
        self.tz = source.calendar_id.tz
        # In no language: values are the same for whoever has them computed.
        self.model = self.env[source.model_name].with_context(
            active_test=False, lang=None
        )
        # As above.
        self.query = self.model._search(Domain.TRUE, bypass_access=True)
        self.is_timed = source.kind != "flow"
        self.date = source.date_field and self.column(source.date_field)
        if source.kind == "stock" and source.date_to_field:
            self.column(source.date_to_field)
        # The records with what their dates are reached by, and nothing else.
        self.dated_records = self.query.from_clause
        self.company = self._company()
        # Those with the company that each counts for, whatever their period.
        self.company_records = self.query.from_clause, self.query.where_clause
        # What says to which period a record belongs is joined.
        getattr(self, f"_bind_{source.kind}")()

    def _bind_flow(self):
        source = self.source
        self.local_day = self._local_day_sql(self.date, source.date_field)
        self.query.add_join(
            "JOIN",
            "calendar_day",
            "kpi_calendar_day",
            SQL(
                "calendar_day.shape = %s AND calendar_day.grain = %s"
                " AND calendar_day.day = %s",
                source.calendar_id._get_shape(),
                source.grain,
                self.local_day,
            ),
        )
        self.period = SQL.identifier("calendar_day", "period_start")
        self.member_day = self.local_day
        stop = SQL.identifier("calendar_day", "period_stop")
        self.as_of = self._as_of(stop, self._midnight_sql(stop))

    def _bind_stock(self):
        source = self.source
        self._bind_snapshot()
        self.local_day = self._local_day_sql(self.date, source.date_field)
        self.query.add_where(
            SQL("%s < %s", self.date, self._period_stop_sql(source.date_field))
        )
        if source.date_to_field:
            closed = self.column(source.date_to_field)
            stop = self._period_stop_sql(source.date_to_field)
            self.query.add_where(SQL("(%s IS NULL OR %s >= %s)", closed, closed, stop))

    def _bind_snapshot(self):
        self.query.add_join("JOIN", "period", "period", SQL("TRUE"))
        self.period = SQL.identifier("period", "start")
        names = ("stop", "stop_at")
        self.as_of = self._as_of(*(SQL.identifier("period", name) for name in names))
        self.local_day = self.member_day = self.as_of.day

    def _as_of(self, stop, stop_at):
        """End of the period before the day ``stop`` (at ``stop_at``, UTC), or now."""
        return AsOf(
            day=SQL("LEAST(%s - 1, (now() AT TIME ZONE %s)::date)", stop, self.tz),
            instant=SQL("LEAST(%s, now() AT TIME ZONE 'UTC')", stop_at),
            tz=self.tz,
        )

    def _period_stop_sql(self, path):
        """First moment after the period, as comparable with the field at ``path``."""
        if self._end(path).type == "date":
            return SQL("(%s + 1)", self.as_of.day)
        return self.as_of.instant

    def select_range(self, first, stop):
        """Condition on the date field that an index can serve; half-open local days."""
        if self.source.kind != "flow":
            return SQL("TRUE")
        return self._dated_sql(first, stop)

    def _dated_sql(self, first, stop):
        """As ``select_range``, of any source with a date; no record of it is missed."""
        if self._end(self.source.date_field).type == "date":
            return SQL("%s >= %s AND %s < %s", self.date, first, self.date, stop)
        # A day wider on both sides: the join on the local day decides, also where a
        # midnight happens twice.
        return SQL(
            "%s >= %s AND %s < %s",
            self.date,
            self._midnight_sql(SQL("%s", first - timedelta(days=1))),
            self.date,
            self._midnight_sql(SQL("%s", stop + timedelta(days=1))),
        )

    def _midnight_sql(self, day):
        """The moment at which the local ``day`` starts, in UTC.

        The second one where a day has two, which ``kpi.source._period_rows_sql`` knows.
        """
        return SQL("((%s::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC')", day, self.tz)

    def first_days_sql(self, company_ids, readable=None, periods=None):
        """SELECT of companies and the local day of the first record of each.

        No filter applies: from that day on, no record that counts is a value of 0. A
        record is there from its date on, and from when it was created: who has orders,
        none of which is delivered, has delivered 0.

        :param company_ids: companies; those without records are left out, or have NULL
        :param readable: query of the records that are looked at; None = all
        :param periods: in a row, only records dated in which are read; None = all
        """
        records, where = self.company_records
        paths = [self.source.date_field] if self.date else []
        paths += ["create_date"] if self.model._log_access else []
        days = [
            self._local_day_sql(SQL("min(%s)", self.column(path)), path)
            for path in paths
        ]
        if not self.date:  # a snapshot sees what is there now
            today = self.source.calendar_id._today()
            days.append(SQL("CASE WHEN count(*) > 0 THEN %s::date END", today))
        conditions, groups = [where or SQL("TRUE")], SQL()
        if not self.source.company_id:
            conditions.append(SQL("%s = ANY(%s)", self.company, list(company_ids)))
            groups = SQL("GROUP BY 1")
        if periods:
            conditions.append(self._dated_sql(periods[0].start, periods[-1].stop))
        if readable is not None:  # a query is false where it finds nothing
            record_id = SQL.identifier(self.query.table, "id")
            conditions.append(SQL("%s IN %s", record_id, readable.subselect()))
        return SQL(
            "SELECT %s, LEAST(%s) FROM %s WHERE %s %s",
            self.company,
            SQL(", ").join(days),
            records,
            SQL(" AND ").join(conditions),
            groups,
        )

    def _walk(self, path):
        """Follow ``path`` by left joins: model, alias and name at its end."""
        model, alias = self.model, self.query.table
        *steps, last = path.split(".")
        for step in steps:
            model, alias = model._fields[step].join(model, alias, self.query)
        return model, alias, last

    def _end(self, path):
        model, _alias, name = self._walk(path)
        return model._fields[name]

    def stored_end(self, path):
        """The stored field that ``path`` reads, and the alias of the table it is of."""
        model, alias, name = self._walk(path)
        field = model._fields[name]
        while field.related and not field.store:
            model, field, alias = model._traverse_related_sql(alias, field, self.query)
        return alias, field

    def column(self, path):
        """SQL of the stored field at the end of ``path``."""
        model, alias, name = self._walk(path)
        return model._field_to_sql(alias, name, self.query)

    def _local_day_sql(self, column, path):
        if self._end(path).type == "date":
            return column
        if self.tz == "UTC":
            return SQL("%s::date", column)
        return SQL("((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", column, self.tz)

    def _company(self):
        """The company a record counts for; one without counts for the source's.

        A record that belongs to another company counts for nobody, whatever the path
        to a company says.
        """
        source = self.source
        field_company = source.company_field and self.column(source.company_field)
        own_company = self._own_company()
        columns = [each for each in dict.fromkeys((field_company, own_company)) if each]
        none = SQL(" AND ").join(SQL("%s IS NULL", column) for column in columns)
        if source.company_id:
            company = SQL("%s", source.company_id.id)
            is_counted = source.without_company != "none"
            if source.without_company == "one":
                is_counted = source.without_company_id == source.company_id
            if not is_counted:
                self.query.add_where(SQL("NOT (%s)", none or SQL("TRUE")))
        else:
            company = self._shared_company(field_company, none)
        for column in columns:
            if column != company:
                self.query.add_where(
                    SQL("(%s IS NULL OR %s = %s)", column, column, company)
                )
        return company

    def _shared_company(self, field_company, none):
        """The company that a record counts for, of a KPI that all of them share."""
        if self.source.without_company == "one":
            fallback = self.source.without_company_id.id
            return SQL(
                "COALESCE(%s, CASE WHEN %s THEN %s END)", field_company, none, fallback
            )
        if self.source.without_company == "every":
            self.query.add_join("LEFT JOIN", "any_company", "res_company", none)
            return SQL(
                "COALESCE(%s, %s)", field_company, SQL.identifier("any_company", "id")
            )
        return field_company or SQL("NULL::integer")

    def _own_company(self):
        """The company that a record itself belongs to; None where it has no such."""
        field = self.model._fields.get("company_id")
        if not field or field.type != "many2one" or field.comodel_name != "res.company":
            return None
        return self.column("company_id") if field.base_field.store else None

    def branches(self, scope_types):
        """The GROUP BYs that fill ``scope_types``: plain columns first, then joins."""
        branches = [self._plain_branch(scope_types)]
        user = self.source.user_field and self._end(self.source.user_field)
        if user and user.type == "many2many" and "user" in scope_types:
            branches.append(self._many_users_branch(user))
        source = self.source
        own = {"department": source.department_field, "team": source.team_field}
        members = tuple(
            scope for scope in own if scope in scope_types and not own[scope]
        )
        if members and user:
            branches.append(self._membership_branch(members, user))
        if self.source.department_field and "department" in scope_types:
            join = SQL(
                """
                JOIN hr_department AS department ON department.id = %s
                CROSS JOIN unnest(string_to_array(
                  trim(department.parent_path, '/'), '/')) AS ancestor(id)
                """,
                self.column(self.source.department_field),
                to_flush=self.env["hr.department"]._fields["parent_path"],
            )
            branches.append(
                Branch(
                    scope_types=("department",),
                    join=join,
                    scopes=SQL(
                        "'department' AS scope_type, ancestor.id::int AS scope_id,"
                        " %s AS company_id",
                        self.company,
                    ),
                    sets=((self.period, SQL("ancestor.id"), *self._record_company()),),
                    ids={"department": SQL("ancestor.id::int")},
                )
            )
        return [branch for branch in branches if branch]

    def branch_of(self, scope_type):
        """The branch that fills the reports of one ``scope_type``."""
        branches = self.branches({scope_type})
        return next(each for each in branches if scope_type in each.scope_types)

    def _plain_branch(self, scope_types):
        """Company, team and user by columns of the record: one pass, GROUPING SETS."""
        source, columns = self.source, {}
        if "user" in scope_types and source.user_field:
            if self._end(source.user_field).type == "many2one":
                columns["user"] = self.column(source.user_field)
        if "team" in scope_types and source.team_field:
            columns["team"] = self._team_column()
        if not columns and "company" not in scope_types:
            return None
        by_company = self._record_company()
        sets = [(self.period, *by_company, column) for column in columns.values()]
        kinds = [*columns]
        if "company" in scope_types:
            sets.append((self.period, *by_company))
            kinds.append("company")
        kind, scope_id = SQL("'company'"), self.company
        for name, column in columns.items():
            case = "CASE WHEN GROUPING(%s) = 0 THEN %s ELSE %s END"
            kind = SQL(case, column, name, kind)
            scope_id = SQL(case, column, column, scope_id)
        return Branch(
            scope_types=tuple(kinds),
            join=SQL(),
            scopes=SQL(
                "%s AS scope_type, %s AS scope_id, %s AS company_id",
                *(kind, scope_id, self.company),
            ),
            sets=tuple(sets),
            ids={**columns, "company": self.company},
        )

    def _team_column(self):
        """Team of the record; one of another app through the team linked to it."""
        column = self.column(self.source.team_field)
        comodel = self._end(self.source.team_field).comodel_name
        if comodel == "kpi.team":
            return column
        teams = self.env["kpi.team"]._fields
        self.query.add_join(
            "LEFT JOIN",
            "linked_team",
            "kpi_team",
            SQL(
                "linked_team.linked_model = %s AND linked_team.linked_id = %s",
                comodel,
                column,
                to_flush=[teams["linked_model"], teams["linked_id"]],
            ),
        )
        return SQL.identifier("linked_team", "id")

    def _record_company(self):
        """The company as a column to group by, where it is not the same for all."""
        return () if self.source.company_id else (self.company,)

    def _many_users_branch(self, user):
        relation = SQL(
            "JOIN %s AS person ON person.%s = %s",
            SQL.identifier(user.relation),
            SQL.identifier(user.column1),
            SQL.identifier(self.query.table, "id"),
            to_flush=user,
        )
        person = SQL("person.%s", SQL.identifier(user.column2))
        return Branch(
            scope_types=("user",),
            join=relation,
            scopes=SQL(
                "'user' AS scope_type, %s AS scope_id, %s AS company_id",
                person,
                self.company,
            ),
            sets=((self.period, person, *self._record_company()),),
            ids={"user": person},
        )

    def _membership_branch(self, scope_types, user):
        on_day = SQL(
            "membership.company_id = %s AND %s >= membership.date_from"
            " AND %s < membership.date_to AND (%s)",
            self.company,
            self.member_day,
            self.member_day,
            self._tracked_scopes_sql(scope_types),
        )
        if user.type == "many2many":
            # Two people of one department on a record: it counts once.
            join = SQL(
                """
                JOIN LATERAL (
                  SELECT DISTINCT membership.scope_type, membership.scope_id,
                         membership.company_id
                    FROM %s AS person
                    JOIN kpi_membership AS membership
                      ON membership.user_id = person.%s AND %s
                   WHERE person.%s = %s
                ) AS membership ON TRUE
                """,
                SQL.identifier(user.relation),
                SQL.identifier(user.column2),
                on_day,
                SQL.identifier(user.column1),
                SQL.identifier(self.query.table, "id"),
                to_flush=user,
            )
        else:
            join = SQL(
                "JOIN kpi_membership AS membership ON membership.user_id = %s AND %s",
                self.column(self.source.user_field),
                on_day,
            )
        columns = SQL(
            "membership.scope_type, membership.scope_id, membership.company_id"
        )
        return Branch(
            scope_types=tuple(scope_types),
            join=join,
            scopes=columns,
            sets=((self.period, columns),),
            ids={
                scope: SQL(
                    "CASE WHEN membership.scope_type = %s THEN membership.scope_id END",
                    scope,
                )
                for scope in scope_types
            },
        )

    def _tracked_scopes_sql(self, scope_types):
        """Condition on memberships: half the departments are half the work.

        The ids are given, as a subquery would be asked again for every record.
        """
        tracked = self.source.env["kpi.report"].with_context(active_test=False)
        groups = tracked._read_group(
            [
                ("definition_id", "in", self.source.definition_ids.ids),
                ("scope_type", "in", scope_types),
            ],
            ["scope_type"],
            ["scope_id:array_agg_distinct"],
        )
        return SQL(" OR ").join(
            [
                SQL(
                    "membership.scope_type = %s AND membership.scope_id = ANY(%s)",
                    scope_type,
                    scope_ids,
                )
                for scope_type, scope_ids in groups
            ]
            or [SQL("FALSE")]
        )
