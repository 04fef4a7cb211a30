import logging
import time
from dataclasses import asdict
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import config, plaintext2html

from odoo.addons.kpi_base.actions import (
    open_dialog,
    open_form,
    show_notification,
)
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.engine.tabular import (
    OptionError,
    check_options,
    read_options,
)
from odoo.addons.kpi_base.failure import known_reason
from odoo.addons.kpi_base.fields import HIDDEN, Secret
from odoo.addons.kpi_base.formatting import format_clock, format_day
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.tell import find_officers, tell

from ..adapters import ADAPTERS, Adapter
from ..engine.caller import Caller, VendorFault, _lt
from ..engine.oauth import Client

_logger = logging.getLogger(__name__)
LOCK_SPACE = 1_262_570_851  # of integrations; evaluations have the number before
MOST_PERIODS = 60
# how long after one run the next one is due
INTERVALS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
}
LATE_SYNCS = 3  # pauses after which an integration is stale
SENT_SECRETS = (
    *("api_credentials", "access_token", "refresh_token", "refresh_token_before"),
)
MAX_OFFICERS = 10  # notified instead of an owner
PULLED = [key for key, adapter in ADAPTERS.items() if adapter.kind == "pull"]
AFTER_ERROR = timedelta(hours=1)
MAX_RUN_SECONDS = 300.0  # in which another system has to answer in one run


