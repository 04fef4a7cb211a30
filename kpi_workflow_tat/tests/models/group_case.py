"""Requests that a group decides on."""

from odoo import Command

from .tat_case import TatCase, utc


class GroupCase(TatCase):
    """Ann and Bo are the buyers, of whom one decides; then Cy does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyers = cls.env["res.groups"].create(
            {"name": "Buyers", "user_ids": [Command.set((cls.ann + cls.bo).ids)]}
        )
        cls.group_template = cls._make_template([(cls.ann,), (cls.cy,)])
        cls.group_template.level_ids[0].approver_ids.write(
            {"whom": "group", "group_id": cls.buyers.id, "user_id": False}
        )

    def _ask_group(self):
        return self._submit(template_id=self.group_template.id)

    def _get_rows(self, request):
        return self._get_row(request, self.ann), self._get_row(request, self.bo)

    def _claim(self, request, user, moment):
        with self._at(moment):
            request.with_user(user).action_claim()

    def _hand_back(self, request, user, moment):
        with self._at(moment):
            request.with_user(user).action_hand_back()

    def _hold_later(self, request, start, stop, user=None):
        request.with_user(user or self.ann).action_add_past_hold(
            "The supplier was closed", utc(start), utc(stop)
        )
