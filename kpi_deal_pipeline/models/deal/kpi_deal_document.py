import re
from base64 import b64decode
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.columns import Choices

URI = re.compile(r"(https|s3|gs|file|urn):\S+")


class KpiDealDocument(models.Model):
    """Something that supports a deal: stored elsewhere, or attached here."""

    _name = "kpi.deal.document"
    _description = "Deal Document"
    _table = "agent_deal_documents"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin", "kpi.dated.mixin"]
    _order = "deal_id, uploaded_at desc, id desc"
    _rec_name = "title"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="cascade", index=True)
    document_type = fields.Selection(
        [
            ("loi", "Letter of Intent"),
            ("valuation", "Valuation"),
            ("agreement", "Agreement"),
            ("financials", "Financials"),
            ("other", "Other"),
        ],
        required=True,
        default="other",
    )
    title = fields.Char(required=True)
    uri = fields.Char("Address", help="Web address, such as https://…")
    file = fields.Binary(attachment=True)
    file_name = fields.Char()
    mime_type = fields.Char(string="MIME Type")
    checksum = fields.Char(
        "SHA-256", compute="_compute_checksum", store=True, readonly=True
    )
    uploaded_by = fields.Many2one(
        "res.users",
        readonly=True,
        required=True,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    uploaded_at = fields.Datetime(
        readonly=True, required=True, default=fields.Datetime.now
    )
    metadata = fields.Json()

    _document_type_choices = Choices("document_type")

    @api.depends("file")
    def _compute_checksum(self):
        for document in self.with_context(bin_size=False):
            content = b64decode(document.file or b"")
            document.checksum = content and sha256(content).hexdigest()

    @api.constrains("uri", "file", "title")
    def _check_location(self):
        for document in self:
            if not document.uri and not document.file:
                raise ValidationError(
                    self.env._(
                        "%s: attach a file or enter its web address.", document.title
                    )
                )
            if document.uri and not URI.fullmatch(document.uri):
                raise ValidationError(
                    self.env._(
                        "%(title)s: “%(uri)s” is not a web address. Use, for "
                        "example, https://files.example.com/contract.pdf.",
                        title=document.title,
                        uri=document.uri,
                    )
                )
