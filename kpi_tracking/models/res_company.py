from odoo import fields, models


class ResCompany(models.Model):
    """Until when people's values are closed, and when people are reminded of them."""

    _inherit = "res.company"

    kpi_calendar_id = fields.Many2one(
        "kpi.calendar",
        "KPI Calendar",
        check_company=True,
        ondelete="restrict",
        help="Calendar for new KPIs. Empty: one is created in the company's time zone.",
    )
    kpi_lock_date = fields.Date(
        "KPI Lock Date",
        help="Values of periods that end on or before this date cannot be "
        "entered, approved, corrected, withdrawn or imported.",
    )
    kpi_remind_days_before = fields.Integer(
        "Remind Before (Days)",
        default=2,
        help="Days before the due date on which people are reminded. 0 = never.",
    )
    kpi_remind_days_after = fields.Integer(
        "Remind After (Days)",
        default=1,
        help="Days after the due date on which people are reminded again. 0 = never.",
    )

    _kpi_remind_days_range = models.Constraint(
        "CHECK (kpi_remind_days_before BETWEEN 0 AND 60"
        " AND kpi_remind_days_after BETWEEN 0 AND 60)",
        "People are reminded 0 to 60 days before and after the due date.",
    )
