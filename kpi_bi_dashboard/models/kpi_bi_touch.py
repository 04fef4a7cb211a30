import hashlib
import hmac

from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary

from .res_company import delete_old


class KpiBiTouch(models.Model):
    """Somebody met a channel; with an amount, they bought then.

    Who it was cannot be told: their number is hashed with a secret of the database.
    """

    _name = "kpi.bi.touch"
    _description = "Touch"
    _log_access = False
    _order = "moment desc, id desc"
    _rec_name = "channel"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    person = fields.Char("Person (Hashed)", required=True, readonly=True)
    # Required, as NULL would not be unique; an empty text is none.
    channel = fields.Char(
        required=True, readonly=True, help="Blank for purchases without a touch."
    )
    moment = fields.Datetime("Time", required=True, readonly=True)
    amount = OptionalMonetary(
        "Bought For", readonly=True, help="Blank if there was no purchase."
    )

    _touch_uniq = models.UniqueIndex("(company_id, person, moment, channel)")
    _moment_idx = models.Index("(company_id, moment)")

    @api.model
    def _hash_person(self, company):
        """A function that hashes numbers of people of a company, none of them back."""
        # The secret is nobody's to read; what is made of it says nothing of it.
        secret = self.env["ir.config_parameter"].sudo().get_param("database.secret")
        key = f"{secret}:kpi.bi.touch:{company.id}".encode()
        return lambda number: hmac.digest(key, number.encode(), hashlib.sha256).hex()

    @api.autovacuum
    def _gc_old(self):
        """Delete touches older than companies keep them."""
        delete_old(self, "moment", "kpi_bi_touch_days")
