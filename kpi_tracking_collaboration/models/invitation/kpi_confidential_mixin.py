from odoo import api, models
from odoo.exceptions import UserError


class KpiConfidentialMixin(models.AbstractModel):
    """Record of which Odoo tells nobody: no message, follower, activity or file.

    Any employee may list the followers of a record that they may not read.
    """

    _name = "kpi.confidential.mixin"
    _description = "Confidential Record"
    _kpi_measurable = False

    @api.model
    def _refuse_telling(self):
        """Refuse what would tell of a record.

        :raises UserError: saying what cannot be added
        """
        raise UserError(
            self.env._(
                "Messages, followers, activities and files cannot be added here, as"
                " others could find them."
            )
        )
