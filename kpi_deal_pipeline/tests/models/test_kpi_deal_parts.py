from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.kpi_base.formatting import format_day

from ..deal_case import DealCase


@tagged("post_install", "-at_install")
class TestKpiDealParts(DealCase):
    """Shares and contacts of a deal: each change is in its audit log."""

    def _shared(self):
        """A deal of two agents, half each, opened by its agent."""
        deal = self._deal().with_user(self.agent)
        deal.split_ids = [
            Command.create({"agent_id": user.id, "share_percent": 50.0})
            for user in (self.agent, self.other)
        ]
        self.env.flush_all()
        return deal

    def _events(self, deal, kind):
        logs = self.env["kpi.audit.log"].search(
            [
                ("model", "=", "kpi.deal"),
                ("res_id", "=", deal.id),
                ("event_type", "=like", f"deal_{kind}_%"),
            ]
        )
        return logs.sorted("seq").mapped("event_type")

    def _told(self, deal, kind):
        """(title, lines) of the timeline, oldest first."""
        entries = [each for each in deal.get_timeline() if each["kind"] == kind]
        return [(each["title"], each["lines"]) for each in reversed(entries)]

    def test_agents_are_of_the_deals_company(self):
        deal = self._shared()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.other.copy({"login": "deal-stranger"})
        stranger.write(
            {"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id}
        )
        overlay = {
            "deal_id": deal.id,
            "agent_id": stranger.id,
            "split_type": "overlay",
            "share_percent": 10.0,
        }
        for change in (
            lambda: deal.write({"agent_id": stranger.id}),
            lambda: deal.split_ids[0].write({"agent_id": stranger.id}),
            lambda: self.env["kpi.deal.split"].create(overlay),
        ):
            with (
                self.assertRaisesRegex(
                    UserError, "no access to Harbour|not allowed to access"
                ),
                self.cr.savepoint(),
            ):
                change()
        with self.assertRaises(UserError), self.cr.savepoint():
            deal.agent_id = self.env.ref("base.public_user")

    def test_the_first_share_of_another_agent_leaves_the_rest(self):
        form = Form(self._deal().with_user(self.agent))
        with form.split_ids.new() as share:
            share.agent_id = self.other
            share.share_percent = 40.0
            share.date_from = "2026-02-01"
        deal = form.save()
        self.env.flush_all()
        self.assertEqual(
            [(share.agent_id, share.share_percent) for share in deal.split_ids],
            [(self.other, 40.0), (self.agent, 60.0)],
        )
        self.assertEqual(len(set(deal.split_ids.mapped("date_from"))), 1)

    def _form_with_rest(self):
        """The form of a deal with a share of another agent and the proposed rest."""
        form = Form(self._deal().with_user(self.agent))
        with form.split_ids.new() as share:
            share.agent_id = self.other
            share.share_percent = 40.0
        return form

    def test_a_deleted_rest_stays_deleted(self):
        form = self._form_with_rest()
        form.split_ids.remove(1)
        self.assertEqual(len(form.split_ids), 1)
        with form.split_ids.edit(0) as share:
            share.share_percent = 100.0
        self.assertEqual(form.save().split_ids.agent_id, self.other)

    def test_a_stored_rest_that_is_deleted_stays_deleted(self):
        form = Form(self._form_with_rest().save().with_user(self.agent))
        form.split_ids.remove(1)
        self.assertEqual(len(form.split_ids), 1)

    def test_the_rest_follows_the_share_until_it_is_edited(self):
        form = self._form_with_rest()
        with form.split_ids.edit(0) as share:
            share.share_percent = 30.0
            share.date_from = "2026-02-01"
        with form.split_ids.edit(0) as share:
            share.last_day = "2026-02-28"
        with form.split_ids.edit(1) as rest:
            self.assertEqual(rest.share_percent, 70.0)
            self.assertEqual(rest.date_from, date(2026, 2, 1))
            self.assertEqual(rest.last_day, date(2026, 2, 28))
            rest.last_day = False
        with form.split_ids.edit(0) as share:
            share.last_day = False
            share.date_from = False
        with form.split_ids.edit(1) as rest:
            self.assertEqual(rest.date_from, date(2026, 2, 1))

    def test_an_overlay_leaves_no_rest(self):
        form = Form(self._deal().with_user(self.agent))
        with form.split_ids.new() as share:
            share.agent_id = self.other
            share.split_type = "overlay"
            share.share_percent = 40.0
        self.assertEqual(form.save().split_ids.agent_id, self.other)

    def test_each_change_of_a_share_is_logged_and_told(self):
        deal = self._shared()
        own, other = deal.split_ids
        own.share_percent, other.share_percent = 62.5, 37.5
        own.share_percent = 62.5  # no change
        (own | other).write({"date_from": "2026-02-01", "last_day": "2026-03-31"})
        self.assertEqual(
            self._events(deal, "share"),
            ["deal_share_added"] * 2 + ["deal_share_changed"] * 4,
        )
        told = self._told(deal, "share")
        self.assertEqual(told[0], ("Share added", [self.agent.name, "50%"]))
        self.assertEqual(told[2], ("Share changed", [self.agent.name, "62.5%"]))
        self.env["res.lang"]._activate_lang("de_DE")
        german = self._told(deal.with_context(lang="de_DE"), "share")
        self.assertEqual(german[2][1][1], "62,5\u00a0%")
        first, last = (
            format_day(self.env, f"2026-{day}") for day in ("02-01", "03-31")
        )
        self.assertEqual(told[5][1][2:], [f"From {first}", f"Until {last}"])
        deal.split_ids.unlink()
        self.assertEqual(self._events(deal, "share")[-1], "deal_share_removed")
        self.assertEqual(self._faults(deal), [])
        by = {each["by"] for each in deal.get_timeline() if each["kind"] == "share"}
        self.assertEqual(by, {self.agent.name})

    def test_a_share_that_was_changed_beside_the_log_is_found(self):
        for statement in (
            "UPDATE kpi_deal_split SET share_percent = 90 WHERE id = %s",
            "UPDATE kpi_deal_split SET agent_id = 1 WHERE id = %s",
            "UPDATE kpi_deal_split SET date_to = '2030-01-01' WHERE id = %s",
            "DELETE FROM kpi_deal_split WHERE id = %s",
        ):
            with self.subTest(statement), self.cr.savepoint() as savepoint:
                deal = self._shared()
                self.assertTrue(deal.verify_history()["is_whole"])
                share = deal.split_ids[:1]
                seq = share.sudo().audit_log_id.seq
                self.cr.execute(statement, (share.id,))
                self.env.invalidate_all()
                self.assertEqual(self._faults(deal), [("row", seq)])
                savepoint.rollback()

    def test_shares_that_are_too_many_are_summed_in_ordinary_figures(self):
        deal = self._deal().with_user(self.agent)
        shares = [
            Command.create({"agent_id": user.id, "share_percent": 100.0})
            for user in (self.agent, self.other)
        ]
        with self.assertRaisesRegex(ValidationError, "add up to 200%"):
            deal.split_ids = shares
            self.env.cr.precommit.run()

    def test_which_entry_a_share_has_is_not_for_people_to_say(self):
        share = self._shared().split_ids[:1]
        with self.assertRaises(AccessError):
            share.audit_log_id = share.sudo().audit_log_id.id

    def test_contacts_are_logged_and_what_is_personal_apart(self):
        deal = self._deal().with_user(self.agent)
        deal.contact_ids = [Command.create({"name": "Ms Roy", "phone": "123"})]
        contact = deal.contact_ids
        contact.email = "roy@example.com"
        contact.contact_type = "principal"  # as it was
        contact.unlink()
        self.assertEqual(
            self._events(deal, "contact"),
            ["deal_contact_added", "deal_contact_changed", "deal_contact_removed"],
        )
        logs = self.env["kpi.audit.log"].search([("res_id", "=", deal.id)])
        self.assertFalse([log.text for log in logs if "Roy" in log.text])
        entries = [each for each in deal.get_timeline() if each["kind"] == "contact"]
        self.assertIn("Ms Roy", entries[-1]["note"])
        self.assertEqual(entries[-1]["title"], "Contact added")
        self.assertEqual(entries[-1]["lines"], ["Principal"])
        self.assertTrue(deal.verify_history()["is_whole"])

    def test_a_contact_that_was_changed_beside_the_log_is_found(self):
        added = (
            "INSERT INTO agent_deal_contacts (deal_id, contact_type, name)"
            " SELECT deal_id, contact_type, name FROM agent_deal_contacts"
            " WHERE id = %s"
        )
        where = "WHERE id = %s"
        cases = {
            f"UPDATE agent_deal_contacts SET contact_type = 'legal' {where}": True,
            f"UPDATE agent_deal_contacts SET name = 'Ms Smith' {where}": True,
            f"UPDATE agent_deal_contacts SET phone = NULL {where}": True,
            f"UPDATE agent_deal_contacts SET email = 'x@example.com' {where}": True,
            f"DELETE FROM agent_deal_contacts {where}": True,
            added: False,
        }
        for statement, has_entry in cases.items():
            with self.subTest(statement), self.cr.savepoint() as savepoint:
                deal = self._deal()
                deal.contact_ids = [Command.create({"name": "Ms Roy", "phone": "123"})]
                self.assertEqual(self._faults(deal), [])
                contact = deal.contact_ids
                seq = contact.sudo().audit_log_id.seq
                self.env.flush_all()
                self.cr.execute(statement, (contact.id,))
                self.env.invalidate_all()
                self.assertEqual(self._faults(deal), [("row", seq * has_entry)])
                savepoint.rollback()

    def test_contacts_are_whole_when_texts_are_erased_or_partners_merged(self):
        deal = self._deal()
        one, two = self.env["res.partner"].create(
            [{"name": "Ms Roy"}, {"name": "Ms Roy"}]
        )
        deal.contact_ids = [Command.create({"partner_id": one.id})]
        self.assertTrue(deal.contact_ids.sudo().audit_log_id)
        self.env["base.partner.merge.automatic.wizard"]._merge((one | two).ids, two)
        self.assertEqual(deal.contact_ids.partner_id, two)
        self.assertEqual(self._faults(deal), [])
        self.env["kpi.audit.personal"].search([])._erase("request 7")
        deal.contact_ids.invalidate_recordset()
        self.assertEqual(self._faults(deal), [])

    def test_a_part_stays_with_its_deal(self):
        share, deal = self._shared().split_ids[:1], self._deal("Mill")
        with self.assertRaises(UserError):
            share.deal_id = deal

    def test_only_agents_are_offered(self):
        employee = new_test_user(self.env, "deal-nobody", "base.group_user")
        customer = new_test_user(self.env, "deal-customer", "base.group_portal")
        self.customer.action_make_deal_agent()
        outside = self.customer.user_ids
        for model in ("kpi.deal", "kpi.deal.split", "kpi.commission"):
            records = self.env[model].with_user(self.agent)
            domain = records.fields_get(["agent_id"])["agent_id"]["domain"]
            offered = self.env["res.users"].with_user(self.agent).search(domain)
            self.assertIn(self.agent, offered, model)
            self.assertIn(self.manager, offered, model)
            self.assertIn(outside, offered, model)
            others = employee | customer | self.viewer
            self.assertFalse(others & offered, model)
