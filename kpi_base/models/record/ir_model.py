"""What names records by their model as text goes with the model, and only with it."""

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.sql import table_exists

# In this order: whatever still points at what comes later goes first.
STEPS = """
    DELETE FROM kpi_approval_step
     WHERE res_model = ANY(%(names)s)
        OR res_model = 'kpi.approval.change'
       AND res_id IN (SELECT id FROM kpi_approval_change
                       WHERE res_model = ANY(%(names)s)
                          OR subject_model = ANY(%(names)s))
"""
CHANGES = """
    DELETE FROM kpi_approval_change
     WHERE res_model = ANY(%(names)s) OR subject_model = ANY(%(names)s)
"""
WORKFLOWS = "DELETE FROM kpi_approval_workflow WHERE model = ANY(%(names)s)"
SECRETS = "DELETE FROM kpi_secret WHERE model = ANY(%(names)s)"
# Odoo leaves the names of what fell with a model's table, where it was of other addons.
NAMES = """
    DELETE FROM ir_model_data
     USING unnest(%(names)s::varchar[]) AS gone
     WHERE model IN ('ir.model.fields.selection', 'ir.model.inherit')
       AND (starts_with(name, 'selection__' || replace(gone, '.', '_') || '__')
            OR starts_with(name, 'model_inherit__' || replace(gone, '.', '_') || '__'))
"""
APPROVERS = """
    DELETE FROM kpi_approval_approver
     WHERE group_id IN (SELECT res_id FROM ir_model_data
                         WHERE model = 'res.groups' AND module = ANY(%(modules)s))
"""
SECRETS_OF_FIELDS = """
    DELETE FROM kpi_secret AS secret
     USING unnest(%(models)s::varchar[], %(names)s::varchar[]) AS gone (model, name)
     WHERE secret.model = gone.model AND secret.name = gone.name
"""


class IrModel(models.Model):
    """Models that leave take along their approvals and secrets.

    Their own tables are gone by then, so that no record holds a workflow any more.
    """

    _inherit = "ir.model"

    def unlink(self):
        names = self.mapped("model")
        result = super().unlink()
        if table_exists(self.env.cr, "kpi_approval_change"):
            for statement in (STEPS, CHANGES, WORKFLOWS):
                self.env.cr.execute(SQL(statement, names=names))
        if table_exists(self.env.cr, "kpi_secret"):
            self.env.cr.execute(SQL(SECRETS, names=names))
        ours = [name for name in names if name.startswith("kpi.")]
        self.env.cr.execute(SQL(NAMES, names=ours))
        return result


class IrModelFields(models.Model):
    """Fields that leave take along the secrets of records that stay."""

    _inherit = "ir.model.fields"

    def unlink(self):
        names = {"models": self.mapped("model"), "names": self.mapped("name")}
        result = super().unlink()
        if table_exists(self.env.cr, "kpi_secret"):
            self.env.cr.execute(SQL(SECRETS_OF_FIELDS, **names))
        return result


class IrModelData(models.Model):
    """Groups that leave approve nothing any more; else they could not leave."""

    _inherit = "ir.model.data"

    @api.model
    def _module_data_uninstall(self, modules_to_remove):
        self.env.cr.execute(SQL(APPROVERS, modules=[*modules_to_remove]))
        return super()._module_data_uninstall(modules_to_remove)
