from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KpiTatRequest(models.Model):
    """A record that a request is about: shown and opened by its own rules only."""

    _inherit = "kpi.tat.request"

    res_model = fields.Char("About Record Type", index="btree_not_null", copy=False)
    res_id = fields.Many2oneReference(
        "About Record", model_field="res_model", copy=False
    )
    document_name = fields.Char("About", compute="_compute_document_name")

    @api.depends_context("uid", "lang", "allowed_company_ids")
    @api.depends("res_model", "res_id")
    def _compute_document_name(self):
        self.document_name = False
        # As the user: what they may not see is not named.
        for model, requests in self.sudo(False).grouped("res_model").items():
            documents = requests._find_documents(model)
            names = {one.id: one.display_name for one in documents}
            for request in requests:
                request.document_name = names.get(request.res_id, False)

    def _find_documents(self, model):
        """The records of a model that these are about and the user may read."""
        if not model or model not in self.env:
            return self.browse()
        found = self.env[model].browse(filter(None, self.mapped("res_id"))).exists()
        return found._filtered_access("read")

    @api.constrains("res_model", "res_id")
    def _check_document(self):
        """:raises ValidationError: a record that whoever asks may not read, or of a
        type that nobody may ask about
        """
        kinds = self.env["kpi.tat.document.type"]
        for request in self.filtered(lambda one: one.res_model or one.res_id):
            if not kinds._is_allowed(request.res_model):
                raise ValidationError(
                    self.env._("Requests cannot be about this record type.")
                )
            # Constraints run as superuser; who asks must see it by their own rights.
            own = request.with_user(self.env.uid)
            if not own._find_documents(request.res_model):
                raise ValidationError(self.env._("There is no such record."))

    def action_open_document(self):
        """Open the record that this request is about.

        :raises UserError: there is none that the user may read
        """
        self.ensure_one()
        self.check_access("read")
        document = self.sudo(False)._find_documents(self.res_model)
        if not document:
            raise UserError(self.env._("There is no such record."))
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }
