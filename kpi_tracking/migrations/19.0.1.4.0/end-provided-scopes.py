"""KPIs that another app provides leave the scopes for which it has no values.

At the end, as the apps that provide them are loaded by then.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    external = env["kpi.definition"].search([("computation", "=", "external")])
    provided = {kpi: list(kpi._get_measured_scope_types()) for kpi in external}
    rules = env["kpi.tracking.rule"].search([("definition_ids", "in", external.ids)])
    for rule in rules:
        kept = rule.definition_ids.filtered(
            lambda kpi, rule=rule: rule.scope_type in provided.get(kpi, rule.scope_type)
        )
        if not kept:
            rule.active = False  # there is nothing left to track
        elif kept != rule.definition_ids:
            _keep(rule, kept)

    reports = external.report_ids.filtered(
        lambda report: report.scope_type not in provided[report.definition_id]
    )
    used = _find_used(reports)
    used.active = False
    (reports - used).unlink()


def _keep(rule, definitions):
    """Take other KPIs out, past ``write``: the rule works with its author's rights."""
    field = rule._fields["definition_ids"]
    rule.env.cr.execute(
        SQL(
            "DELETE FROM %s WHERE %s = %s AND NOT %s = ANY(%s)",
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            rule.id,
            SQL.identifier(field.column2),
            definitions.ids,
        )
    )
    rule.invalidate_recordset(["definition_ids"])


def _find_used(reports):
    """KPIs that rows point at: with values, or a target, a note, a baseline."""
    env, used = reports.env, reports.browse()
    for name in env.registry:
        model = env[name]
        if model._abstract or model._transient or not model._auto:
            continue
        for field in model._fields.values():
            is_link = field.type == "many2one" and field.store
            if is_link and field.comodel_name == reports._name:
                groups = model._read_group(
                    [(field.name, "in", reports.ids)], [field.name]
                )
                used = used.union(*(report for (report,) in groups))
    return used
