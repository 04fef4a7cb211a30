"""Numbers that are worked out: as fields, as columns, and how their rows are stored."""

from functools import partial

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import format_percent
from odoo.addons.kpi_base.models.record.base import arrays_sql
from odoo.addons.kpi_tracking.engine.series import as_json_numbers

Number = partial(OptionalFloat, readonly=True, aggregator=False)
PERCENT = 100
# Earlier forecasts below which nothing is said of 19 in 20, nor of the confidence
LEAST_JUDGED = 6
# Methods of so few values that their forecast says nothing of a chance
YOUNG = ("too_short", "no_data")
# Those of ``kpi.predictive.mixin``, in the order of ``get_numbers``.
NUMBERS = (
    "value",
    "low_80",
    "high_80",
    "low_95",
    "high_95",
    "achievement",
    "target_probability",
)


def format_chance(env, percent):
    """A chance in words; nothing that is forecast is certain."""
    if percent < 1:
        return env._("below %s", format_percent(env, 0.01, 0))
    if percent > 99:
        return env._("above %s", format_percent(env, 0.99, 0))
    return format_percent(env, percent / 100, 0)


class KpiPredictiveMixin(models.AbstractModel):
    """What a KPI will probably come to in a period."""

    _name = "kpi.predictive.mixin"
    _description = "KPI Forecast Mixin"
    _inherit = ["kpi.readonly.mixin", "kpi.unit.mixin"]
    _rec_name = "period_start"

    report_id = fields.Many2one(
        "kpi.report", "KPI", required=True, readonly=True, ondelete="cascade"
    )
    period_start = fields.Date("Period", required=True, readonly=True)
    value = Number()
    low_80 = Number("Low (80%)")
    high_80 = Number("High (80%)")
    low_95 = Number("Low (95%)")
    high_95 = Number("High (95%)")
    achievement = Number("Achievement (%)")
    target_probability = Number("Chance of Reaching Target (%)")
    period_label = fields.Char("Period Name", compute="_compute_period_label")

    @api.depends("report_id", "period_start")
    def _compute_period_label(self):
        for row in self:
            row.period_label = row.report_id._get_period_label(row.period_start)

    def _as_answer(self):
        """As REST gives it: ``schemas.forecast.ForecastPoint``."""
        self.ensure_one()
        numbers = {name: or_none(self[name]) for name in NUMBERS}
        return {"period_start": self.period_start, **numbers}


def get_numbers(outlook, judged):
    """What is said of coming periods, by field.

    :param judged: shape (KPIs,): of how many earlier forecasts the limits are measured
    """
    few = (judged < LEAST_JUDGED)[:, None]
    columns = (
        outlook.mean,
        outlook.low_80,
        outlook.high_80,
        np.where(few, np.nan, outlook.low_95),
        np.where(few, np.nan, outlook.high_95),
        outlook.achievements,
        PERCENT * outlook.probabilities,
    )
    return dict(zip(NUMBERS, columns, strict=True))


def as_column(numbers):
    """Numbers as PostgreSQL keeps them; None for what is no finite number."""
    return as_json_numbers(np.where(np.isfinite(numbers), numbers, np.nan))


def merge_rows(model, key, columns, only_new=()):
    """Insert rows and update those that are there, except where nothing differs.

    :param key: names of the columns of a unique index
    :param columns: name → values, as many of each; the columns of ``key`` included
    :param only_new: columns that stay as they are in rows that are there
    :return: number of rows written
    """
    if not columns or not len(next(iter(columns.values()))):
        return 0
    names = [*columns]
    others = [name for name in names if name not in {*key, *only_new}]
    table = SQL.identifier(model._table)
    model.env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s AS stored (%(names)s)
            SELECT * FROM unnest(%(arrays)s)
            ON CONFLICT (%(key)s) DO UPDATE SET %(updates)s
             WHERE (%(stored)s) IS DISTINCT FROM (%(incoming)s)
            """,
            table=table,
            names=_list(names),
            arrays=arrays_sql(model, columns),
            key=_list(key),
            updates=SQL(", ").join(
                SQL("%s = %s", SQL.identifier(name), SQL.identifier("excluded", name))
                for name in others
            ),
            stored=_list(others, "stored"),
            incoming=_list(others, "excluded"),
        )
    )
    return model.env.cr.rowcount


def drop_other_rows(model, report_ids, key, columns, condition=None):
    """Delete rows of KPIs that are not among those to be merged.

    :param key, columns: as of ``merge_rows``
    :param condition: SQL that says which rows may go; None = all
    :return: number of rows deleted
    """
    model.flush_model()
    model.env.cr.execute(
        SQL(
            """
            DELETE FROM %(table)s
             WHERE report_id = ANY(%(report_ids)s)
               AND (%(condition)s)
               AND (%(key)s) NOT IN (SELECT * FROM unnest(%(arrays)s))
            """,
            table=SQL.identifier(model._table),
            report_ids=list(report_ids),
            condition=condition or SQL("TRUE"),
            key=_list(key),
            arrays=arrays_sql(model, {name: columns[name] for name in key}),
        )
    )
    return model.env.cr.rowcount


def _list(names, table=None):
    prefix = (table,) if table else ()
    return SQL(", ").join(SQL.identifier(*prefix, name) for name in names)
