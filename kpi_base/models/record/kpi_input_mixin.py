from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

from ...engine import periods
from ...engine.postgres import is_finite

FIRST_YEAR, LAST_YEAR = periods.FIRST_DAY.year, 9998
MOST_INTEGER = 2**31 - 1  # of a column of integers


class KpiInputMixin(models.AbstractModel):
    """Refuses what has no meaning in any field that people or imports fill.

    Those are numbers that are not finite, days outside of all calendars, required
    texts of blanks only, and choices that a list made by code does not have, such as
    time zones. Odoo stores them, and JSON can say them: 1e400, NaN.
    """

    _name = "kpi.input.mixin"
    _description = "Checked KPI Input"

    @api.model
    def _input_fields(self):
        return [
            field
            for field in self._fields.values()
            if field.store
            and not field.readonly
            and (
                field.type in ("float", "monetary", "date")
                or (field.type == "char" and field.required)
            )
        ]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_given(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_given(vals)
        self._check_required(vals)
        return super().write(vals)

    def _check_required(self, vals):
        """Refuse to empty what is required: constraints would look into it first."""
        for name, value in vals.items():
            field = self._fields.get(name)
            if not field or not field.required or not field.store or value:
                continue
            if field.readonly:
                continue  # of the engine, which is asked first
            if field.type in ("many2one", "selection", "date", "datetime"):
                reason = self.env._("this value is required.")
                raise self[:1]._refuse_input(field, reason)

    @api.model
    def _check_given(self, vals):
        """Refuse what Odoo cannot round or PostgreSQL store, and what is no choice."""
        for name, value in vals.items():
            field = self._fields.get(name)
            reason = field and self._get_given_error(field, value)
            if reason:
                raise self[:1]._refuse_input(field, reason)

    def _refuse_input(self, field, reason):
        """The error that names the record, as far as there is one, and the field."""
        return ValidationError(
            self.env._(
                "%(record)s, %(field)s: %(reason)s",
                record=self._get_record_label() if self else self._description,
                field=field._description_string(self.env),
                reason=reason,
            )
        )

    @api.model
    def _get_given_error(self, field, value):
        """Return why a value cannot be stored; empty if it can."""
        # Odoo rounds it, or makes a float of what may be too large, before constraints.
        is_read_at_once = field.type == "monetary" or (
            field.type == "float"
            and (field.get_digits(self.env) or isinstance(value, int))
        )
        if is_read_at_once and not is_finite(value or 0):
            return self.env._("this is not a finite number.")
        if (
            field.type == "integer"
            and isinstance(value, int | float)
            and not abs(value) <= MOST_INTEGER
        ):
            return self.env._("this number is too large.")
        if (
            value
            and field.type == "selection"
            and not isinstance(field.selection, list)  # Odoo looks at lists only
            and value not in field.get_values(self.env)
        ):
            return self.env._("“%s” is not one of the choices.", value)
        return ""

    @api.constrains(lambda self: [field.name for field in self._input_fields()])
    def _check_input(self):
        fields = self._input_fields()
        for record in self:
            for field in fields:
                if reason := record._get_input_error(field):
                    raise record._refuse_input(field, reason)

    def _get_input_error(self, field):
        """Return why the value of ``field`` has no meaning; empty if it has."""
        value = self[field.name]
        if field.type == "char":
            return "" if value and value.strip() else self.env._("enter text.")
        if field.type == "date":
            if not value or FIRST_YEAR <= value.year <= LAST_YEAR:
                return ""
            return self.env._(
                "%(day)s is out of range. Use a year from %(first)s to %(last)s.",
                day=value,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        if is_finite(value):
            return ""
        return self.env._("this is not a finite number.")

    def _get_record_label(self):
        """The record in the words of people, who may not have named it."""
        self.ensure_one()
        name = self._rec_name and self.display_name or ""
        return name.strip() or self._description


class KpiReadonlyMixin(models.AbstractModel):
    """Refuses what only the engine writes; Odoo's “readonly” binds the screens only."""

    _name = "kpi.readonly.mixin"
    _description = "Read-Only Values"

    @api.model
    def default_get(self, fields):
        """Start readonly fields as the code says, whatever contexts propose."""
        if self.env.su:
            return super().default_get(fields)
        readonly = set(self._filter_readonly(fields))
        values = super().default_get([name for name in fields if name not in readonly])
        for name in readonly:
            if self._fields[name].default:
                values[name] = self._fields[name].default(self)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_readonly_values(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_readonly_values(vals.keys())
        return super().write(vals)

    @api.model
    def _check_readonly_values(self, names):
        readonly = self._filter_readonly(names)
        if readonly and not self.env.su:
            raise AccessError(
                self.env._(
                    "These fields are set automatically and cannot be changed: %s",
                    ", ".join(sorted(readonly)),
                )
            )

    @api.model
    def _filter_readonly(self, names):
        return [
            name
            for name in names
            if name in self._fields and self._fields[name].readonly
        ]
