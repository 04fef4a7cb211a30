from datetime import timedelta

from odoo import fields, models

from odoo.addons.kpi_tracking.models.res_config_settings import settings_of


class ResCompany(models.Model):
    """What counts as a purchase, and until when."""

    _inherit = "res.company"

    kpi_bi_cutoff_date = fields.Date(
        "Analysis Cutoff Date",
        help="Last day included. Leave empty for today.",
    )
    kpi_bi_purchase_source = fields.Selection(
        [("invoices", "Posted Invoices"), ("orders", "Confirmed Orders")],
        "Purchase Source",
        default="invoices",
        required=True,
        help="Documents counted in addition to imported purchases.",
    )
    kpi_bi_spend_plan_id = fields.Many2one(
        "account.analytic.plan",
        "Channel Plan",
        domain=[("parent_id", "=", False)],
        help="Analytic plan whose accounts are marketing channels; costs count as "
        "spend.",
    )
    kpi_bi_touch_days = fields.Integer(
        "Delete Touches After (Days)",
        default=730,
        help="Older touches are deleted. 0 means never.",
    )
    kpi_bi_purchase_days = fields.Integer(
        "Delete Imported Purchases After (Days)",
        help="Deletes older imported purchases, and customers left without any. 0 "
        "means never.",
    )


class ResConfigSettings(models.TransientModel):
    """The same of the current company, for administrators."""

    _inherit = "res.config.settings"

    vars().update(settings_of(ResCompany))


def delete_old(records, moment, days):
    """Delete what is older than its company keeps it.

    :param moment: field of the records that says of when they are
    :param days: field of the company that says how many days; 0 = for good
    """
    for company in records.env["res.company"].search([(days, ">", 0)]):
        limit = fields.Datetime.now() - timedelta(days=company[days])
        old = [("company_id", "=", company.id), (moment, "<", limit)]
        records.search(old).unlink()
