import hashlib
import hmac

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalMonetary


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
    channel = fields.Char(
        required=True, readonly=True, help="Empty: they bought, and met none then."
    )
    moment = fields.Datetime("Time", required=True, readonly=True)
    amount = OptionalMonetary(
        "Bought For", readonly=True, help="Empty: nothing was bought then."
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
        """Delete touches and imported purchases older than companies keep them."""
        kept = {
            "kpi.bi.touch": ("moment", "kpi_bi_touch_days"),
            "kpi.bi.purchase.line": ("day", "kpi_bi_purchase_days"),
        }
        for model, (moment, days) in kept.items():
            names = {"table": self.env[model]._table, "moment": moment, "days": days}
            names = {name: SQL.identifier(one) for name, one in names.items()}
            now = fields.Datetime.now()
            self.env.cr.execute(SQL(_DELETE_OLD, now=now, **names))
            self.env[model].invalidate_model()


_DELETE_OLD = """
    DELETE FROM %(table)s AS kept
          USING res_company AS company
          WHERE company.id = kept.company_id
            AND company.%(days)s > 0
            AND kept.%(moment)s < %(now)s - company.%(days)s * INTERVAL '1 day'
"""
