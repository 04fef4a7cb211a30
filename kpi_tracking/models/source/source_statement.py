"""Compiles the KPIs of one source into SQL: records, measures, scopes."""

from dataclasses import dataclass, field
from datetime import date

from odoo.tools import SQL

from ...engine.fingerprint import hash_text
from ..definition.kpi_method_mixin import Stretch
from .source_records import SourceRecords

AGGREGATES = {"sum": "sum", "average": "avg", "min": "min", "max": "max"}
RANKS = {"median": 50.0, "percentile": None}  # percent; None: as the definition says
WEIGHED = ("average", *RANKS)
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
EMPTY_IS_ZERO = ("count", "distinct", "sum")
SLOT_TYPES = {
    "definition_id": "int",
    "first_start": "date",
    "until_start": "date",
    "value_at": "int",
    "weight_at": "int",
    "unpriced_at": "int",
    "empty_value": "float8",
}


@dataclass(frozen=True)
class Slot:
    """Positions of the cells of a definition in the array of a statement (from 1).

    :ivar first_start, until_start: of the periods that get its values; half-open
    """

    definition_id: int
    first_start: date
    until_start: date
    value_at: int
    weight_at: int | None
    unpriced_at: int | None
    empty_value: float | None


@dataclass
class SourceStatement(SourceRecords):
    """Compiles the definitions of one source into one SELECT per branch.

    A measure is aggregates with a filter each: its value, the weight of the value
    (None: has none) and the number of records without a rate (None: nothing is
    converted).

    :ivar stretches: what is compiled, in the order of ``slots``
    """

    cells: dict[SQL, int] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    filter_fields: set = field(default_factory=set)
    is_converted: bool = False
    _rate_aliases: dict[SQL, str] = field(default_factory=dict)
    _conditions: dict[tuple[str, str], SQL] = field(default_factory=dict)

    @property
    def whole(self):
        """The statement of all that the source is looked at for."""
        return self.narrowed_from or self

    @property
    def definitions(self):
        """The compiled definitions, each once."""
        ids = dict.fromkeys(slot.definition_id for slot in self.slots)
        return self.source.env["kpi.definition"].browse(ids)

    def add(self, stretch):
        """Compile one stretch of a definition; its joins land on the query.

        :raises ValidationError, ValueError: its fields do not exist any more
        """
        # A KPI counts all records; who sees its value is asked where it is shown.
        definition = stretch.method.sudo().with_env(self.env)
        condition = self._counted_sql(definition)
        cells = self._compile_measure(definition, condition)
        value, weight, unpriced = (*cells, None, None)[:3]
        zero = 0.0 if definition.measure in EMPTY_IS_ZERO else None
        self.slots.append(
            Slot(
                stretch.kpi.id,
                *stretch.find_bounds(self.source.grain),
                self._cell_at(value),
                self._cell_at(weight),
                self._cell_at(unpriced),
                zero,
            )
        )
        self.stretches.append(stretch)

    def _counted_sql(self, definition):
        """Condition on the records that count: its filter, within its history.

        Of a longer period that began before it, sums have the shorter ones since; so
        has what cannot be summed.
        """
        source, condition = self.source, self._condition(definition, "domain")
        if source.kind != "flow" or source.grain == definition.frequency:
            return condition
        first = definition._first_counted_day()
        if source.calendar_id._period(source.grain, first).start == first:
            return condition
        return SQL("(%s AND %s >= %s)", condition, self.local_day, first)

    def _cell_at(self, cell):
        if cell is None:
            return None
        return self.cells.setdefault(cell, len(self.cells) + 1)

    def slots_sql(self, **more):
        """Rows ``slot``, of the attributes of ``Slot``.

        :param more: further columns: pairs of a type and a value per slot
        """
        columns = {
            name: (kind, [getattr(slot, name) for slot in self.slots])
            for name, kind in SLOT_TYPES.items()
        } | more
        return SQL(
            "unnest(%s) AS slot(%s)",
            SQL(", ").join(
                SQL("%s::%s[]", values, SQL(kind)) for kind, values in columns.values()
            ),
            SQL(", ").join(map(SQL.identifier, columns)),
        )

    def cells_sql(self, branch, periods, *key):
        """One row per period and scope with the array of all cells.

        :param key: a column to split them by, and the join that it needs
        """
        columns = SQL("%s AS period_start, %s", self.period, branch.scopes)
        if key:
            columns = SQL("%s, %s AS key", columns, key[0])
        cells = SQL(", ").join(SQL("(%s)::float8", cell) for cell in self.cells)
        return SQL(
            "%s GROUP BY %s",
            self._select_sql(
                SQL("%s, ARRAY[%s] AS cells", columns, cells),
                periods,
                SQL("%s %s", branch.join, key[1] if key else SQL()),
            ),
            branch.group_by_sql(*key[:1]),
        )

    def company_sql(self, company, periods, readable):
        """SELECT of the periods and the values that the only definition has in them.

        :param readable: query of the records that count
        """
        return SQL(
            "WITH period AS (%s) %s AND %s = %s AND %s IN %s GROUP BY 1",
            self.source._period_rows_sql(periods),
            self._select_sql(SQL("%s, %s", self.period, self._value_sql()), periods),
            self.company,
            company.id,
            SQL.identifier(self.query.table, "id"),
            readable.subselect(),
        )

    def counted_sql(self, company, period, readable, limit):
        """SELECT of the ids of the records that the only definition counts in a period.

        The latest come first, each with the number of all.

        :param readable: query of the records that count
        """
        (stretch,) = self.stretches
        # A KPI counts all records; who may read them is asked below.
        definition = stretch.method.sudo().with_env(self.env)
        record_id = SQL.identifier(self.query.table, "id")
        return SQL(
            """
            WITH period AS (%s)
            %s
               AND %s = %s
               AND %s IN %s
               AND %s
          ORDER BY %s DESC NULLS LAST, 1 DESC
             LIMIT %s
            """,
            self.source._period_rows_sql([period]),
            self._select_sql(SQL("%s, count(*) OVER ()", record_id), [period]),
            self.company,
            company.id,
            record_id,
            readable.subselect(),
            self._counted_sql(definition),
            self.date or record_id,
            limit,
        )

    def explanation_sql(self, definition, report, period):
        """SELECT of one value beside the ids of the records behind it, each once."""
        condition = self._counted_sql(definition.with_env(self.env))
        branch = self.branch_of(report.scope_type)
        record_id = SQL.identifier(self.query.table, "id")
        columns = SQL(
            "%s AS value, array_agg(DISTINCT %s ORDER BY %s) AS record_ids",
            self._value_sql(),
            record_id,
            record_id,
        )
        return SQL(
            """
            WITH period AS (%s)
            %s
               AND %s = %s
               AND %s = %s
               AND %s
            """,
            self.source._period_rows_sql([period]),
            self._select_sql(columns, [period], branch.join),
            branch.ids[report.scope_type],
            report.scope_id,
            self.company,
            report.company_id.id,
            condition,
        )

    def _value_sql(self):
        (slot,) = self.slots
        return SQL("(%s)::float8", list(self.cells)[slot.value_at - 1])

    def _select_sql(self, columns, periods, join=None):
        """SELECT from the records that belong to ``periods``; ends in its WHERE."""
        return SQL(
            """SELECT %(columns)s
              FROM %(records)s %(join)s
             WHERE %(where)s
               AND %(range)s
               AND %(period)s = ANY(%(starts)s)""",
            columns=columns,
            records=self.query.from_clause,
            join=join or SQL(),
            where=self.query.where_clause or SQL("TRUE"),
            range=self.select_range(periods[0].start, periods[-1].stop),
            period=self.period,
            starts=[period.start for period in periods],
        )

    def _condition(self, definition, name):
        # KPIs share filters: a hundred of them often have ten.
        key = name, definition[name]
        if key not in self._conditions:
            domain = definition._parse_domain(name)
            if name == "domain":
                domain = definition._leave_out_archived(domain, self.model)
            bound = definition._bind_to_period(domain, self.model, self.as_of)
            self.is_timed |= bound != domain
            self.filter_fields.update(definition._filter_fields(domain, self.model))
            self._conditions[key] = bound.optimize_full(self.model)._to_sql(
                self.model, self.query.table, self.query
            )
        return self._conditions[key]

    def _compile_measure(self, definition, condition):
        """Value, weight, count without a rate; own ``_cells_<measure>`` first."""
        measure = definition.measure
        if own := getattr(self, f"_cells_{measure}", None):
            return own(definition, condition)
        operand, unpriced = self._operand(definition, condition)
        if measure in RANKS:
            # Linear interpolation between the closest ranks.
            aggregate = SQL(
                "percentile_cont(%s) WITHIN GROUP (ORDER BY %s)",
                (RANKS[measure] or definition.percentile) / 100,
                operand,
            )
        else:
            aggregate = SQL("%s(%s)", SQL(AGGREGATES[measure]), operand)
        value = SQL("%s FILTER (WHERE %s)", aggregate, condition)
        if measure not in WEIGHED:
            return value, None, unpriced
        return value, SQL("count(%s) FILTER (WHERE %s)", operand, condition), unpriced

    def _cells_count(self, _definition, condition):
        return (SQL("count(*) FILTER (WHERE %s)", condition),)

    def _cells_distinct(self, definition, condition):
        column = self.column(definition.measure_field)
        return (SQL("count(DISTINCT %s) FILTER (WHERE %s)", column, condition),)

    def _cells_weighted_average(self, definition, condition):
        operand, unpriced = self._operand(definition, condition)
        weight = self._number(definition.weight_field)
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

    def _operand(self, definition, condition):
        """Expression measured on a record, and the count of those without a rate."""
        operand = getattr(self, f"_operand_{definition.operand or 'field'}_sql")(
            definition
        )
        paths = definition._operand_paths() if definition.unit == "currency" else ()
        amounts = [path for path in paths if self._end(path).type == "monetary"]
        if not amounts or self._is_in_target(definition, amounts[0]):
            return operand, None
        self.is_converted = True
        base = self._base_currency_sql()
        currency = self._amount_currency_sql(amounts[0], base)
        target = SQL("%s", definition.currency_id.id)
        converted = SQL(
            "CASE WHEN %s = %s THEN %s ELSE %s / %s * %s END",
            currency,
            target,
            operand,
            operand,
            self._rate_sql(currency, base),
            self._rate_sql(target, base),
        )
        unpriced = SQL(
            "NULLIF(count(*) FILTER (WHERE %s AND %s IS NOT NULL AND %s IS NULL), 0)",
            condition,
            operand,
            converted,
        )
        return converted, unpriced

    def _is_in_target(self, definition, path):
        """Return whether amounts at ``path``, as of own books, are in its currency."""
        model, _alias, name = self._walk(path)
        currency_name = model._fields[name].get_currency_field(model)
        return (
            self.source.company_id.currency_id == definition.currency_id
            and bool(currency_name)
            and _is_currency_of_company(model, currency_name)
        )

    def _operand_field_sql(self, definition):
        column = self.column(definition.measure_field)
        if self._end(definition.measure_field).type == "boolean":
            return SQL("COALESCE(%s, FALSE)::int", column)
        return column

    def _operand_product_sql(self, definition):
        return SQL(
            "(%s * %s)",
            self._number(definition.measure_field),
            self._number(definition.factor_field),
        )

    def _number(self, path):
        """The field as a number that divides exactly and does not overflow."""
        column = self.column(path)
        is_integer = self._end(path).type == "integer"
        return SQL("%s::numeric", column) if is_integer else column

    def _operand_duration_sql(self, definition):
        paths = (definition.duration_from_field, definition.duration_to_field)
        start, stop = map(self.column, paths)
        unit = definition.duration_unit or "day"
        if definition.working_calendar_id:
            working_days = self.env["kpi.working.day"]
            calendar = definition.working_calendar_id
            seconds = working_days._worked_seconds_sql(
                self.query, calendar, start, stop
            )
        else:
            if unit == "day":
                start, stop = map(self._clock_sql, paths)
            seconds = SQL(
                "EXTRACT(EPOCH FROM (%s::timestamp - %s::timestamp))", stop, start
            )
        return SQL("(%s / %s)::float8", seconds, float(UNIT_SECONDS[unit]))

    def _clock_sql(self, path):
        """Date or moment at ``path`` by local clocks: a day of 23 hours is a day."""
        column, tz = self.column(path), self.source.calendar_id.tz
        if self._end(path).type != "datetime" or tz == "UTC":
            return column
        return SQL("((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)", column, tz)

    def _base_currency_sql(self):
        """Currency of the company that a record counts for."""
        source = self.source
        if source.company_id:
            return SQL("%s", source.company_id.currency_id.id)
        if source.without_company not in ("every", "one"):
            return self.column(f"{source.company_field}.currency_id")
        currency = self.env["res.company"]._fields["currency_id"]
        return SQL(
            "(SELECT currency_id FROM res_company AS counted WHERE counted.id = %s)",
            self.company,
            to_flush=currency,
        )

    def _amount_currency_sql(self, path, base):
        """Currency of the amount at ``path``; records without one are in the base."""
        model, alias, name = self._walk(path)
        currency_name = model._fields[name].get_currency_field(model)
        currency = currency_name and model._fields[currency_name]
        if not currency or not (currency.store or currency.related):
            return base
        column = model._field_to_sql(alias, currency_name, self.query)
        return SQL("COALESCE(%s, %s)", column, base)

    def _rate_sql(self, currency, base):
        """Rate of ``currency`` on the record's day; the base is worth 1 by default."""
        alias = self._rate_aliases.get(currency)
        if not alias:
            # Named by what it is of, so that a KPI reads the same beside any others.
            text = self.env.cr.mogrify(currency.code, currency.params)
            alias = f"rate_{hash_text(text)[:12]}"
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


def _is_currency_of_company(model, name):
    """Return whether a field is related to its company's currency, over any path."""
    path = model._fields[name].related
    while path:
        if f".{path}".endswith(".company_id.currency_id"):
            return True
        *steps, last = path.split(".")
        for step in steps:
            model = model.env[model._fields[step].comodel_name]
        path = model._fields[last].related
    return False
