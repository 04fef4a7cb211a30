import json
import time
from datetime import date, datetime

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.outgoing import address_secrets


class KpiWebhook(models.Model):
    """What a webhook is sent: the events that its owner may know of."""

    _inherit = "kpi.webhook"

    @api.model
    def _get_content_fields(self):
        """Model → its name in a message, and the fields that are said of a record."""
        return {
            "kpi.alert.event": (
                "alert",
                (
                    "rule_name",
                    "alert_type",
                    "severity",
                    "state",
                    "grain",
                    "period_start",
                    "since_period",
                    "value",
                    "measured",
                    "limit",
                    "reason",
                    "fired_at",
                    "acknowledged_at",
                    "resolved_at",
                    "resolution",
                ),
            ),
            "kpi.submission": (
                "submission",
                ("grain", "period_start", "value", "note", "state", "submitted_at"),
            ),
            "kpi.target": (
                "target",
                ("date_from", "value", "baseline", "stretch", "note"),
            ),
        }

    @api.model
    def _get_reports_of(self, records):
        """Record → the KPIs that it is about: each hears of it."""
        return {record: record.report_id for record in records}

    @api.model
    def _get_contents(self, records):
        """What is said of each record, as it is now."""
        _name, names = self._get_content_fields()[records._name]
        return [
            {name: _plain(record[name]) for name in names if name in record._fields}
            for record in records
        ]

    @api.model
    def _get_body(self, event, moment, items):
        """Bytes of a message."""
        content = {
            "type": event,
            "timestamp": _plain(moment),
            "data": {"items": items},
        }
        return json.dumps(content, ensure_ascii=False).encode()

    @api.model
    def _settle_events(self, reports):
        """Keep what waits to be sent about KPIs that are about to be gone.

        What the owners may know of it is decided now, for the last time.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT delivery.id
                  FROM kpi_delivery AS delivery
                  JOIN kpi_webhook_change AS change
                    ON change.batch_id = delivery.webhook_batch_id
                 WHERE delivery.state = 'waiting'
                   AND change.report_id = ANY(%s)
              ORDER BY delivery.id
                """,
                reports.ids,
            )
        )
        for delivery in self.env["kpi.delivery"].browse([id_ for (id_,) in rows]):
            items = delivery._get_target()._get_items(delivery.webhook_batch_id)
            ids = set(reports.ids)
            delivery.webhook_items = [
                *(delivery.webhook_items or ()),
                *(item for item in items if item["kpi"]["id"] in ids),
            ]

    def _get_items(self, batch):
        """Events of a batch that the owner may know of, in order."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report_id, sequence, grain, period_start, old_value, new_value,
                       cause, res_model, res_id, content
                  FROM kpi_webhook_change
                 WHERE batch_id = %s
              ORDER BY id
                """,
                batch.id,
            )
        )
        known = self._find_reports({row[0] for row in rows})
        hidden = self._find_hidden({row[7:9] for row in rows if row[7]})
        items = []
        for report_id, sequence, *fact, model, res_id, content in rows:
            if report_id in known and (model, res_id) not in hidden:
                said = self._say(fact, model, res_id, content)
                items.append({"sequence": sequence, "kpi": known[report_id], **said})
        return items

    def _say(self, fact, model, res_id, content):
        """What is said of a changed value, or of what happened to a record."""
        if not model:
            names = ("grain", "period_start", "old", "new", "cause")
            return dict(zip(names, map(_plain, fact), strict=True))
        name, _fields = self._get_content_fields()[model]
        return {name: {"id": res_id, **content}}

    def _find_reports(self, ids):
        """Id → what is said of each KPI that the owner may see now."""
        # Rights as they are now, not when the batch was read.
        self.env.invalidate_all()
        reports = self._as_owner("kpi.report").with_context(active_test=False)
        found = reports.search(
            Domain("id", "in", list(ids)) & self._get_report_domain()
        )
        return {
            report.id: {"id": report.id, "code": report.code or "", "name": report.name}
            for report in found
        }

    def _find_hidden(self, places):
        """Those (model, id) of records that are there, but not for the owner."""
        hidden = set()
        for model in {model for model, _id in places}:
            ids = [res_id for name, res_id in places if name == model]
            records = self._as_owner(model).browse(ids).exists()
            unseen = records - records._filtered_access("read")
            hidden.update((model, res_id) for res_id in unseen.ids)
        return hidden

    def _as_owner(self, model):
        """The model as the owner sees it, in all their companies."""
        # Less, not more: what the engine may see, its owner often may not.
        return (
            self.env[model]
            .with_user(self.owner_id)
            .with_context(allowed_company_ids=None, lang=self.owner_id.lang)
        )

    def _post(self, webhook_id, body):
        """Send a message, signed at this moment; as ``_call`` of ``kpi.outgoing``."""
        headers = self._sign(webhook_id, int(time.time()), body)
        secrets = [*address_secrets(self.address), *self._get_signing_secrets()]
        return self.env["kpi.outgoing"]._call(self.address, body, headers, secrets)


def _plain(value):
    """A value as JSON has it: None for what is missing."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    return None if value is False or value is None else value
