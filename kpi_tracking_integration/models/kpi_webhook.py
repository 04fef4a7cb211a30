from itertools import islice
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_tracking_alert.models.webhook.kpi_webhook import plain

MOST_BATCHES = 20
SAMPLES = 3


class KpiWebhook(models.Model):
    """Webhooks that programs make for themselves."""

    _inherit = "kpi.webhook"

    @api.model
    def _subscribe(self, address, event, name=None, report_ids=(), secret=None):
        """The user's webhook for one kind of events; the one that is there already."""
        chosen = self._find_sends_field(event)
        mine = [("owner_id", "=", self.env.uid), ("address", "=", address)]
        known = self.search([*mine, (chosen, "=", True), ("state", "=", "on")])
        same = known.filtered(lambda each: {*each.report_ids.ids} == {*report_ids})
        if same:
            return same[0]
        kinds = [name for name in self._fields if name.startswith("sends_")]
        return self.create(
            {
                **dict.fromkeys(kinds, False),
                chosen: True,
                "name": name or urlsplit(address).hostname or event,
                "address": address,
                "report_ids": [*report_ids],
                **({"secret": secret} if secret else {}),
            }
        )

    @api.model
    def _find_sends_field(self, event):
        kinds = [name for name in self._fields if name.startswith("sends_")]
        if f"sends_{event}" in kinds:
            return f"sends_{event}"
        known = ", ".join(name.removeprefix("sends_") for name in sorted(kinds))
        raise UserError(self.env._("Unknown event type. Use one of: %s.", known))

    @api.model
    def _list_samples(self, event):
        """The latest messages of a kind as the user would get them, newest first."""
        self._find_sends_field(event)
        # Batches are nobody's to read; what the user may know of them is said below.
        batches = self.env["kpi.webhook.batch"].sudo()
        found = batches.search([("event", "=like", f"{event}.%")], limit=MOST_BATCHES)
        # As above: of no record, and it asks what its owner may see.
        reader = self.sudo().new({"owner_id": self.env.uid, "company_id": False})
        said = ((batch, reader._get_items(batch)) for batch in found)
        messages = [
            _message(batch.event, batch.happened_at, items[::-1])
            for batch, items in islice(filter(lambda pair: pair[1], said), SAMPLES)
        ]
        if messages or event != "measurement":
            return messages
        facts = self.env["kpi.measurement"].search([], order="id desc", limit=SAMPLES)
        known = reader._find_reports(facts.report_id.ids)
        items = [
            {
                "sequence": 0,
                "kpi": known[fact.report_id.id],
                "grain": fact.grain,
                "period_start": plain(fact.period_start),
                "old": None,
                "new": fact.value,
                "cause": plain(fact.source),
            }
            for fact in facts
            if fact.report_id.id in known
        ]
        return [_message("measurement.changed", fields.Datetime.now(), items)]


def _message(event, moment, items):
    return {"type": event, "timestamp": plain(moment), "data": {"items": items}}
