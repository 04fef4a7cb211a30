import json
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, html2plaintext

from ...engine.message import Message
from ...outbox import DeliveryRefused, DeliverySkipped


class KpiDelivery(models.Model):
    """Content of a message: a body, or lines that are written when it is sent.

    A message about many records is queued with a line for each, and the name of a model
    that writes it for its reader::

        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"alert:{event.id}",
                    "user_id": user.id,
                    "subject": self.env._("KPI alert"),
                    "renderer": "kpi.alert.event",
                    "lines": [{"res_model": report._name, "res_id": report.id}],
                }
            ]
        )

        @api.model
        def _render_delivery(self, delivery, lines):
            reports = self.env["kpi.report"].browse(lines.mapped("res_id"))
            return Message(title, lines=tuple(map(self._line_of, reports)))

    ``self`` is the reader's: their rights, language, time zone and companies. The other
    two are the outbox's own rows; ``lines`` are those whose records the reader may see
    at that moment. It writes nothing, as it is called again for every attempt.
    """

    _inherit = "kpi.delivery"

    renderer = fields.Char(
        readonly=True,
        exportable=False,
        help="Model that writes the message when it is sent.",
    )
    line_ids = fields.One2many(
        "kpi.delivery.line",
        "delivery_id",
        string="Lines",
        readonly=True,
        groups="base.group_system",
    )

    @api.model
    def _check_queued(self, vals):
        if bool(vals.get("lines")) != bool(vals.get("renderer")):
            raise ValidationError(
                self.env._(
                    "The message %s needs both: lines, and a model that writes it.",
                    vals.get("key"),
                )
            )
        return super()._check_queued(vals)

    @api.model
    def _row(self, vals):
        return {**super()._row(vals), "renderer": vals.get("renderer")}

    @api.model
    def _link_all(self, vals_list, id_of):
        result = super()._link_all(vals_list, id_of)
        rows = [
            (
                id_of[vals["key"]],
                number,
                line["res_model"],
                line["res_id"],
                None if line.get("data") is None else json.dumps(line["data"]),
            )
            for vals in self._filter_new(vals_list, id_of)
            for number, line in enumerate(vals.get("lines") or ())
        ]
        if rows:
            self.env.execute_query(
                SQL(
                    "INSERT INTO kpi_delivery_line"
                    " (delivery_id, sequence, res_model, res_id, data)"
                    " SELECT *"
                    " FROM unnest(%s, %s, %s::varchar[], %s, %s::text[]::jsonb[])"
                    " RETURNING 1",
                    *map(list, zip(*rows, strict=True)),
                )
            )
        return result

    def _compose(self):
        """Return what the message says, as ``Message``; each channel writes it out.

        :raises DeliverySkipped: the reader may see nothing of it
        """
        if self.renderer:
            return self._render()
        pictures = self.attachment_ids.filtered(self._is_in_body)
        painted = pictures.filtered(lambda file: file.mimetype == "image/png")[:1]
        return Message(
            self.subject,
            plain_text(self.body),
            html=str(self.body or ""),
            picture=painted.raw or None,
        )

    def _is_in_body(self, file):
        """Check whether the body shows this picture."""
        return f'"cid:{file.name}"' in (self.body or "")

    def _render(self):
        lines = self._filter_readable(self.line_ids)
        if not lines:
            raise DeliverySkipped(
                self.env._(
                    "%s has no access to anything that the message tells.",
                    self._get_reader().name,
                )
            )
        model = self.env.get(self.renderer)
        if model is None or not hasattr(model, "_render_delivery"):
            raise DeliveryRefused(
                self.env._("No installed app writes this message (%s).", self.renderer)
            )
        return self._as_reader(model)._render_delivery(self, lines)

    def _filter_readable(self, lines):
        """The ``lines`` whose records are there, and can be read by the reader."""
        readable = set()
        for model, of_model in lines.grouped("res_model").items():
            if model in self.env:
                records = self.env[model].browse(of_model.mapped("res_id")).exists()
                own = self._as_reader(records)._filtered_access("read")
                readable.update((model, record_id) for record_id in own.ids)
        return lines.filtered(lambda line: (line.res_model, line.res_id) in readable)


def plain_text(html):
    """Return the text of a mail: no signs around bold words, pictures in words."""
    plain = str(html or "")
    plain = re.sub(r"<(/?)h[1-6]\b[^>]*>", r"<\1p>", plain)
    plain = re.sub(r"</?(?:strong|b|em)\b[^>]*>", "", plain)
    plain = re.sub(r'<img\b[^>]*?\balt="([^"]*)"[^>]*>', r"\1", plain)
    return html2plaintext(re.sub(r"<img\b[^>]*>", "", plain))
