from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.roles import USER

REQUEST = "kpi.tat.request"
# Records that configure Odoo or hold secrets are nobody's to decide on.
REFUSED = ("ir.", "base.", "bus.", "kpi.", "res.users.")


class KpiTatDocumentType(models.Model):
    """Kind of records whose menu has “Ask for a Decision”."""

    _name = "kpi.tat.document.type"
    _description = "Request Record Type"
    _inherit = ["kpi.readonly.mixin"]
    _order = "model_id"
    _rec_name = None  # models are not read by those who choose one

    model_id = fields.Many2one(
        "ir.model",
        "Record Type",
        required=True,
        ondelete="cascade",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    active = fields.Boolean(default=True)
    template_id = fields.Many2one(
        "kpi.approval.workflow",
        ondelete="set null",
        domain=[("workflow_type", "=", "request_template")],
        help="Default template for new requests.",
    )
    action_ids = fields.Many2many(
        "ir.actions.act_window",
        readonly=True,
        copy=False,
        groups="base.group_system",
        export_string_translation=False,
    )

    _model_uniq = models.UniqueIndex(
        "(model_id)", "This record type is already in the list."
    )

    @api.depends("model_id")
    def _compute_display_name(self):
        for kind in self:
            # What a kind of records is called is no secret.
            kind.display_name = kind.sudo().model_id.name

    @api.constrains("model_id")
    def _check_model(self):
        for kind in self:
            # What a kind of records is called is no secret.
            named = kind.sudo().model_id
            model = self.env.get(named.model)
            is_stored = model is not None and not (model._abstract or model._transient)
            if not is_stored or named.model.startswith(REFUSED):
                raise ValidationError(
                    self.env._("Requests are not available for %s.", named.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        kinds = super().create(vals_list)
        kinds._bind_actions()
        return kinds

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() - {"action_ids"}:
            self._bind_actions()
        return result

    def unlink(self):
        # Menus of other models come and go with the type, whoever may edit menus.
        self.sudo().action_ids.unlink()
        return super().unlink()

    def _bind_actions(self):
        """Have the menus of these types offer what they should."""
        # Menus of other models follow the type, whoever may edit menus.
        for kind in self.sudo():
            kind.action_ids.unlink()
            if kind.active:
                kind.action_ids = kind.action_ids.create(kind._prepare_actions())
                kind.env["ir.model.data"].create(
                    [
                        {
                            "module": "kpi_workflow_tat",
                            "name": f"document_type_action_{action.id}",
                            "model": action._name,
                            "res_id": action.id,
                            "noupdate": True,
                        }
                        for action in kind.action_ids
                    ]
                )

    def _prepare_actions(self):
        ask = {"default_res_model": self.model_id.model}
        if self.template_id:
            ask["default_template_id"] = self.template_id.id
        about = (
            f"[('res_model', '=', {self.model_id.model!r}),"
            " ('res_id', 'in', active_ids)]"
        )
        common = {
            "res_model": REQUEST,
            "binding_model_id": self.model_id.id,
            "binding_view_types": "form",
            "group_ids": [Command.link(self.env.ref(USER).id)],
        }
        return [
            {
                **common,
                "name": self.env._("Request Approval"),
                "view_mode": "form",
                "context": "{" + repr(ask)[1:-1] + ", 'default_res_id': active_id}",
            },
            {
                **common,
                "name": self.env._("Related Requests"),
                "view_mode": "list,kanban,form",
                "domain": about,
                "context": "{}",
            },
        ]
