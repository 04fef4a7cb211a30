from odoo import api, fields, models
from odoo.fields import Domain

from ...outbox import DeliverySkipped


class KpiDelivery(models.Model):
    """Receivers of a message: a person, an address, or a record such as a channel."""

    _inherit = "kpi.delivery"

    recipient = fields.Char(
        "To",
        compute="_compute_recipient",
        search="_search_recipient",
        compute_sudo=True,
        exportable=False,
    )

    @api.depends("user_id", "address", "target_model", "target_id")
    def _compute_recipient(self):
        for delivery in self:
            names = delivery.user_id.name, delivery.address, delivery._get_target_name()
            delivery.recipient = ", ".join(filter(None, names))

    def _search_recipient(self, operator, value):
        if operator != "ilike":
            return NotImplemented
        return Domain.OR(
            [
                Domain("user_id", "ilike", value),
                Domain("address", "ilike", value),
                *self._find_targets(value),
            ]
        )

    @api.model
    def _find_targets(self, name):
        """Conditions on the targets whose names fit, a model each."""
        # Administrators see where messages go, whoever may read the channels.
        rows = self.sudo()._read_group([("target_id", "!=", False)], ["target_model"])
        for (model,) in rows:
            if model in self.env:
                # As above.
                named = self.env[model].sudo().with_context(active_test=False)
                found = named._search([("display_name", "ilike", name)])
                yield Domain("target_model", "=", model) & Domain(
                    "target_id", "in", found
                )

    def _get_target(self):
        """The record that the message goes to; None = a person or an address only."""
        if not self.target_id or self.target_model not in self.env:
            return None
        return self.env[self.target_model].browse(self.target_id).exists() or None

    def _get_target_name(self):
        target = self._get_target()
        return target.display_name if target is not None else ""

    def _as_reader(self, record):
        """``record`` as its reader sees it, in all their companies."""
        reader = self._get_reader()
        # Less, not more: what the engine may see, its reader often may not.
        return record.with_user(reader).with_context(
            allowed_company_ids=None, lang=reader.lang, tz=reader.tz
        )

    def _get_reader(self):
        """The person whose rights decide what the message may say."""
        return self.reader_id or self.user_id

    def _check_receiver(self):
        """Ask, when it is sent, whether its receiver may know what it says.

        A model of targets may have a method ``_check_delivery_target``, which raises
        ``DeliverySkipped`` where nothing is to go to one of its records any more.

        :raises DeliverySkipped: archived users, lost rights, records that are gone
        """
        for user in self.user_id | self._get_reader():
            if not user.active:
                raise DeliverySkipped(self.env._("%s is archived.", user.name))
        self._check_target()
        # Of no record everybody may hear, also who has no access to any.
        for record in filter(None, self._subjects()):
            own = self._as_reader(record)
            if len(own.exists()) < len(own):
                raise DeliverySkipped(self.env._("The record was deleted."))
            if not own.has_access("read"):
                raise DeliverySkipped(
                    self.env._(
                        "%s does not have access to the record.",
                        self._get_reader().name,
                    )
                )

    def _check_target(self):
        if not self.target_id:
            return
        target = self._get_target()
        if target is None:
            raise DeliverySkipped(self.env._("The channel was deleted."))
        if hasattr(target, "_check_delivery_target"):
            target._check_delivery_target()

    def _subjects(self):
        """Return the recordsets that the reader must be allowed to read."""
        if self.res_id:
            if self.res_model not in self.env:
                raise DeliverySkipped(self.env._("The record was deleted."))
            yield self.env[self.res_model].browse(self.res_id)
