import hashlib
import json

from odoo import Command, api, fields, models

from ..engine.sentence import say_duration
from ..html_table import write_table

TIMEOUT_ACTIONS = [
    ("remind", "Remind"),
    ("escalate", "Escalate to Manager"),
    ("skip", "Skip to Next Level"),
]
USUAL = "50, 75"  # reminders that are not mentioned
LEVEL_FIELDS = (
    "rule",
    "quorum",
    "tat_hours_standard",
    "tat_hours_express",
    "timeout_action",
)
APPROVER_FIELDS = ("whom", "user_id", "group_id", "steps_up")


class KpiTatTemplateVersion(models.Model):
    """A template as it was when requests began with it; later changes make another."""

    _name = "kpi.tat.template.version"
    _description = "Request Template Version"
    _inherit = ["kpi.readonly.mixin"]
    _order = "template_id, number desc"
    _rec_name = "number"

    template_id = fields.Many2one(
        "kpi.approval.workflow",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    number = fields.Integer("Version", required=True, readonly=True, aggregator=None)
    content = fields.Json(required=True, readonly=True, exportable=False)
    fingerprint = fields.Char(required=True, readonly=True, exportable=False)
    summary = fields.Html(
        "Levels", compute="_compute_summary", sanitize=False, exportable=False
    )

    _number_uniq = models.UniqueIndex(
        "(template_id, number)", "This template already has this version."
    )

    @api.depends_context("lang")
    @api.depends("number")
    def _compute_display_name(self):
        for version in self:
            version.display_name = self.env._("Version %s", version.number)

    @api.depends_context("lang")
    @api.depends("content")
    def _compute_summary(self):
        """The levels as a table: who decides, how long they have, what follows."""
        names = self.env["kpi.approval.level"].fields_get(LEVEL_FIELDS, ["string"])
        heads = (
            self.env._("Level"),
            self.env._("Decided by"),
            *(names[name]["string"] for name in LEVEL_FIELDS[2:]),
        )
        for version in self:
            rows = [
                (
                    number,
                    self._describe_people(level),
                    say_duration(round(3600 * level["tat_hours_standard"])),
                    say_duration(round(3600 * level["tat_hours_express"])),
                    dict(TIMEOUT_ACTIONS)[level["timeout_action"]],
                )
                for number, level in enumerate(version.content["levels"], start=1)
            ]
            version.summary = write_table(heads, rows)

    @api.model
    def _get_current(self, template):
        """The version of a template as it is now; made where it has changed."""
        content, print_ = read_content(template)
        own = [("template_id", "=", template.id)]
        last = self.search_fetch(
            own, ["number", "fingerprint"], order="number desc", limit=1
        )
        if last.fingerprint == print_:
            return last
        self.env["kpi.claim"]._claim(f"versions of request template {template.id}")
        return self.create(
            {
                "template_id": template.id,
                "number": last.number + 1,
                "content": content,
                "fingerprint": print_,
            }
        )

    @api.model
    def _describe_people(self, level):
        """Who decides, in the words of levels; whoever is gone is left out."""
        approvers = [
            {name: value for name, value in one.items() if value}
            for one in level["approvers"]
        ]
        # What was asked for is no secret; the level is never stored.
        levels = self.env["kpi.approval.level"].sudo()
        return levels.new(
            {
                "rule": level["rule"],
                "quorum": level["quorum"],
                "approver_ids": [Command.create(one) for one in approvers],
            }
        ).summary


def read_content(template):
    """What a template says, as plain data, and its fingerprint."""
    levels = [
        {
            **{name: level[name] for name in LEVEL_FIELDS},
            "approvers": [
                {
                    "whom": one.whom,
                    "user_id": one.user_id.id,
                    "group_id": one.group_id.id,
                    "steps_up": one.steps_up,
                }
                for one in level.approver_ids.sorted()
            ],
        }
        for level in template.level_ids.sorted()
    ]
    content = {"levels": levels}
    if template.reminder_percents != USUAL:
        content["reminders"] = template.reminder_percents or ""
    text = json.dumps(content, sort_keys=True)
    return content, hashlib.sha256(text.encode()).hexdigest()
