from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kpi_dashboard_pdf import printer


class KpiDashboardSchedule(models.Model):
    """When a dashboard is mailed, and to whom."""

    _name = "kpi.dashboard.schedule"
    _description = "Dashboard Email Schedule"
    _inherit = ["kpi.mail.schedule"]
    _order = "dashboard_id, id"
    _mailed_field = "dashboard_id"
    _mail_key = "dashboard"

    dashboard_id = fields.Many2one(
        "kpi.dashboard", required=True, ondelete="cascade", index=True
    )
    # Uninstalling drops the tables of relations that the addon itself declares.
    user_ids = fields.Many2many()
    frequency = fields.Selection(default="week")
    has_pdf = fields.Boolean(default=lambda self: bool(printer()))
    is_only_news = fields.Boolean(
        "Skip if Nothing Changed",
        default=True,
        help="Skips recipients whose numbers have not changed since the last email.",
    )
    told_on = fields.Datetime(
        "Last Written", readonly=True, copy=False, help="When the last email was."
    )

    @api.constrains("has_pdf")
    def _check_printer(self):
        if not printer() and any(schedule.has_pdf for schedule in self):
            raise ValidationError(
                self.env._(
                    "PDF files need the Python package WeasyPrint on the "
                    "server. Turn off “With PDF”, or ask your administrator to "
                    "install it."
                )
            )

    @api.constrains("user_ids", "dashboard_id")
    def _check_readers(self):
        for schedule in self:
            schedule._check_may_open(schedule.user_ids)

    def _check_may_open(self, users):
        self.dashboard_id._check_is_no_draft()
        blind = users.filtered(lambda user: not self._dashboard_of(user))
        if blind:
            raise ValidationError(
                self.env._(
                    "%(people)s cannot open this dashboard. Share it with them first.",
                    people=", ".join(blind.mapped("name")),
                )
            )

    @api.model
    def _send_once(self, dashboard, users, **files):
        """Mail a dashboard now, to people whom a schedule may mail it, too.

        :param files: ``has_pdf`` and ``has_xlsx``
        :return: the new deliveries; none for who sees no KPI
        """
        dashboard.check_access("read")
        once = self.new({"dashboard_id": dashboard.id, **files})
        once._check_may_add(users)
        # Whether receivers may open it depends on all their companies.
        receivers = users.sudo()
        once._check_are_employees(receivers)
        once._check_may_open(receivers)
        # The outbox and its files are the engine's; KPIs are read as each receiver.
        once = once.sudo()
        leaves = dict.fromkeys(receivers)
        return once._queue_groups(
            once._group_by_visibility(leaves), leaves, uuid4().hex
        )

    def _dashboard_of(self, user):
        """The dashboard with the rights and the language of a receiver.

        Nobody is mailed one that was deleted.
        """
        shown = self.dashboard_id.filtered(lambda each: not each.deleted_on)
        # Asked as the receiver, in all their companies.
        own = shown.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )
        return own._filtered_access("read")


class KpiDashboard(models.Model):
    """The mails of a dashboard."""

    _inherit = "kpi.dashboard"

    def action_mail_now(self):
        """Ask whom to mail the dashboard now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Email Now"),
            "res_model": "kpi.dashboard.mail.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_dashboard_id": self.id},
        }

    def action_mails(self):
        """When the dashboard is mailed, as far as the user may see it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking_dashboard.kpi_dashboard_schedule_action"
        )
        return {
            **action,
            "domain": [("dashboard_id", "=", self.id)],
            "context": {"default_dashboard_id": self.id},
        }
