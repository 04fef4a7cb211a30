from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.outbox import DeliverySkipped
from odoo.addons.kpi_base.roles import ADMIN

# Events that somebody waits for go before reports and numbers.
URGENT = ("alert",)


class KpiWebhook(models.Model):
    """An address of another system that is told what happens to KPIs.

    Events of an addon are sent where it has emitted them by ``kpi.event`` and adds, for
    ``visit.planned``, a field ``sends_visit`` here and what is said of a record by
    ``_get_content_fields``.
    """

    _name = "kpi.webhook"
    _description = "KPI Webhook"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.secret.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    address = fields.Char(
        required=True, help="Where events are posted, such as https://example.com/kpi."
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="Only what they may see is sent.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty = the KPIs of all companies.",
    )
    report_ids = fields.Many2many(
        "kpi.report",
        "kpi_webhook_report_rel",
        string="KPIs",
        help="Empty = all that the responsible person may see.",
    )
    sends_measurement = fields.Boolean("Values", default=True)
    sends_alert = fields.Boolean("Alerts", default=True)
    sends_submission = fields.Boolean("Entries")
    sends_target = fields.Boolean("Targets")
    secret = Secret("secret", "Signing Secret")
    previous_secret = Secret("previous_secret", "Secret Before")
    rotated_at = fields.Datetime(readonly=True, copy=False)

    state = fields.Selection(
        [("on", "On"), ("off", "Off")],
        "Status",
        required=True,
        readonly=True,
        default="on",
        copy=False,
    )
    last_sent_at = fields.Datetime("Last Sent", readonly=True, copy=False)
    failing_since = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char("Reason", readonly=True, copy=False)

    @api.constrains("address")
    def _check_address(self):
        for webhook in self:
            self.env["kpi.outgoing"]._check_address(webhook.address)

    @api.constrains("owner_id")
    def _check_owner(self):
        """Let nobody be sent what somebody else may see."""
        # Constraints run as superuser: whose wish it is says the user alone.
        if self.env.user.has_group(ADMIN):
            return
        if self.owner_id - self.env.user:
            raise ValidationError(
                self.env._("Only KPI administrators can set up webhooks for others.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        # Whoever makes one may turn it off; nobody types anything else of its state.
        are_off = [vals.get("state") == "off" for vals in vals_list]
        plain = [
            {name: value for name, value in vals.items() if name != "state"}
            if is_off
            else vals
            for vals, is_off in zip(vals_list, are_off, strict=True)
        ]
        webhooks = super().create(plain)
        for webhook, is_off in zip(webhooks, are_off, strict=True):
            if not webhook._has_secret("secret"):
                webhook._renew_secret()
            if is_off:
                webhook.action_turn_off()
        return webhooks

    def copy_data(self, default=None):
        """Copies are off: the address would be told everything twice, signed by a
        secret that it does not know."""
        return [{**vals, "state": "off"} for vals in super().copy_data(default)]

    def action_turn_on(self):
        """Send again; what failed meanwhile stays in the outbox."""
        self.check_access("write")
        # How sending goes is the engine's; the right to change it was asked for.
        self.sudo().write({"state": "on", "failing_since": False, "last_error": False})
        return True

    def action_turn_off(self):
        """Send nothing until it is turned on again."""
        self.check_access("write")
        # As above.
        self.sudo().state = "off"
        return True

    @api.model
    def _find_sent(self, event):
        """Webhooks that are on and are sent an event."""
        name = f"sends_{event.partition('.')[0]}"
        if name not in self._fields:
            return self.browse()
        # Who caused the event need not know who else hears of it.
        return self.sudo().search([("state", "=", "on"), (name, "=", True)])

    def _filter_listening(self, reports):
        """Those that hear of some of these KPIs."""
        # As above.
        companies, ids = reports.sudo().company_id, set(reports.ids)
        return self.filtered(
            lambda each: (
                each.company_id <= companies
                and (not each.report_ids or ids & set(each.report_ids.ids))
            )
        )

    def _queue_batches(self, event, batch_ids):
        """Put a message for each webhook and batch into the outbox."""
        is_urgent = event.partition(".")[0] in URGENT
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"webhook:{webhook.id}:{batch_id}",
                    "channel": "webhook",
                    "lane": "urgent" if is_urgent else "bulk",
                    "target_model": self._name,
                    "target_id": webhook.id,
                    "reader_id": webhook.owner_id.id,
                    "company_id": webhook.company_id.id
                    or webhook.owner_id.company_id.id,
                    "subject": webhook._describe_event(event),
                    "webhook_batch_id": batch_id,
                }
                for webhook in self
                for batch_id in batch_ids
            ]
        )

    def _describe_event(self, event):
        """What a message of an event is, for whoever looks at the outbox."""
        field = self._fields[f"sends_{event.partition('.')[0]}"]
        return self.env._(
            "%(webhook)s: %(kind)s (%(event)s)",
            webhook=self.name,
            kind=field._description_string(self.env),
            event=event,
        )

    def _check_delivery_target(self):
        """Let nothing go to a webhook that is off."""
        if not self.active or self.state != "on":
            raise DeliverySkipped(self.env._("%s is turned off.", self.name))

    def _get_report_domain(self):
        """Condition on the KPIs that it is about, whatever its owner may see."""
        domain = (
            Domain("id", "in", self.report_ids.ids) if self.report_ids else Domain.TRUE
        )
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain
