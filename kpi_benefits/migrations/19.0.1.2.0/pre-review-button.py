"""A button that another view of the addon stood behind has got another name.

The former text of that view would be looked for in the new form, and stop the update,
before its own turn comes. It is empty until then.
"""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_ui_view
           SET arch_db = jsonb_build_object('en_US', '<data/>')
          FROM ir_model_data AS stored
         WHERE stored.model = 'ir.ui.view'
           AND stored.module = 'kpi_benefits'
           AND stored.name = 'kpi_post_implementation_review_view_form_initiative'
           AND ir_ui_view.id = stored.res_id
        """
    )
