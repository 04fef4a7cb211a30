from odoo import models

KNOWN = "duplicate_message"


class SmsSms(models.Model):
    """A text of ours that the gateway has already is sent, not failed."""

    _inherit = "sms.sms"

    def _handle_call_result_hook(self, results):
        result = super()._handle_call_result_hook(results)
        if self.env.context.get("kpi_sms"):
            known = {each["uuid"] for each in results if each["state"] == KNOWN}
            self.filtered(lambda text: text.uuid in known).write(
                {"state": "pending", "failure_type": False}
            )
        return result
