from datetime import timedelta

from odoo import fields, models

from odoo.addons.kpi_tracking.models.res_config_settings import settings_of


class ResCompany(models.Model):
    """What counts as a purchase, and until when."""

    _inherit = "res.company"

    kpi_bi_cutoff_date = fields.Date(
        "Analyses Until",
        help="The last day that analyses of customers count; empty = today.",
    )
    kpi_bi_purchase_source = fields.Selection(
        [("invoices", "Posted Invoices"), ("orders", "Confirmed Orders")],
        "Purchases Are",
        default="invoices",
        required=True,
        help="What analyses of customers count, beside purchases that were imported.",
    )
    kpi_bi_spend_plan_id = fields.Many2one(
        "account.analytic.plan",
        "Plan of Channels",
        domain=[("parent_id", "=", False)],
        help="Its analytic accounts are marketing channels: their costs are spend.",
    )
    kpi_bi_touch_days = fields.Integer(
        "Days Touches Are Stored",
        default=730,
        help="Older touches of people with channels are deleted; 0 = none.",
    )
    kpi_bi_purchase_days = fields.Integer(
        "Days Imported Purchases Are Stored",
        help="Older ones are deleted, with customers of whom no others are left;"
        " 0 = none.",
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