class KpiIntegration(models.Model):
    """Another system whose values become those of a KPI, read again and again.

    Each run asks for the running period and some closed ones anew, and hands what came
    to an import of whoever is responsible: so what was deleted or dated anew there is
    found, and nothing depends on where an earlier run had come to.
    """

    _name = "kpi.integration"
    _description = "KPI Integration"
    _inherit = ["kpi.integration.mixin"]

    integration_type = fields.Selection(
        [(key, adapter.name) for key, adapter in ADAPTERS.items()],
        "System",
        required=True,
    )
    definition_id = fields.Many2one(
        "kpi.definition",
        "KPI",
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('computation', '=', 'manual')]",
    )
    other_definition_ids = fields.Many2many(
        "kpi.definition",
        "kpi_integration_other_definition_rel",
        string="Other KPIs",
        check_company=True,
        domain="[('computation', '=', 'manual')]",
        help="KPIs that rows can name in addition.",
    )
    allows_any_kpi = fields.Boolean(
        "Any KPI",
        help="Rows can name any KPI for which the owner can enter values. If disabled, "
        "rows that name other KPIs are refused.",
    )
    time_zone = fields.Selection(
        related="definition_id.calendar_id.tz",
        help="Close dates and other moments belong to days of this time zone, that of "
        "the KPI's calendar.",
        exportable=False,
    )
    kind = fields.Char(compute="_compute_asked_options", exportable=False)
    gallery = fields.Json(compute="_compute_gallery", exportable=False)
    gives = fields.Char(
        string="Provides", compute="_compute_asked_options", exportable=False
    )
    needs = fields.Char(
        string="Requires", compute="_compute_asked_options", exportable=False
    )
    api_credentials = Secret("api_credentials", "API Credentials")
    settings = fields.Json()
    # key of an option → pairs of value and label, as the other system lists them
    fetched_choices = fields.Json(readonly=True, copy=False, exportable=False)
    asked_options = fields.Json(
        string="Requested Options", compute="_compute_asked_options", exportable=False
    )
    sync_frequency = fields.Selection(
        [
            ("real_time", "Real-Time"),
            ("hourly", "Hourly"),
            ("daily", "Daily"),
            ("weekly", "Weekly"),
        ],
        "Frequency",
        required=True,
        default="daily",
    )
    closed_count = fields.Integer(
        "Closed Periods",
        default=2,
        required=True,
        help="Closed periods reread by each sync. Once a week, the last 13 months "
        "are reread.",
    )
    last_sync = fields.Datetime(readonly=True, copy=False)
    next_sync_at = fields.Datetime("Next Sync", readonly=True, copy=False, index=True)
    turned_on_at = fields.Datetime(readonly=True, copy=False, exportable=False)
    wide_sync_at = fields.Datetime(
        string="Last Full Sync",
        readonly=True,
        copy=False,
        help="Last sync of 13 months.",
    )
    sync_status = fields.Selection(
        [("disabled", "Disabled"), ("active", "Active"), ("error", "Failed")],
        "Status",
        required=True,
        readonly=True,
        default="disabled",
        copy=False,
    )
    last_error = fields.Char("Reason", readonly=True, copy=False)
    refused_count = fields.Integer("Rows Refused", readonly=True, copy=False)
    refused_reason = fields.Char("First Reason", readonly=True, copy=False)
    stale_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="Last successful sync, if more than two syncs are missing since then.",
    )
    notified_at = fields.Datetime(
        "Owner Notified",
        readonly=True,
        copy=False,
        exportable=False,
    )
    status_text = fields.Char(
        "Detailed Status", compute="_compute_status_text", exportable=False
    )
    mapping_id = fields.Many2one(
        "kpi.import.mapping", readonly=True, copy=False, ondelete="restrict"
    )
    replaced_texts = fields.Json(
        readonly=True,
        copy=False,
        exportable=False,
    )
    # of the last sync: dicts of the column, its label, the text, the number of rows
    unknown_names = fields.Json(readonly=True, copy=False, exportable=False)
    unknown_label = fields.Char(compute="_compute_labels", exportable=False)
    gone_ids = fields.Json(
        string="Removed at Source", readonly=True, copy=False, exportable=False
    )
    gone_label = fields.Char(
        string="Removed at Source Label", compute="_compute_labels", exportable=False
    )
    import_ids = fields.One2many("kpi.import", "integration_id", "Syncs", readonly=True)
    hook_ids = fields.One2many(
        "kpi.hook", "integration_id", "Inbound Hooks", readonly=True
    )

    _integration_type_choices = Choices("integration_type")
    _sync_frequency_choices = Choices("sync_frequency")
    _sync_status_choices = Choices("sync_status")
    _closed_count_range = models.Constraint(
        f"CHECK (closed_count BETWEEN 0 AND {MOST_PERIODS})",
        f"Choose 0 to {MOST_PERIODS} closed periods.",
    )

    @api.depends("integration_type", "fetched_choices")
    def _compute_asked_options(self):
        for each in self:
            fetched = each.fetched_choices or {}
            adapter = ADAPTERS.get(each.integration_type, Adapter)
            each.kind = adapter.kind
            each.gives = adapter.gives and each._translate(adapter.gives)
            each.needs = adapter.needs and each._translate(adapter.needs)
            each.asked_options = [
                asdict(option)
                | {
                    "label": each._translate(option.label),
                    "help": option.help and each._translate(option.help),
                    "suggestions": fetched.get(option.key, []),
                    "choices": [
                        (key, each._translate(label)) for key, label in option.choices
                    ],
                }
                for option in adapter.options
            ]

    @api.depends("integration_type")
    def _compute_gallery(self):
        scopes = self.env.ref("kpi_tracking_integration.kpi_api_scope_hooks")
        scopes |= self.env.ref("kpi_base.kpi_api_scope_write")
        self.gallery = [
            {
                "key": key,
                "name": adapter.name,
                "icon": adapter.icon,
                "gives": self._translate(adapter.gives),
                "needs": self._translate(adapter.needs),
            }
            for key, adapter in ADAPTERS.items()
        ] + [
            {
                "key": "hook",
                "name": self.env._("Inbound Hook"),
                "icon": "fa-sign-in",
                "gives": self.env._("Values sent by another system."),
                "needs": self.env._("System that posts signed JSON."),
                "action": open_form(self.env["kpi.hook"]),
            },
            {
                "key": "zapier",
                "name": "Zapier",
                "icon": "fa-bolt",
                "gives": self.env._("Zaps triggered by KPI events, and sent values."),
                "needs": self.env._("Your app and its API key."),
                "action": open_dialog(
                    self.env["kpi.api.key.wizard"],
                    self.env._("New API Key"),
                    default_name="Zapier",
                    default_scope_ids=scopes.ids,
                ),
            },
        ]

    @api.depends("sync_status", "stale_since", "refused_count")
    @api.depends_context("lang", "tz")
    def _compute_status_text(self):
        labels = dict(self._fields["sync_status"]._description_selection(self.env))
        for each in self:
            text = labels.get(each.sync_status, "")
            if each.sync_status == "active" and each.stale_since:
                local = fields.Datetime.context_timestamp(each, each.stale_since)
                text = self.env._("Stale since %s", format_day(self.env, local))
            elif each.sync_status == "active" and each.refused_count:
                text = (
                    self.env._("Active, 1 row refused")
                    if each.refused_count == 1
                    else self.env._("Active, %s rows refused", each.refused_count)
                )
            each.status_text = text

    @api.onchange("integration_type")
    def _onchange_integration_type(self):
        if self.integration_type and not self.name:
            self.name = self._kind().name

    @api.depends("unknown_names", "gone_ids")
    def _compute_labels(self):
        for each in self:
            unknown, count = each.unknown_names or [], len(each.gone_ids or [])
            each.unknown_label = bool(unknown) and self.env._(
                "Not found: %s.",
                ", ".join(f"{one['label']} “{one['text']}”" for one in unknown),
            )
            each.gone_label = bool(count) and (
                self.env._("1 value removed at the source.")
                if count == 1
                else self.env._("%s values removed at the source.", count)
            )

    def write(self, vals):
        before = {each: each._find_place() for each in self}
        result = super().write(vals)
        # Secrets that were given for one server are not sent to another.
        for each in self:
            (kind, place), (now_kind, now_place) = before[each], each._find_place()
            if kind != now_kind:
                each._forget_secrets(vals, *SENT_SECRETS, "client_secret")
            elif place and place != now_place:
                each._forget_secrets(vals, *SENT_SECRETS)
        return result

    def _find_place(self):
        """The system, and the server of it that credentials and tokens are for."""
        kind = self.integration_type
        return kind, kind and self._kind().find_place(self.settings or {})

    def _forget_secrets(self, vals, *names):
        """Take these secrets away, but for those that were entered in ``vals``."""
        for name in names:
            if vals.get(name) in (None, False, HIDDEN):
                self.env["kpi.secret"]._forget(self, name)
        self.invalidate_recordset(names, flush=False)

    @api.constrains("settings", "integration_type")
    def _check_settings(self):
        for each in self:
            try:
                check_options(each._kind().options, each.settings or {})
            except OptionError as error:
                raise ValidationError(
                    self.env._("Unknown setting: %s", error)
                ) from error

    @api.constrains("definition_id", "integration_type")
    def _check_definition(self):
        for each in self:
            if each.kind == "pull" and not each.definition_id:
                raise ValidationError(
                    self.env._("Choose the KPI for the values of %s.", each.name)
                )

    @api.constrains("sync_frequency")
    def _check_sync_frequency(self):
        for each in self.filtered(lambda each: each.kind == "pull"):
            # Whose hook it is has been asked where it was chosen.
            if each.sync_frequency not in INTERVALS and not each.sudo().hook_ids:
                raise ValidationError(
                    self.env._(
                        "This system does not notify Odoo. Choose a frequency or "
                        "add an inbound hook."
                    )
                )

    def _kind(self):
        return ADAPTERS[self.integration_type]

    def action_turn_on(self):
        """Read it from now on, the first time at once; a chat asks us."""
        # How late it is counts from now on.
        self._note(
            sync_status="active", last_error=False, turned_on_at=fields.Datetime.now()
        )
        self.filtered(lambda each: each.kind != "chat").action_sync()

    def action_turn_off(self):
        """Read nothing until it is turned on again."""
        self._note(
            sync_status="disabled",
            next_sync_at=False,
            notified_at=False,
            stale_since=False,
            refused_count=0,
            refused_reason=False,
        )

    def action_test(self):
        """Name what is connected, or say why nothing is."""
        name = self._call_now(lambda adapter: adapter.test())
        return show_notification(self.env._("Connected: %s", name))

    def action_fetch_choices(self):
        """Suggest what the other system has: sheets, or objects and their fields."""
        found = self._call_now(lambda adapter: adapter.list_choices())
        self._note(fetched_choices=found)
        return show_notification(
            self.env._("Lists loaded. Click a setting to choose from its list."),
            next={"type": "ir.actions.act_window_close"},  # show them on the form
        )

    def action_check(self):
        """Read it now, and show what would come of it; nothing is imported yet."""
        pulled = self._call_now(lambda adapter: adapter.pull(self._find_periods()))
        job = self._create_import(self._name_kpi(pulled))
        if not job.question:
            job.action_check()
        return open_form(job)

    def _call_now(self, act):
        """What ``act`` makes of the other system, for somebody who waits for it.

        :raises UserError: it is not there, or does not let us in
        """
        self.ensure_one()
        self.check_access("write")
        try:
            adapter = self._connect()
            adapter.sign_in()
            return act(adapter)
        except VendorFault as fault:
            raise UserError(self._say_why(fault)) from fault

    def action_add_hook(self):
        """Make an address by which the other system says that it has something new."""
        self.ensure_one()
        return open_form(
            self.env["kpi.hook"],
            context={"default_integration_id": self.id, "default_name": self.name},
        )

    def action_sync(self):
        """Read it soon, whatever the frequency.

        :raises UserError: it is turned off, or a chat, which asks us
        """
        for each in self:
            if each.sync_status == "disabled":
                raise UserError(self.env._("%s is off. Turn it on first.", each.name))
            if each.kind == "chat":
                raise UserError(
                    self.env._("%s: chats have no values to sync.", each.name)
                )
        self._note(next_sync_at=fields.Datetime.now())
        self._trigger()

    @api.model
    def _trigger(self):
        # Crons are the administrators'; waking this one only makes it look earlier.
        self.env.ref("kpi_tracking_integration.kpi_integration_cron").sudo()._trigger()

    @api.model
    def _cron_sync(self):
        """Read integrations whose next sync has come, each in a separate job."""
        self.env["kpi.job"]._run_syncs()

    def _find_due(self):
        """Integrations whose next sync has come."""
        due = [("next_sync_at", "<=", fields.Datetime.now())]
        return self.search(due, order="next_sync_at, id")

    def _sync(self):
        """Read and import; what went wrong is stored, and the next run is due."""
        owned, due = self._as_owner(), self.next_sync_at
        try:
            with self.env.cr.savepoint():
                owned._check_may_act()
                adapter = owned._connect()
            reason, seconds = getattr(self, f"_sync_{self.kind}")(owned, adapter)
        except (VendorFault, UserError) as error:
            seconds = getattr(error, "seconds", None)
            is_late = seconds is not None
            reason = owned._say_wait(seconds) if is_late else owned._say_why(error)
        except Exception as error:
            _logger.exception("Integration %s failed", self.id)
            reason, seconds = owned._describe_bug(error), None
        repeat_late(self.env, self._note_end, reason, seconds, due)

    def _describe_bug(self, error):
        """The sentence for a failure that is none of the other system."""
        return known_reason(self.env, error) or self.env._(
            "The sync stopped because of an internal error. Ask your administrator "
            "to check the server log."
        )

    def _say_wait(self, seconds):
        """Until when a system asked to be left alone, where its reader is."""
        moment = fields.Datetime.now() + timedelta(seconds=seconds)
        return self.env._(
            "%(vendor)s asked Odoo to wait until %(time)s.",
            vendor=self._kind().name,
            time=format_clock(self.env, moment),
        )

    def _note_end(self, reason, seconds, due):
        """:param due: when it was due: who called meanwhile is heard anew"""
        now, pause = fields.Datetime.now(), INTERVALS.get(self.sync_frequency)
        if due and self.sync_status == "disabled":  # turned off meanwhile
            self.last_error = reason
            return
        if seconds is None or not reason:
            self._note_health(reason)
        values = {"last_error": reason, "sync_status": "error" if reason else "active"}
        if seconds is not None:
            values.update(
                sync_status="active", next_sync_at=now + timedelta(seconds=seconds)
            )
        elif reason:
            values["next_sync_at"] = now + min(pause or AFTER_ERROR, AFTER_ERROR)
        elif pause:
            values["next_sync_at"] = now + pause
        elif self.next_sync_at == due:
            values["next_sync_at"] = False
        self.write(values if reason else {**values, "last_sync": now})

    def _note_health(self, reason):
        """Notify the owner once when it fails, and once when it works again."""
        env = self.with_context(lang=self.owner_id.lang).env
        if reason and not self.notified_at:
            self.notified_at = fields.Datetime.now()
            self._notify_owner(env._("Failed: %s", self.name), reason)
        elif not reason:
            was_notified = self.notified_at
            self.write({"notified_at": False, "stale_since": False})
            if was_notified:
                self._notify_owner(
                    env._("Working again: %s", self.name),
                    env._("The last sync was successful."),
                )

    @api.model
    def _sweep_stale(self):
        """Notify owners of integrations that are on and have long read nothing."""
        now = fields.Datetime.now()
        late = Domain.OR(
            Domain("sync_frequency", "=", frequency)
            & Domain("last_sync", "<", now - LATE_SYNCS * pause)
            & (
                Domain("turned_on_at", "=", False)
                | Domain("turned_on_at", "<", now - LATE_SYNCS * pause)
            )
            for frequency, pause in INTERVALS.items()
        )
        on = [
            ("sync_status", "=", "active"),
            ("stale_since", "=", False),
            ("integration_type", "in", PULLED),
        ]
        for each in self.search(late & Domain(on), order="id").try_lock_for_update():
            each.stale_since = each.last_sync
            if not each.notified_at:
                each.notified_at = now
                owned = each.with_context(lang=each.owner_id.lang)
                owned._notify_owner(
                    owned.env._("No new data: %s", each.name), owned.status_text
                )

    def _notify_owner(self, subject, body):
        """Notify by the bell or by mail, as the owner's preferences are.

        Officers of the company are notified instead of an owner who has left.
        """
        # Messages are the engine's; they hold no more than the form of their reader.
        record = self.with_user(SUPERUSER_ID)
        people = record.owner_id.filtered(lambda user: user.active and not user.share)
        if not people:
            people = find_officers(record.env).filtered(
                lambda user: self.company_id in user.company_ids
            )[:MAX_OFFICERS]
        bell = people.filtered(lambda user: user.notification_type == "inbox")
        if bell:
            record.env["mail.thread"].message_notify(
                partner_ids=bell.partner_id.ids,
                subject=subject,
                body=plaintext2html(body),
                model=self._name,
                res_id=self.id,
            )
        tell(record, people - bell, subject, plaintext2html(body))

    def _make_adapter(self, credentials=""):
        """The other system for one run, as nobody yet."""
        kind, given = self._kind(), self.settings or {}
        # Hosts that administrators allow, whoever is responsible.
        allowed = self.env["kpi.outgoing"]._get_allowed_hosts()
        client = Client(self.client_id or "", self._read_secret("client_secret"))
        secrets = [*filter(None, (client.secret, credentials))]
        caller = Caller(
            kind.name,
            allowed,
            secrets=secrets,
            pause=kind.pause,
            deadline=time.monotonic() + _find_run_seconds(),
        )
        return kind(
            caller,
            read_options(kind.options, given),
            credentials,
            client,
            periods.zone(self.time_zone or "UTC"),
        )

    def _connect(self):
        """The other system, to be signed in to by what somebody typed, or by tokens.

        :raises VendorFault: there is neither
        """
        adapter = self._make_adapter(self._read_secret("api_credentials"))
        has_access = adapter.credentials or self._use_tokens(adapter)
        if not has_access and adapter.are_credentials_needed:
            raise adapter.caller.fault(_lt("Connect %(vendor)s first."))
        return adapter


def _find_run_seconds():
    """Seconds that one run may read for, before the server ends its process."""
    limit = config["limit_time_real_cron"]
    if limit is None or limit < 0:
        limit = config["limit_time_real"]
    return min(MAX_RUN_SECONDS, 0.75 * limit) if limit else MAX_RUN_SECONDS
