from dataclasses import dataclass, field
from datetime import date

from odoo.tools import SQL

from ...definition.stretch import Stretch
from .measures import Measures
from .scopes import Scopes

EMPTY_IS_ZERO = ("count", "distinct", "sum")


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
        cells = getattr(self, f"_cells_{definition.measure}")(definition, condition)
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

    def company_sql(self, company, periods, readable):
        """SELECT of the periods and the values that the only definition has in them.

        :param readable: query of the records that count
        """
        (slot,) = self.slots
        record_id = SQL.identifier(self.query.table, "id")
        return SQL(
            """
            WITH period AS (%(periods)s)
            SELECT %(period)s, (%(value)s)::float8
              FROM %(records)s
             WHERE %(where)s
               AND %(range)s
               AND %(period)s = ANY(%(starts)s)
               AND %(company)s = %(company_id)s
               AND %(id)s IN %(readable)s
          GROUP BY 1
            """,
            periods=self.source._period_rows_sql(periods),
            period=self.period,
            value=list(self.cells)[slot.value_at - 1],
            records=self.query.from_clause,
            where=self.query.where_clause or SQL("TRUE"),
            range=self.select_range(periods[0].start, periods[-1].stop),
            starts=[period.start for period in periods],
            company=self.company,
            company_id=company.id,
            id=record_id,
            readable=readable.subselect(),
        )

    def explanation_sql(self, definition, report, period):
        """SELECT of one value beside the ids of the records behind it, each once."""
        condition = self._counted_sql(definition.with_env(self.env))
        branch = self.branch_of(report.scope_type)
        (slot,) = self.slots
        record_id = SQL.identifier(self.query.table, "id")
        return SQL(
            """
            WITH period AS (%(periods)s)
            SELECT (%(value)s)::float8 AS value,
                   array_agg(DISTINCT %(id)s ORDER BY %(id)s) AS record_ids
              FROM %(records)s %(join)s
             WHERE %(where)s
               AND %(range)s
               AND %(period)s = %(start)s
               AND %(scope)s = %(scope_id)s
               AND %(company)s = %(company_id)s
               AND %(condition)s
            """,
            periods=self.source._period_rows_sql([period]),
            start=period.start,
            value=list(self.cells)[slot.value_at - 1],
            id=record_id,
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
