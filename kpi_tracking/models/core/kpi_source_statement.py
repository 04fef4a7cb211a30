from dataclasses import dataclass, field
from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from .kpi_definition_domain import AsOf

UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
EMPTY_IS_ZERO = ("count", "distinct", "sum")


@dataclass(frozen=True)
class Slot:
    """Where the cells of a definition stand in the array of a statement (from 1)."""

    definition_id: int
    value_at: int
    weight_at: int | None
    unpriced_at: int | None
    empty_value: float | None


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

    def group_by(self, *more):
        """The GROUP BY list, with the columns ``more`` in every set."""
        sets = [SQL(", ").join((*columns, *more)) for columns in self.sets]
        if len(sets) == 1:
            return sets[0]
        return SQL(
            "GROUPING SETS (%s)", SQL(", ").join(SQL("(%s)", each) for each in sets)
        )


@dataclass
class SourceStatement:
    """Compiles the definitions of one source into one SELECT per branch.

    Conditions come from Odoo's own query objects, so that a KPI counts exactly the
    records its filter shows.
    """

    source: object
    cells: dict[SQL, int] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    filter_fields: set = field(default_factory=set)
    _rate_aliases: dict[SQL, str] = field(default_factory=dict)
    _conditions: dict[tuple[str, str], SQL] = field(default_factory=dict)

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
        self.is_converted = False
        self.is_timed = source.kind != "flow"
        self.date = source.date_field and self.column(source.date_field)
        if source.kind == "stock" and source.date_to_field:
            self.column(source.date_to_field)
        # The records with what their dates are reached by, and nothing else.
        self.dated_records = self.query.from_clause
        self.company = self._company()
        self._bind_periods()

    @property
    def definitions(self):
        """The compiled definitions, in the order of their slots."""
        ids = [slot.definition_id for slot in self.slots]
        return self.source.env["kpi.definition"].browse(ids)

    # Records of the periods

    def _bind_periods(self):
        """Join what says to which period a record belongs."""
        getattr(self, f"_bind_{self.source.kind}")()

    def _bind_flow(self):
        source = self.source
        self.local_day = self._local_day(self.date, source.date_field)
        self.query.add_join(
            "JOIN",
            "calendar_day",
            "kpi_calendar_day",
            SQL(
                "calendar_day.calendar_id = %s AND calendar_day.grain = %s"
                " AND calendar_day.day = %s",
                source.calendar_id.id,
                source.grain,
                self.local_day,
            ),
        )
        self.period = SQL.identifier("calendar_day", "period_start")
        self.member_day = self.local_day
        stop = SQL.identifier("calendar_day", "period_stop")
        self.as_of = self._as_of(stop)

    def _bind_stock(self):
        source = self.source
        self.local_day = self._local_day(self.date, source.date_field)
        self.query.add_join("JOIN", "period", "period", SQL("TRUE"))
        self.period = SQL.identifier("period", "start")
        self.as_of = self._as_of(SQL.identifier("period", "stop"))
        self.member_day = self.as_of.day
        self.query.add_where(
            SQL("%s < %s", self.date, self._stop_of(source.date_field))
        )
        if source.date_to_field:
            closed = self.column(source.date_to_field)
            stop = self._stop_of(source.date_to_field)
            self.query.add_where(SQL("(%s IS NULL OR %s >= %s)", closed, closed, stop))

    def _bind_snapshot(self):
        self.query.add_join("JOIN", "period", "period", SQL("TRUE"))
        self.period = SQL.identifier("period", "start")
        self.as_of = self._as_of(SQL.identifier("period", "stop"))
        self.local_day = self.member_day = self.as_of.day

    def _as_of(self, stop):
        """End of the period that stops at the date ``stop``, or now while it runs."""
        return AsOf(
            day=SQL("LEAST(%s - 1, (now() AT TIME ZONE %s)::date)", stop, self.tz),
            instant=SQL("LEAST(%s, now() AT TIME ZONE 'UTC')", self._midnight(stop)),
            tz=self.tz,
        )

    def _stop_of(self, path):
        """First moment after the period, as comparable with the field at ``path``."""
        if self._end(path).type == "date":
            return SQL("(%s + 1)", self.as_of.day)
        return self.as_of.instant

    def select_range(self, first, stop):
        """Condition on the date field that an index can serve; half-open local days."""
        if self.source.kind != "flow":
            return SQL("TRUE")
        if self._end(self.source.date_field).type == "date":
            return SQL("%s >= %s AND %s < %s", self.date, first, self.date, stop)
        # A day wider on both sides: the join on the local day decides, also where a
        # midnight happens twice.
        return SQL(
            "%s >= %s AND %s < %s",
            self.date,
            self._midnight(SQL("%s", first - timedelta(days=1))),
            self.date,
            self._midnight(SQL("%s", stop + timedelta(days=1))),
        )

    def _midnight(self, day):
        """The moment at which the local ``day`` starts, in UTC."""
        return SQL("((%s::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC')", day, self.tz)

    # Fields

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

    def column(self, path):
        """SQL of the stored field at the end of ``path``."""
        model, alias, name = self._walk(path)
        return model._field_to_sql(alias, name, self.query)

    def _local_day(self, column, path):
        if self._end(path).type == "date":
            return column
        return SQL("((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", column, self.tz)

    def _company(self):
        """The company a record counts for; one without counts for the source's."""
        source = self.source
        column = source.company_field and self.column(source.company_field)
        if not source.company_id:
            return column or SQL("NULL::integer")
        if column:
            self.query.add_where(
                SQL("(%s IS NULL OR %s = %s)", column, column, source.company_id.id)
            )
        return SQL("%s", source.company_id.id)

    # Cells

    def add(self, definition):
        """Compile one definition; its joins land on the query.

        :raises ValidationError, ValueError: its fields do not exist any more
        """
        # As above.
        definition = definition.sudo().with_env(self.env)
        condition = self._condition(definition, "domain")
        cells = getattr(self, f"_cells_{definition.measure}")(definition, condition)
        value, weight, unpriced = (*cells, None, None)[:3]
        zero = 0.0 if definition.measure in EMPTY_IS_ZERO else None
        self.slots.append(
            Slot(
                definition.id,
                self._cell_at(value),
                self._cell_at(weight),
                self._cell_at(unpriced),
                zero,
            )
        )

    def _cell_at(self, cell):
        if cell is None:
            return None
        return self.cells.setdefault(cell, len(self.cells) + 1)

    def _condition(self, definition, name):
        # KPIs share filters: a hundred of them often have ten.
        key = name, definition[name]
        if key not in self._conditions:
            self._conditions[key] = self._compiled(definition, name)
        return self._conditions[key]

    def _compiled(self, definition, name):
        active = name == "domain"
        domain = (
            definition._active_domain(name, self.model)
            if active
            else definition._parsed_domain(name)
        )
        bound = definition._bound_to_period(domain, self.model, self.as_of)
        self.is_timed |= bound != domain
        self.filter_fields.update(definition._filter_fields(domain, self.model))
        return bound.optimize_full(self.model)._to_sql(
            self.model, self.query.table, self.query
        )

    def _cells_count(self, _definition, condition):
        return (SQL("count(*) FILTER (WHERE %s)", condition),)

    def _cells_distinct(self, definition, condition):
        column = self.column(definition.measure_field)
        return (SQL("count(DISTINCT %s) FILTER (WHERE %s)", column, condition),)

    def _cells_sum(self, definition, condition):
        operand, unpriced = self._operand(definition, condition)
        return SQL("sum(%s) FILTER (WHERE %s)", operand, condition), None, unpriced

    def _cells_average(self, definition, condition):
        operand, unpriced = self._operand(definition, condition)
        return (
            SQL("avg(%s) FILTER (WHERE %s)", operand, condition),
            SQL("count(%s) FILTER (WHERE %s)", operand, condition),
            unpriced,
        )

    def _cells_weighted_average(self, definition, condition):
        operand, unpriced = self._operand(definition, condition)
        weight = self.column(definition.weight_field)
        total = SQL(
            "sum(%s) FILTER (WHERE %s AND %s IS NOT NULL)", weight, condition, operand
        )
        value = SQL(
            "sum(%s * %s) FILTER (WHERE %s) / NULLIF(%s, 0)",
            operand,
            weight,
            condition,
            total,
        )
        return value, total, unpriced

    def _cells_min(self, definition, condition):
        operand, unpriced = self._operand(definition, condition)
        return SQL("min(%s) FILTER (WHERE %s)", operand, condition), None, unpriced

    def _cells_max(self, definition, condition):
        operand, unpriced = self._operand(definition, condition)
        return SQL("max(%s) FILTER (WHERE %s)", operand, condition), None, unpriced

    def _cells_median(self, definition, condition):
        return self._percentile(definition, condition, 50.0)

    def _cells_percentile(self, definition, condition):
        return self._percentile(definition, condition, definition.percentile)

    def _percentile(self, definition, condition, percent):
        """Linear interpolation between the closest ranks, as ``percentile_cont``."""
        operand, unpriced = self._operand(definition, condition)
        value = SQL(
            "percentile_cont(%s) WITHIN GROUP (ORDER BY %s) FILTER (WHERE %s)",
            percent / 100,
            operand,
            condition,
        )
        return value, SQL("count(%s) FILTER (WHERE %s)", operand, condition), unpriced

    def _cells_share(self, definition, condition):
        numerator = self._condition(definition, "numerator_domain")
        base = SQL("count(*) FILTER (WHERE %s)", condition)
        value = SQL(
            "100.0 * count(*) FILTER (WHERE %s AND %s) / NULLIF(%s, 0)",
            condition,
            numerator,
            base,
        )
        return value, base

    # Operands

    def _operand(self, definition, condition):
        """What is measured on a record, and the count of those without a rate."""
        operand = getattr(self, f"_operand_{definition.operand or 'field'}")(definition)
        field_ = definition.operand != "duration" and self._end(
            definition.measure_field
        )
        if not field_ or field_.type != "monetary" or definition.unit != "currency":
            return operand, None
        converted = self._converted(definition, operand)
        unpriced = SQL(
            "NULLIF(count(*) FILTER (WHERE %s AND %s IS NOT NULL AND %s IS NULL), 0)",
            condition,
            operand,
            converted,
        )
        return converted, unpriced

    def _operand_field(self, definition):
        column = self.column(definition.measure_field)
        if self._end(definition.measure_field).type == "boolean":
            return SQL("COALESCE(%s, FALSE)::int", column)
        return column

    def _operand_product(self, definition):
        return SQL(
            "(%s * %s)",
            self.column(definition.measure_field),
            self.column(definition.factor_field),
        )

    def _operand_duration(self, definition):
        start = self.column(definition.duration_from_field)
        stop = self.column(definition.duration_to_field)
        unit = UNIT_SECONDS[definition.duration_unit or "day"]
        if definition.working_calendar_id:
            seconds = self._worked_seconds(definition, start, stop)
        else:
            seconds = SQL(
                "EXTRACT(EPOCH FROM (%s::timestamp - %s::timestamp))", stop, start
            )
        return SQL("(%s / %s)::float8", seconds, float(unit))

    def _worked_seconds(self, definition, start, stop):
        """Working seconds between two fields, by the table of working days."""
        working_days = self.env["kpi.working.day"]
        calendar = definition.working_calendar_id
        return working_days._worked_seconds(self.query, calendar, start, stop)

    def _converted(self, definition, operand):
        """``operand`` in the definition's currency at the rate of the record's day."""
        self.is_converted = True
        company = self.source.company_id
        base = (
            SQL("%s", company.currency_id.id)
            if company
            else self.column(f"{self.source.company_field}.currency_id")
        )
        currency = self._currency_of(definition, base)
        target = SQL("%s", definition.currency_id.id)
        return SQL(
            "CASE WHEN %s = %s THEN %s ELSE %s / %s * %s END",
            currency,
            target,
            operand,
            operand,
            self._rate(currency, base),
            self._rate(target, base),
        )

    def _currency_of(self, definition, base):
        """Currency of the measured amount; records without one are in the base."""
        model, alias, name = self._walk(definition.measure_field)
        currency_name = model._fields[name].get_currency_field(model)
        currency = currency_name and model._fields[currency_name]
        if not currency or not (currency.store or currency.related):
            return base
        column = model._field_to_sql(alias, currency_name, self.query)
        return SQL("COALESCE(%s, %s)", column, base)

    def _rate(self, currency, base):
        """Rate of ``currency`` on the record's day; the base is worth 1 unless told."""
        alias = self._rate_aliases.get(currency)
        if not alias:
            alias = f"rate_{len(self._rate_aliases) + 1}"
            self._rate_aliases[currency] = alias
            self.query.add_join(
                "LEFT JOIN",
                alias,
                "kpi_currency_rate",
                SQL(
                    "%s = %s AND %s = %s AND %s = %s",
                    SQL.identifier(alias, "company_id"),
                    self.company,
                    SQL.identifier(alias, "currency_id"),
                    currency,
                    SQL.identifier(alias, "day"),
                    self.local_day,
                ),
            )
        return SQL(
            "COALESCE(%s, CASE WHEN %s = %s THEN 1 END)",
            SQL.identifier(alias, "rate"),
            currency,
            base,
        )

    # Scopes

    def branches(self, scope_types):
        """The GROUP BYs that fill ``scope_types``: plain columns first, then joins."""
        branches = [self._plain_branch(scope_types)]
        user = self.source.user_field and self._end(self.source.user_field)
        if user and user.type == "many2many" and "user" in scope_types:
            branches.append(self._many_users_branch(user))
        members = self._membership_types(scope_types)
        if members:
            branches.append(self._membership_branch(members, user))
        if self.source.department_field and "department" in scope_types:
            branches.append(self._department_branch())
        return [branch for branch in branches if branch]

    def branch_of(self, scope_type):
        """The branch that fills the reports of one ``scope_type``."""
        branches = self.branches({scope_type})
        return next(each for each in branches if scope_type in each.scope_types)

    def records(self, definition, report, period):
        """SELECT of the ids of the records behind one value, each once."""
        condition = self._condition(definition.with_env(self.env), "domain")
        branch = self.branch_of(report.scope_type)
        return SQL(
            """
            WITH period AS (SELECT %(start)s::date AS start, %(stop)s::date AS stop)
            SELECT DISTINCT %(id)s
              FROM %(records)s %(join)s
             WHERE %(where)s
               AND %(range)s
               AND %(period)s = %(start)s
               AND %(scope)s = %(scope_id)s
               AND %(company)s = %(company_id)s
               AND %(condition)s
          ORDER BY 1
            """,
            start=period.start,
            stop=period.stop,
            id=SQL.identifier(self.query.table, "id"),
            records=self.query.from_clause,
            join=branch.join,
            where=self.query.where_clause or SQL("TRUE"),
            range=self.select_range(period.start, period.stop),
            period=self.period,
            scope=branch.ids[report.scope_type],
            scope_id=report.scope_id,
            company=self.company,
            company_id=report.company_id.id,
            condition=condition,
        )

    def _membership_types(self, scope_types):
        source = self.source
        if not source.user_field:
            return ()
        own = {"department": source.department_field, "team": source.team_field}
        return tuple(
            scope
            for scope in ("department", "team")
            if scope in scope_types and not own[scope]
        )

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
        if "company" in scope_types:
            sets.append((self.period, *by_company))
        cases = [
            SQL("WHEN GROUPING(%s) = 0 THEN %s", column, name)
            for name, column in columns.items()
        ]
        ids = [
            SQL("WHEN GROUPING(%s) = 0 THEN %s", column, column)
            for column in columns.values()
        ]
        case = SQL("CASE %s ELSE 'company' END", SQL(" ").join(cases))
        scope_id = SQL("CASE %s ELSE %s END", SQL(" ").join(ids), self.company)
        return Branch(
            scope_types=(*columns, *(["company"] if "company" in scope_types else [])),
            join=SQL(),
            scopes=SQL(
                "%s AS scope_type, %s AS scope_id, %s AS company_id",
                case if columns else SQL("'company'"),
                scope_id if columns else self.company,
                self.company,
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
            self._tracked_scopes(scope_types),
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

    def _tracked_scopes(self, scope_types):
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

    def _department_branch(self):
        """A department kept on the record counts for all departments above it."""
        join = SQL(
            """
            JOIN hr_department AS department ON department.id = %s
            CROSS JOIN unnest(string_to_array(
              trim(department.parent_path, '/'), '/')) AS ancestor(id)
            """,
            self.column(self.source.department_field),
            to_flush=self.env["hr.department"]._fields["parent_path"],
        )
        return Branch(
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
