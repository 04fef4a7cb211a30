from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiAlertShift(models.Model):
    """Time in which somebody is on call: from ``date_from`` to before ``date_to``."""

    _name = "kpi.alert.shift"
    _description = "KPI On-Call Shift"
    _inherit = ["kpi.input.mixin"]
    _order = "rota_id, date_from, id"
    _rec_name = "user_id"

    rota_id = fields.Many2one(
        "kpi.alert.rota", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        "On Call",
        required=True,
        ondelete="cascade",
        index=True,
        domain=[("share", "=", False)],
    )
    date_from = fields.Datetime("From", required=True)
    date_to = fields.Datetime("Until", required=True)
    is_override = fields.Boolean(
        "Stands In", help="Comes before the regular shift of that time."
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "A shift must end after it begins."
    )
    # A range of one id, as equality in such a constraint needs an extension.
    _shifts_excl = models.Constraint(
        """EXCLUDE USING gist (int4range(rota_id, rota_id, '[]') WITH &&,
                               tsrange(date_from, date_to) WITH &&)
           WHERE (is_override IS NOT TRUE)""",
        "Two regular shifts of a rota must not overlap. Mark one as standing in.",
    )

    @api.constrains("rota_id", "user_id")
    def _check_are_employees(self):
        """Whoever is on call can be told of the company's KPIs."""
        outside = self.filtered(
            lambda shift: (
                shift.user_id.share
                or shift.rota_id.company_id not in shift.user_id.company_ids
            )
        )
        if outside:
            raise ValidationError(
                self.env._(
                    "%(people)s: only employees of %(company)s can be on call.",
                    people=", ".join(outside.user_id.mapped("name")),
                    company=outside.rota_id.company_id[:1].name,
                )
            )
