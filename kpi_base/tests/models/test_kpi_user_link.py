from odoo.tests import TransactionCase, new_test_user

from ...user_link import END, HAND_OVER, STAY
from ..user_links import UserLinksMixin


class TestUserLinks(UserLinksMixin, TransactionCase):
    addon = "kpi_base"


class TestKpiUserLink(TransactionCase):
    def test_what_hangs_on_somebody_is_found(self):
        """Archived records are found too; ended ones and those of others are not."""
        ann = new_test_user(self.env, "link_ann", "base.group_user")
        bo = new_test_user(self.env, "link_bo", "base.group_user")
        teams = self.env["kpi.team"].create(
            [
                {"name": "One", "leader_id": ann.id},
                {"name": "Two", "leader_id": bo.id},
                {"name": "Old", "leader_id": ann.id, "active": False},
            ]
        )
        members = self.env["kpi.team.member"].create(
            [
                {"team_id": teams[0].id, "user_id": ann.id, "date_from": "2025-01-01"},
                {
                    "team_id": teams[1].id,
                    "user_id": ann.id,
                    "date_from": "2025-01-01",
                    "date_to": "2025-02-01",
                },
            ]
        )
        links = self.env["kpi.user.link"]
        found = links._find_records(ann, HAND_OVER)
        self.assertEqual({link.model for link in found}, {"kpi.team"})
        self.assertEqual(set(*found.values()), {teams[0], teams[2]})
        ended = links._find_records(ann, END)
        self.assertEqual(list(ended.values()), [members[0]])
        self.assertNotIn(
            "kpi.team", {link.model for link in links._find_records(ann, STAY)}
        )
