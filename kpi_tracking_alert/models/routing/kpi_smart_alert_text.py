from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.misc import format_datetime

from odoo.addons.kpi_base.engine.message import to_text

from ...engine.message_text import MessageTextError, fill

NAMES = (
    "kpi",
    "value",
    "period",
    "since",
    "reason",
    "severity",
    "rule",
    "responsible",
    "link",
)


class KpiSmartAlert(models.Model):
    """A rule's own text for its messages."""

    _inherit = "kpi.smart.alert"

    message_text = fields.Text(
        "Own Text",
        help="In the place of the reason. Names in braces stand for what changes:"
        " {kpi}, {value}, {period}, {since}, {reason}, {severity}, {rule},"
        " {responsible} and {link}.",
    )

    @api.constrains("message_text")
    def _check_message_text(self):
        for rule in self:
            try:
                fill(rule.message_text or "", dict.fromkeys(NAMES, ""))
            except MessageTextError as error:
                raise ValidationError(rule._say_text_fault(error)) from error

    def _say_text_fault(self, error):
        if not error.name:
            return self.env._(
                "%s: a brace stands alone in its text. Write {{ for a brace.", self.name
            )
        return self.env._(
            "%(rule)s: {%(name)s} is not known. You can use %(names)s.",
            rule=self.name,
            name=error.name,
            names=", ".join(f"{{{name}}}" for name in NAMES),
        )

    @api.readonly
    def preview_message(self):
        """The message of the rule's last alert, as the user would get it now.

        :return: dict of ``title`` and ``text``
        :raises UserError: it has raised no alert that the user may see
        """
        self.ensure_one()
        self.check_access("read")
        events = self.env["kpi.alert.event"]
        event = events.search([("alert_id", "=", self.id)], order="id desc", limit=1)
        if not event:
            raise UserError(
                self.env._("%s has raised no alert yet that could be shown.", self.name)
            )
        message = event._compose_preview()
        return {"title": message.title, "text": to_text(message)}


class KpiAlertEvent(models.Model):
    """The values of the names that a rule's own text uses."""

    _inherit = "kpi.alert.event"

    def _get_own_text(self):
        """The own text of the rule, filled in; empty where it has none."""
        # What the rule says of an alert is for all who are told of it.
        text = self.sudo().alert_id.message_text
        if not text:
            return ""
        try:
            return fill(text, self._get_text_values())
        except MessageTextError:  # written before a name was taken away
            return text

    def _get_text_values(self):
        labels = dict(self._fields["severity"]._description_selection(self.env))
        # Names of a KPI and its responsible are known to whoever sees it.
        report = self.report_id.sudo()
        since = format_datetime(self.env, self.fired_at, dt_format="short")
        return {
            "kpi": report.name,
            "value": self._get_value_text(),
            "period": self.period_label or "",
            "since": since,
            "reason": self._get_reason_text(),
            "severity": labels[self.severity],
            "rule": self.rule_name,
            "responsible": report.owner_id.name or "",
            "link": self._get_link(),
        }

    def _compose_preview(self):
        """The ``Message`` of this alert alone, when it fires, without links to act."""
        data = {"change": "fired", "step": 0, "count": 1}
        return self.env["kpi.alert.notice"]._compose([(self, data)])
