"""Activities name records of ours to those who may read them only.

At the end of the update, when the models of all addons are known.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.kpi_base.models.record.record_names import OURS


def migrate(cr, version):
    activities = api.Environment(cr, SUPERUSER_ID, {})["mail.activity"]
    done_too = activities.with_context(active_test=False)
    ours = done_too.search([("res_model", "=like", f"{OURS}%")])
    ours.env.add_to_compute(ours._fields["res_name"], ours)
    ours.flush_recordset(["res_name"])
