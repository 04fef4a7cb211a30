import ast
import re
from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.postgres import is_storable

VIEWER_FIELDS = re.compile(r"(my_)?(activity|message|website_message|rating)_")
RELATIVE_DATE = re.compile(r"(today|now)?((?:\s*[+-]\d+[dwmyHMS])*)\s*\Z")
OFFSET = re.compile(r"([+-]\d+)([dwmyHMS])")
INTERVALS = {
    "d": "days",
    "w": "weeks",
    "m": "months",
    "y": "years",
    "H": "hours",
    "M": "mins",
    "S": "secs",
}
COMPARISONS = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "=": "=", "!=": "<>"}
DOMAIN_LENGTH = 10_000


@dataclass(frozen=True)
class AsOf:
    """Moments meant by “today” and “now” in one statement.

    :param day: SQL of the local date on which records are looked at
    :param instant: SQL of the moment, a timestamp without time zone in UTC
    :param tz: time zone of ``day``
    """

    day: SQL
    instant: SQL
    tz: str


class KpiDefinition(models.Model):
    """Filters: read as data, bound to the period instead of to the server's day."""

    _inherit = "kpi.definition"

    def _parse_domain(self, name):
        """The filter ``name`` as a ``Domain``; a literal, never evaluated.

        :raises ValidationError: naming the field and what is wrong with its text
        """
        self.ensure_one()
        text = (self[name] or "[]").strip()
        if len(text) > DOMAIN_LENGTH:
            reason = self.env._(
                "the filter is longer than %s characters.", DOMAIN_LENGTH
            )
            raise self._refuse(name, reason)
        try:
            value = ast.literal_eval(text)
            if not is_storable(value):
                raise ValueError(text)
            return Domain(value)
        except (
            ValueError,
            TypeError,
            SyntaxError,
            MemoryError,
            RecursionError,
        ) as error:
            reason = self.env._(
                "use a plain filter such as [('name', '!=', 'x')], without "
                "functions or variables such as uid."
            )
            raise self._refuse(name, reason) from error

    def _check_conditions(self, domain, model, name):
        """Check every step of every condition; what a viewer sees must not matter."""
        for model_of_step, step, path in self._walk_conditions(domain, model):
            if VIEWER_FIELDS.match(step):
                reason = self.env._(
                    "KPIs cannot use “%s”, which depends on the current user.",
                    path,
                )
                raise self._refuse(name, reason)
            self._path_step(model_of_step, step, path, name)

    def _filter_fields(self, domain, model):
        """Every field on the way of every condition."""
        steps = self._walk_conditions(domain, model)
        return {of._fields[step] for of, step, _path in steps}

    def _walk_conditions(self, domain, model):
        """Model, name and path of each step, also within nested filters."""
        for condition in domain.iter_conditions():
            comodel = model
            for step in condition.field_expr.split("."):
                yield comodel, step, condition.field_expr
                field = comodel._fields[step]
                comodel = self.env[field.comodel_name] if field.relational else comodel
            if condition.operator in ("any", "not any"):
                yield from self._walk_conditions(Domain(condition.value), comodel)

    @api.model
    def _leave_out_archived(self, domain, model):
        """A filter without archived records, unless it names ``active``."""
        named = any(
            condition.field_expr == model._active_name
            for condition in domain.iter_conditions()
        )
        if model._active_name and not named:
            domain &= Domain(model._active_name, "=", True)
        return domain

    def _bind_to_period(self, domain, model, as_of=None):
        """``domain`` with relative dates turned into SQL on the period's end.

        Odoo would turn them into the server's current day.
        """
        tz = self.calendar_id.tz or "UTC"
        as_of = as_of or AsOf(
            day=SQL("(now() AT TIME ZONE %s)::date", tz),
            instant=SQL("(now() AT TIME ZONE 'UTC')"),
            tz=tz,
        )
        return domain.map_conditions(
            lambda condition: self._bind_condition(condition, model, as_of)
        )

    def _bind_condition(self, condition, model, as_of):
        head, _dot, rest = condition.field_expr.partition(".")
        field = model._fields.get(head)
        if not field:
            return condition
        if field.relational and (rest or condition.operator in ("any", "not any")):
            comodel = self.env[field.comodel_name].with_env(self.env)
            operator = "any" if rest else condition.operator
            inner = (
                Domain(rest, condition.operator, condition.value)
                if rest
                else Domain(condition.value)
            )
            bound = self._bind_to_period(inner, comodel, as_of)
            return condition if bound == inner else Domain(head, operator, bound)
        if field.type not in ("date", "datetime"):
            return condition
        is_text = isinstance(condition.value, str)
        relative = is_text and RELATIVE_DATE.match(condition.value)
        if relative and condition.value.strip():
            return self._relative_condition(condition, field, relative, as_of)
        values = [condition.value] if is_text else condition.value
        for value in values if hasattr(values, "__iter__") else []:
            # Words that Odoo would turn into the server's current day.
            if isinstance(value, str) and not value[:1].isdigit():
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: “%(value)s” is not a valid date. Enter a date, "
                        "or compare (<, <=, >, >=, =) with “today -30d”.",
                        kpi=self.name,
                        value=value,
                    )
                )
        return condition

    def _relative_condition(self, condition, field, relative, as_of):
        operator = COMPARISONS.get(condition.operator)
        if not operator:
            raise ValidationError(
                self.env._(
                    "%(kpi)s: use <, <=, >, >= or = with “%(value)s”, not "
                    "“%(operator)s”.",
                    kpi=self.name,
                    value=condition.value,
                    operator=condition.operator,
                )
            )
        anchor, offsets = relative.groups()
        interval = " ".join(
            f"{number} {INTERVALS[unit]}" for number, unit in OFFSET.findall(offsets)
        )
        is_day = anchor == "today"
        moment = as_of.day if is_day else as_of.instant
        moment = SQL("(%s + %s::interval)", moment, interval or "0 days")
        if is_day:
            moment = SQL("%s::date", moment)
        if is_day and field.type == "datetime":
            # After a day means from the next midnight on.
            if operator in (">", "<="):
                operator = {">": ">=", "<=": "<"}[operator]
                moment = SQL("(%s + 1)", moment)
            moment = SQL(
                "((%s::timestamp AT TIME ZONE %s) AT TIME ZONE 'UTC')", moment, as_of.tz
            )
        elif not is_day and field.type == "date":
            moment = SQL(
                "((%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", moment, as_of.tz
            )

        def to_sql(model, alias, query):
            column = model._field_to_sql(alias, field.name, query)
            return SQL("(%s %s %s)", column, SQL(operator), moment)

        return Domain.custom(to_sql=to_sql)
