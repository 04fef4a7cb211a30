import logging
import re
from datetime import UTC, datetime

from psycopg2.errors import QueryCanceled

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html_escape

from odoo.addons.kpi_base.engine.message import Line, Message, to_text
from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.roles import USER
from odoo.addons.kpi_tracking_alert.engine.payloads.slack import slack_payload
from odoo.addons.kpi_tracking_alert.engine.webhook_signature import SignatureError

from ..adapters import ADAPTERS, Slack
from ..engine.asked import (
    HELP,
    Asked,
    find_kpis,
    list_buttons,
    read_slack,
    read_teams,
)
from ..engine.caller import VendorFault
from ..engine.vendor_signature import check_slack, check_teams
from .kpi_chat_link import PATH

_logger = logging.getLogger(__name__)
SECONDS = 2.0  # of a call that the chat waits for
LONGEST = 2000  # milliseconds of a statement: after 3 seconds Slack waits no more
MOST_LINES = 20
CONNECT = re.compile(r"connect (\d{6})", re.IGNORECASE)
DISCONNECT = "disconnect"


class KpiIntegration(models.Model):
    """Questions that people ask in a chat, answered with what they may see."""

    _inherit = "kpi.integration"

    signing_secret = Secret(
        "signing_secret",
        "Signing Secret",
        help="Slack: under Basic Information. Teams: security token. Hidden after "
        "saving.",
    )
    chat_address = fields.Char(
        "Request URL", compute="_compute_chat_address", exportable=False
    )
    person_ids = fields.One2many(
        "kpi.chat.link", "integration_id", "People", readonly=True
    )

    @api.depends("integration_type")
    def _compute_chat_address(self):
        for each in self:
            has_one = each._origin.id and each.kind == "chat"
            address = f"{each.get_base_url()}{PATH}/{each._origin.id}"
            each.chat_address = has_one and address

    @api.model
    def _get_answered_domain(self):
        kinds = [key for key, adapter in ADAPTERS.items() if adapter.kind == "chat"]
        return [
            ("integration_type", "in", kinds),
            ("sync_status", "!=", "disabled"),
        ]

    @api.model
    def _open_chat(self, number):
        """The chat of an address, if it is answered."""
        return self.search([("id", "=", number), *self._get_answered_domain()])

    @api.model
    def _find_chats(self, company):
        """Find the chats of a company that people connect to themselves.

        Answers in Teams are seen by the entire channel: no person is connected there.
        """
        own = [("company_id", "=", company.id), ("integration_type", "=", "slack")]
        return self.search([*own, *self._get_answered_domain()])

    def _answer_chat(self, headers, body, now):
        """What a chat is answered, in its own form; None = nothing.

        :param headers: names in lower case
        :param now: seconds since 1970
        :raises SignatureError: the chat did not send it, or not now
        """
        kind, secret = self.integration_type, self._read_secret("signing_secret")
        try:
            asked = getattr(self, f"_read_{kind}")(secret, headers, body, now)
        except ValueError as error:
            raise SignatureError(str(error)) from error
        if not is_storable([asked.person, asked.name, asked.channel, *asked.links]):
            raise SignatureError("a name holds a character that no text can hold")
        if not (asked.text or asked.links):
            return {"challenge": asked.challenge} if asked.challenge else None
        reason = ""
        try:
            self._as_owner()._check_may_act()
        except UserError as error:
            reason = str(error)
        if reason != (self.last_error or ""):
            self._note(last_error=reason, sync_status="error" if reason else "active")
        if not is_storable(asked.text):
            reason = self.env._("Questions cannot contain NUL characters.")
        if reason:
            return getattr(self, f"_write_{kind}")(Message(reason))
        return getattr(self, f"_reply_{kind}")(asked)

    @api.model
    def _read_slack(self, secret, headers, body, now):
        check_slack(secret, headers, body, now)
        # It asks again where we were slow: it was heard already.
        is_heard = "x-slack-retry-num" in headers
        return Asked() if is_heard else read_slack(headers["content-type"], body)

    @api.model
    def _read_teams(self, secret, headers, body, now):
        check_teams(secret, headers, body)
        return read_teams(body, datetime.fromtimestamp(now, UTC))

    def _reply_slack(self, asked):
        people = self.env["kpi.chat.link"]
        known = people._find(self, asked.person)
        user = known.user_id.filtered("active")
        if asked.links:
            self._show_links(user, asked)
            return None
        typed = CONNECT.fullmatch(asked.text.strip())
        if not user and typed and known:
            text = self.env._("The code is wrong or expired. Request a new link.")
            if known._tie(typed[1]):
                text = self.env._("Connected. Try: /kpi win rate")
            message, questions = Message(text), {}
        elif not user:
            text = self.env._("Connect Slack to Odoo to see your KPIs.")
            url = people._invite(self, asked)
            is_help = asked.text.lower() in HELP
            lines = self._get_example_lines("") if is_help else []
            message, questions = Message(text, lines=lines, url=url), {}
        elif asked.text.lower() == DISCONNECT:
            known.unlink()
            message, questions = Message(self.env._("Disconnected.")), {}
        elif asked.text.lower() in HELP:
            message, questions = self._as_person(user)._get_help_message(), {}
        else:
            message, questions = self._as_person(user)._ask(asked.text)
        payload = self._write_slack(message, questions)
        if not asked.answer_to:
            return payload
        if asked.answer_to.startswith(f"{Slack.hooks}/"):
            self._call_later(lambda slack: slack.caller.tell(asked.answer_to, payload))
        return None

    def _reply_teams(self, asked):
        # The channel sees it: no more than who is responsible for that may.
        owned = self._as_owner()
        if asked.text.lower() in HELP:
            return self._write_teams(owned._get_help_message())
        return self._write_teams(*owned._ask(asked.text))

    def _get_help_message(self):
        """Three examples of questions, about a KPI that the user can see."""
        # Which company it is of is no secret to a user of its chat.
        own = Domain("company_id", "=", self.sudo().company_id.id)
        kpi = self.env["kpi.report"].search(
            own & Domain("current_period_start", "!=", False), order="id", limit=1
        )
        return Message(
            self.env._("Ask about your KPIs, for example:"),
            lines=self._get_example_lines(kpi.definition_id.name),
        )

    def _get_example_lines(self, name):
        """:param name: of a KPI; empty if none can be shown"""
        name = name or self.env._("win rate")
        # As people type them in the chat.
        start = "/kpi" if self.integration_type == "slack" else "@KPI"
        examples = (
            self.env._("%s this month", name),
            self.env._("%s last 6 months", name),
            self.env._("which KPIs are at risk?"),
        )
        return [Line(f"{start} {example}") for example in examples]

    def _write_slack(self, message, questions=()):
        payload = slack_payload(message, self.env["kpi.alert.channel"]._words())
        blocks = [*payload["blocks"], *list_buttons(dict(questions))]
        return {**payload, "response_type": "ephemeral", "blocks": blocks}

    def _write_teams(self, message, questions=()):
        said = "\n\n".join([to_text(message), *dict(questions).values()])
        return {"type": "message", "text": str(html_escape(said))}

    def _show_links(self, user, asked):
        """Show whoever posts a link to a KPI what it is at; others see a bare link."""
        ids = find_kpis(asked.links, self.get_base_url())
        own = self._as_person(user)
        reports = user and own.env["kpi.report"].search([("id", "in", ids)])
        if not reports:
            return
        lines = [
            Line(
                report.name,
                report.definition_id._format_value(report.current_value),
                url=f"{self.get_base_url()}/odoo/kpis/{report.id}",
            )
            for report in reports.filtered("current_period_start")
        ]
        payload = {
            **self._write_slack(Message(own.env._("Only you see this"), lines=lines)),
            "channel": asked.channel,
            "user": asked.person.partition("/")[2],
        }
        self._call_later(lambda slack: slack.call("chat.postEphemeral", payload))

    def _call_later(self, act):
        """Call Slack once all this is stored; it need not answer."""
        slack = self._make_adapter(self._read_secret("api_credentials"))
        slack.caller.seconds = SECONDS
        slack.sign_in()

        def call():
            try:
                act(slack)
            except VendorFault as fault:
                _logger.warning("Integration %s: %s", self.id, fault)

        self.env.cr.postcommit.add(call)

    def _ask(self, text):
        """``Message`` that answers a question, and label → question to go on with."""
        # Its name is no secret to whoever is in its chat.
        company, user = self.sudo().company_id, self.env.user
        if company not in user.company_ids or not user.has_group(USER):
            why = self.env._("You cannot access KPIs of %s.", company.display_name)
            return Message(why), {}
        if "kpi.nlp.processor" not in self.env:
            return Message(self.env._("Install KPI Questions first.")), {}
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute("SET LOCAL statement_timeout = %s", (LONGEST,))
                found = self.env["kpi.nlp.processor"]._answer_question(text)
        except QueryCanceled:
            late = self.env._("This question takes too long. Ask it in Odoo.")
            return Message(late), {}
        first, *others = found["sentences"] or [found["reading"]]
        kpis = list(dict.fromkeys(row["report"] for row in found["rows"]))
        lines = [Line(sentence) for sentence in others]
        if not (found["intent"]["metrics"] or found["ranking"]):
            # The sentences only count them.
            lines += [
                Line(
                    f"{row['report'].name} · {row['report']._write_value(row['value'])}"
                )
                for row in found["rows"][:MOST_LINES]
                if row["value"] is not None
            ]
        base = f"{self.get_base_url()}/odoo"
        url = f"{base}/kpis/{kpis[0].id}" if len(kpis) == 1 else ""
        if found["proposal"]:
            lines.append(Line(self.env._("Open Odoo to do this.")))
            url = f"{base}/kpi-home"
        message = Message(first, lines=lines, url=url)
        return message, {one["text"]: one["question"] for one in found["candidates"]}
