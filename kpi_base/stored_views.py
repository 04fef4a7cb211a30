"""Views as the database holds them between two versions of an addon."""


def remove_inheriting_views(cr, module, view):
    """Remove an addon's own changes to a view, which its update creates again.

    A view is checked as soon as its file is read, together with all that this addon
    has in the database for it: what those of the former version look for may be gone,
    and they are only written later. To be called by a ``pre`` script.

    :param module: name of the addon that is updated
    :param view: external id of the view that they change, such as
        ``kpi_tracking.kpi_report_view_form``
    """
    owner, name = view.split(".")
    cr.execute(
        """
        WITH outdated AS (
            DELETE FROM ir_model_data AS own
             USING ir_ui_view AS view, ir_model_data AS base
             WHERE own.model = 'ir.ui.view' AND own.module = %s AND own.res_id = view.id
               AND base.model = 'ir.ui.view' AND base.module = %s AND base.name = %s
               AND view.inherit_id = base.res_id
         RETURNING own.res_id
        )
        DELETE FROM ir_ui_view WHERE id IN (SELECT res_id FROM outdated)
        """,
        [module, owner, name],
    )
