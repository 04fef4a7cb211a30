from odoo import api, models
from odoo.exceptions import AccessError


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
                    "%s: set automatically and cannot be changed.",
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
