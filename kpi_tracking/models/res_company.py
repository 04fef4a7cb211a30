from odoo import fields, models


class ResCompany(models.Model):
    """Until when people's values are closed, and when people are reminded of them."""

    _inherit = "res.company"

    kpi_calendar_id = fields.Many2one(
        "kpi.calendar",
        "KPI Calendar",
        check_company=True,
        ondelete="restrict",
        help="Calendar for new KPIs. Leave empty to create one in the company's "
        "time zone.",
    )
    kpi_lock_date = fields.Date(
        "KPI Lock Date",
        help="Locks entered and imported values of periods ending on or before "
        "this date.",
    )
    kpi_remind_days_before = fields.Integer(
        "Remind Before (Days)",
        default=2,
        help="Send a reminder this many days before the due date. 0 means never.",
    )
    kpi_remind_days_after = fields.Integer(
        "Remind After (Days)",
        default=1,
        help="Send another reminder this many days after the due date. 0 means never.",
    )

    _kpi_remind_days_range = models.Constraint(
        "CHECK (kpi_remind_days_before BETWEEN 0 AND 60"
        " AND kpi_remind_days_after BETWEEN 0 AND 60)",
        "Reminders can be sent 0 to 60 days before and after the due date.",
    )
