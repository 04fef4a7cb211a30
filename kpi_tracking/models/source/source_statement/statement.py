from dataclasses import dataclass, field
from datetime import date

from odoo.tools import SQL

from ...definition.stretch import Stretch
from .measures import Measures
from .scopes import Scopes

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
class SourceStatement(Measures, Scopes):
    """Compiles the definitions of one source into one SELECT per branch.

    :ivar stretches: what is compiled, in the order of ``slots``
    """

    cells: dict[SQL, int] = field(default_factory=dict)
    slots: list[Slot] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)

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
        condition = self._condition(definition, "domain")
        source, first = self.source, definition._first_counted_day()
        if source.kind != "flow" or source.grain == definition.frequency:
            return condition
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
