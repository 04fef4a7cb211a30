from odoo import api, models
from odoo.exceptions import AccessError


class KpiKeptMixin(models.AbstractModel):
    """Refuses what only the engine writes; Odoo's “readonly” binds the screens only."""

    _name = "kpi.kept.mixin"
    _description = "Values Kept by the Engine"

    @api.model
    def default_get(self, fields):
        """Kept fields start as the code says, whatever contexts and users propose."""
        if self.env.su:
            return super().default_get(fields)
        kept = self._kept_among(fields)
        values = super().default_get([name for name in fields if name not in kept])
        for name in kept:
            if self._fields[name].default:
                values[name] = self._fields[name].default(self)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_kept_values(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_kept_values(vals.keys())
        return super().write(vals)

    @api.model
    def _check_kept_values(self, names):
        kept = self._kept_among(names)
        if kept and not self.env.su:
            raise AccessError(
                self.env._(
                    "%s: kept by the engine and not to be written.",
                    ", ".join(sorted(kept)),
                )
            )

    @api.model
    def _kept_among(self, names):
        return [
            name
            for name in names
            if name in self._fields and self._fields[name].readonly
        ]
