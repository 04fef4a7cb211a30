"""Names of our records in Odoo's own models, which read them as superuser."""

from odoo import api, models

OURS = "kpi."


def filter_unreadable(records, model_field, id_field):
    """Filter what names a record that the user may not read, or that is gone.

    :param model_field: name of the field with the name of a model
    :param id_field: name of the field with an id, stored or not
    """
    unreadable = records.browse()
    for model, same in records.filtered(model_field).grouped(model_field).items():
        readable = set()
        if model in records.env:
            # As the user, for whom Odoo computes it as superuser.
            found = records.env[model].sudo(False).browse(same.mapped(id_field))
            readable = set(found.exists()._filtered_access("read").ids)
        unreadable |= same.filtered(
            lambda each, readable=readable: each[id_field] not in readable
        )
    return unreadable


def filter_ours(records, model_field):
    """Filter what names a record of a model of ours.

    :param model_field: name of the field with the name of a model
    """
    return records.filtered(lambda each: (each[model_field] or "").startswith(OURS))


def filter_unnamed(records, model_field, id_field):
    """Filter what names a record of ours that the user may not read, or that is gone.

    :param model_field: name of the field with the name of a model
    :param id_field: name of the field with an id, stored or not
    """
    ours = filter_ours(records, model_field)
    return filter_unreadable(ours, model_field, id_field)


class MailActivity(models.Model):
    """Something to do about a record."""

    _inherit = "mail.activity"

    @api.depends("res_model", "res_id", "user_id")
    def _compute_res_name(self):
        """Name a record of ours where its author and its assignee may read it.

        The name is stored, and the assignee reads the activity also where the record
        is hidden from them.
        """
        ours = filter_ours(self, "res_model")
        unnamed = filter_unreadable(ours, "res_model", "res_id")
        for user, same in (ours - unnamed).grouped("user_id").items():
            if user:
                # As here: what an activity is about is read for the assignee.
                own = same.with_user(user).sudo()
                own = own.with_context(allowed_company_ids=user.company_ids.ids)
                hidden = filter_unreadable(own, "res_model", "res_id")
                unnamed |= hidden.with_env(self.env)
        unnamed.res_name = False
        return super(MailActivity, self - unnamed)._compute_res_name()


class MailMessage(models.Model):
    """Something said about a record."""

    _inherit = "mail.message"

    def _compute_record_name(self):
        """Name a record of ours to whoever may read it only."""
        unnamed = filter_unnamed(self, "model", "res_id")
        unnamed.record_name = False
        return super(MailMessage, self - unnamed)._compute_record_name()


class MailComposeMessage(models.TransientModel):
    """A message that somebody writes about records."""

    _inherit = "mail.compose.message"

    def _evaluate_res_ids(self):
        """Refuse records of ours that the user may not read.

        Odoo proposes subject and text as superuser: their names, and what a template
        says of them.
        """
        ids = super()._evaluate_res_ids()
        if ids and filter_ours(self, "model"):
            self.env[self.model].sudo(False).browse(ids).check_access("read")
        return ids


class IrRule(models.Model):
    """Refuses records by rules."""

    _inherit = "ir.rule"

    def _make_access_error(self, operation, records):
        """In debug mode Odoo lists what it refuses by names, read as superuser."""
        if records._name.startswith(OURS):
            # Rules are asked for as superuser; who was refused reads the names.
            listed = records[:6].with_user(self.env.user)
            unreadable = listed - listed._filtered_access("read")
            # Odoo names them as superuser, and forgets then what it has read of them.
            for record in unreadable.sudo():
                record._update_cache({"display_name": "…"}, validate=False)
        return super()._make_access_error(operation, records)
