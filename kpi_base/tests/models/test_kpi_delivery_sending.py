import smtplib
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock, patch

from odoo import fields
from odoo.tests import new_test_user, tagged

from ...engine.delivery import ATTEMPTS
from ...models.outbox import kpi_delivery_email, kpi_delivery_sending
from ...models.outbox.kpi_delivery_sending import (
    BATCH,
    CLAIM_SECONDS,
    claiming_run,
)
from ...roles import OFFICER
from ..common import run_cron
from ..outbox_case import USER, OutboxCase


@tagged("post_install", "-at_install")
class TestKpiDeliverySending(OutboxCase):
    """Emptying the outbox: messages are claimed, sent, marked, tried again."""

    def test_what_is_due_is_sent_once(self):
        first, second = self._queue("a", "b")
        later = self._queue("c", scheduled_at=fields.Datetime.now() + timedelta(1))
        bulk = self._queue("d", lane="bulk")
        self.assertEqual(self._send_due(), 2)
        self.assertEqual((first | second).mapped("state"), ["sent"] * 2)
        self.assertTrue(first.sent_at)
        self.assertFalse(first.claimed_until)
        self.assertEqual((later | bulk).mapped("state"), ["waiting"] * 2)
        self.assertEqual(self._send_due(), 0)
        self.assertEqual(len(self.server.messages), 2)
        message = self.server.messages[0]
        self.assertEqual(message["To"], '"Ann" <ann@example.com>')
        self.assertEqual(message["Message-Id"], first.message_id)
        self.assertEqual(message["Auto-Submitted"], "auto-generated")
        self.assertIn("<p>Good</p>", message.get_body(("html",)).get_content())

    def test_the_plain_text_has_no_signs_of_markup(self):
        body = (
            '<h1 style="margin: 0">Sales</h1><h2>May</h2><h3>Won</h3><p>It is'
            " <b>12%</b> <strong>better</strong>,<br/><em>so far</em></p>"
        )
        self._queue("a", body=body)
        self._send_due()
        (message,) = self.server.messages
        text = message.get_body(("plain",)).get_content()
        self.assertEqual(
            text.split("\n"),
            ["Sales", "May", "Won", "It is 12% better,", "so far", ""],
        )
        self.assertIn("<b>12%</b>", message.get_body(("html",)).get_content())

    def test_more_than_a_batch_is_sent_in_a_run(self):
        self._queue(*map(str, range(BATCH + 1)))
        self.assertEqual(self._send_due(), BATCH + 1)

    def test_a_run_looks_a_mail_server_up_once_for_each_sender(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._queue("a", "b", "c")
        self._queue("d", "e", company_id=other.id)
        looked_up = []
        find = type(self.outbox)._look_up_mail_server

        def look_up(delivery):
            looked_up.append(delivery.company_id)
            return find(delivery)

        with patch.object(type(self.outbox), "_look_up_mail_server", look_up):
            self.assertEqual(self._send_due(), 5)
            self.assertEqual(looked_up, [self.env.company, other])
            self._queue("f")
            self._send_due()
        self.assertEqual(looked_up[2:], [self.env.company], "settings may change")

    def test_what_goes_wrong_is_tried_again_later(self):
        before = fields.Datetime.now()
        message = self._fail(smtplib.SMTPServerDisconnected("line is dead"))
        self.assertEqual((message.state, message.attempt_count), ("waiting", 1))
        self.assertIn("line is dead", message.last_error)
        self.assertGreater(message.due_at, before)
        self.assertFalse(message.claimed_until)

    def test_it_is_given_up_after_the_last_attempt(self):
        message = self._queue("a")
        message.attempt_count = ATTEMPTS - 1
        self.env.flush_all()
        self._fail(OSError("no route"), message)
        self.assertEqual((message.state, message.last_error), ("failed", "no route"))

    def test_who_set_it_up_is_told_once_that_it_was_given_up(self):
        for key in ("a", "b"):
            message = self._queue(key)
            message.attempt_count = ATTEMPTS - 1
            self.env.flush_all()
            self._fail(OSError("no route"), message)
            self.assertEqual(message.state, "failed")
        found = self.outbox.search([("subject", "=like", "Not delivered:%")])
        self.assertIn("no route", found[0].body)
        officers = self.env.ref(OFFICER).all_user_ids
        self.assertLessEqual(found.user_id, officers)
        self.assertEqual(len(found), len(found.user_id), "once each")

    def test_nobody_is_told_that_they_could_not_be_told(self):
        self.env.ref(OFFICER).all_user_ids.email = "ann@example.com"
        message = self._queue("a")
        message.attempt_count = ATTEMPTS - 1
        self.env.flush_all()
        self._fail(OSError("no route"), message)
        told = self.outbox.search([("subject", "=like", "Not delivered:%")])
        told.attempt_count = ATTEMPTS - 1
        told.due_at = False
        self.env.flush_all()
        self._send_due()
        self.assertEqual(set(told.mapped("state")), {"failed"})
        self.assertEqual(self.outbox.search([]), message | told)

    def test_an_error_without_words_is_named_by_its_kind(self):
        self.assertEqual(self._fail(ValueError()).last_error, "ValueError")

    def test_what_the_server_refuses_for_good_is_not_tried_again(self):
        refused = {"ann@example.com": (550, b"No such mailbox")}
        message = self._fail(smtplib.SMTPRecipientsRefused(refused))
        self.assertEqual((message.state, message.attempt_count), ("failed", 1))
        self.assertIn("No such mailbox", message.last_error)

    def test_a_server_that_does_not_answer_is_given_up(self):
        message = self._queue("a")
        self.server.is_silent.set()
        with patch.object(kpi_delivery_email, "SEND_SECONDS", 0.05):
            self._send_due()
        self.assertEqual(message.state, "waiting")
        self.assertIn("No answer within", message.last_error)
        self.assertFalse(self.server.is_silent.is_set(), "still connected")

    def test_receivers_are_looked_at_again_when_it_is_sent(self):
        team = self.env["kpi.team"].create({"name": "Red"})
        gone = self.env["kpi.team"].create({"name": "Blue"})
        company = self.env["res.company"].create({"name": "South"})
        bob, eve = (
            new_test_user(self.env, f"{name}_sent", USER, name=name, email=email)
            for name, email in (("Bob", "bob@example.com"), ("Eve", False))
        )
        about = {"res_model": team._name, "res_id": team.id}
        messages = self.outbox.union(
            self._queue("archived", user_id=bob.id),
            self._queue("no address", user_id=eve.id),
            self._queue("deleted", res_model=team._name, res_id=gone.id),
            self._queue("hidden", **about),
        )
        uninstalled = self._queue("uninstalled", **about)
        uninstalled.res_model = "x.gone"
        bob.active = False
        eve.partner_id.email = False
        gone.unlink()
        team.company_id = company
        self.env.flush_all()
        self._send_due()
        self.assertEqual(
            {each.key: each.last_error for each in messages | uninstalled},
            {
                "archived": "Bob is archived.",
                "no address": "Eve has no valid email address.",
                "deleted": "The record was deleted.",
                "hidden": "Ann cannot access the record.",
                "uninstalled": "The record was deleted.",
            },
        )
        self.assertEqual(set((messages | uninstalled).mapped("state")), {"skipped"})
        self.assertFalse(self.server.messages)

    def test_a_receiver_may_see_it_in_any_of_their_companies(self):
        company = self.env["res.company"].create({"name": "South"})
        self.ann.company_ids |= company
        team = self.env["kpi.team"].create({"name": "Red", "company_id": company.id})
        message = self._queue("a", res_model=team._name, res_id=team.id)
        self._send_due()
        self.assertEqual(message.state, "sent")

    def test_a_message_that_another_run_has_is_left_alone(self):
        message = self._queue("a")
        with claiming_run(self.cr) as run:
            self.assertEqual(self.outbox._claim("urgent", run), message)
            self.assertEqual(self._send_due(), 0)
            message.claimed_until = fields.Datetime.now() - timedelta(seconds=1)
            self.env.flush_all()
            self.assertEqual(self._send_due(), 1, "a run that hangs has lost it")

    def test_what_a_run_had_that_is_gone_is_sent_at_once(self):
        message = self._queue("a")
        with claiming_run(self.cr) as run:
            self.outbox._claim("urgent", run)
        self.assertGreater(message.claimed_until, fields.Datetime.now())
        self.assertEqual(self._send_due(), 1)

    def test_a_clock_that_went_wrong_holds_nothing_up(self):
        """Three days ahead for a while, or an hour back."""
        at_once, tried, claimed, scheduled = self._queue("a", "b", "c", "d")
        now = fields.Datetime.now()
        tried.write({"attempt_count": 3, "due_at": now + timedelta(minutes=5)})
        claimed.write({"claimed_by": 7, "claimed_until": now + timedelta(days=3)})
        later = now + timedelta(days=3)
        scheduled.write({"due_at": later, "scheduled_at": later})
        self.env.flush_all()
        self.assertEqual(self.outbox._due_count("urgent"), 3)
        self._send_due()
        self.assertEqual(
            (at_once | tried | claimed | scheduled).mapped("state"),
            ["sent", "sent", "sent", "waiting"],
        )

    def test_a_message_that_ends_its_process_is_given_up(self):
        """Each attempt counts when it begins; the others of its batch are none."""
        message, other = self._queue("a", "b")

        class ProcessEnds(BaseException):
            pass

        def end(*_arguments, **_options):
            raise ProcessEnds

        for number in range(1, ATTEMPTS + 1):
            # not assertRaises, which rolls back what a dead process has committed
            with (
                patch.object(type(self.outbox), "_check_receiver", end),
                suppress(ProcessEnds),
            ):
                self._send_due()
            self.env.invalidate_all()
            self.assertEqual(message.attempt_count, number)
        self.assertEqual(other.attempt_count, 0)
        self._send_due()
        self.assertEqual((message.state, other.state), ("failed", "sent"))
        self.assertIn(f"the server stopped {ATTEMPTS} times", message.last_error)
        outcomes = ["failed", *[False] * (ATTEMPTS - 1)]
        self.assertEqual(message.attempt_ids.mapped("outcome"), outcomes)

    def test_every_attempt_is_kept_with_its_answer(self):
        message = self._fail(OSError("no route"))
        message.due_at = False
        self.server.error = None
        self.env.flush_all()
        self._send_due()
        last, first = message.attempt_ids
        self.assertEqual((first.number, last.number), (1, 2))
        self.assertEqual((first.outcome, last.outcome), ("waiting", "sent"))
        self.assertIn("no route", first.answer)
        self.assertFalse(last.answer)
        self.assertLess(first.milliseconds, 10_000)
        self.assertGreaterEqual(first.milliseconds, 0)

    def test_a_long_answer_is_cut(self):
        message = self._fail(OSError("x" * 5000))
        self.assertEqual(len(message.attempt_ids.answer), 1024)

    def test_a_late_failure_does_not_undo_what_another_run_has_sent(self):
        message = self._queue("a")
        late = self._claim_one()
        claim = late.claimed_until
        self.assertLess(
            claim - fields.Datetime.now(), timedelta(seconds=CLAIM_SECONDS + 1)
        )
        self.cr.execute(
            "UPDATE kpi_delivery SET claimed_until = %s", [claim + timedelta(seconds=9)]
        )
        late._mark("failed", "too late")
        self.env.invalidate_all()
        self.assertEqual(message.state, "waiting")
        message._mark("sent")
        self.env.invalidate_all()
        message._mark("failed", "too late")
        self.env.invalidate_all()
        self.assertEqual((message.state, message.last_error), ("sent", False))

    def test_a_run_whose_message_another_one_took_sends_nothing(self):
        (message,) = self._queue("a")
        with claiming_run(self.cr) as run, claiming_run(self.cr) as other:
            self.assertEqual(self.outbox._claim("urgent", run), message)
            message.claimed_by = other
            self.env.flush_all()
            message._send_and_mark(run)
        self.assertFalse(self.server.messages)
        self.assertEqual((message.state, message.attempt_count), ("waiting", 0))

    def test_a_run_that_has_lost_its_claim_leaves_the_message_to_the_other(self):
        """Whatever comes of the first one's attempt: the other is sending it."""
        for error in (OSError("late"), smtplib.SMTPDataError(554, b"late")):
            with self.subTest(error):
                message = self._queue(str(error))
                until = fields.Datetime.now() + timedelta(minutes=10)

                def take_over(*_message, until=until, error=error, **_options):
                    self.cr.execute(
                        "UPDATE kpi_delivery SET claimed_until = %s", [until]
                    )
                    raise error

                with patch.object(self.server, "take", take_over):
                    self._send_due()
                self.assertEqual(message.state, "waiting")
                self.assertFalse(message.last_error)
                self.assertEqual(message.claimed_until, until.replace(microsecond=0))

    def test_what_was_given_up_meanwhile_is_not_marked_again(self):
        message = self._queue("a")
        late = self._claim_one()
        self.assertTrue(late.claimed_until)
        self.cr.execute("UPDATE kpi_delivery SET state = 'skipped'")
        late._mark("failed", "too late")
        self.env.invalidate_all()
        self.assertEqual((message.state, message.last_error), ("skipped", False))

    def test_what_time_did_not_suffice_for_was_no_attempt(self):
        messages = self._queue("a", "b", "c")
        clock = SimpleNamespace(monotonic=Mock(side_effect=[0, 0, 0, 9, 9]))
        with patch.object(kpi_delivery_sending, "time", clock):
            self.assertEqual(self.outbox._send_due("urgent", 5), 1)
        self.env.invalidate_all()
        self.assertEqual(messages.mapped("state"), ["sent", "waiting", "waiting"])
        self.assertEqual(messages.mapped("attempt_count"), [1, 0, 0])
        self.assertFalse(messages[1].claimed_until)

    def test_the_cron_sends_and_comes_back_for_the_next(self):
        sent = self._queue("a")
        at = fields.Datetime.now() + timedelta(hours=3)
        self._queue("b", scheduled_at=at)
        cron = self.env.ref("kpi_base.kpi_delivery_cron_urgent")
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self.assertEqual(self.outbox._due_count("urgent"), 1)
        run_cron(self, "kpi_base.kpi_delivery_cron_urgent")
        self.assertEqual(sent.state, "sent")
        woken = triggers.search([("cron_id", "=", cron.id)])
        self.assertEqual(woken.mapped("call_at"), [at])

    def test_a_run_that_a_trigger_began_asks_for_the_next(self):
        """Odoo drops the triggers of the past when the run ends, this one too."""
        cron = self.env.ref("kpi_base.kpi_delivery_cron_urgent")
        triggers = self.env["ir.cron.trigger"]
        for claimed_for, due_in in ((120, 0), (0, 40)):
            with self.subTest(claimed_for=claimed_for, due_in=due_in):
                triggers.search([("cron_id", "=", cron.id)]).unlink()
                now = fields.Datetime.now()
                message = self._queue(f"{claimed_for} {due_in}")
                message.due_at = now + timedelta(seconds=due_in)
                message.claimed_until = now + timedelta(seconds=claimed_for)
                with claiming_run(self.cr) as run:
                    message.claimed_by = run
                    message.attempt_count = 1
                    self.env.flush_all()
                    cron._trigger(now - timedelta(seconds=1))
                    self.outbox._wake_for_next("urgent")
                at = now + timedelta(seconds=max(claimed_for, due_in))
                woken = triggers.search([("cron_id", "=", cron.id)])
                self.assertIn(at, woken.mapped("call_at"))
                message.state = "sent"

    def test_pictures_and_files_travel_with_it(self):
        file = self.env["ir.attachment"].create({"name": "a.csv", "raw": b"a,b"})
        self._queue("a", attachment_ids=file.ids)
        self._send_due()
        (attached,) = self.server.messages[0].iter_attachments()
        self.assertEqual(attached.get_filename(), "a.csv")
