from odoo import fields, models

from odoo.addons.kpi_base.engine.counts import say_count

from .kpi_tat_view import choose_as


class KpiTatEngagement(models.Model):
    """How much people work together on each request."""

    _name = "kpi.tat.engagement"
    _description = "Request Engagement"
    _table = "vw_engagement_metrics"
    _inherit = ["kpi.tat.view"]
    _auto = False
    _kpi_measurable = True
    _order = "submitted_at desc, id desc"
    _rec_name = "request_number"
    _mailed_columns = ("request_number", "subject", "comments_count")
    _screen_path = "tat-engagement"

    request_id = fields.Many2one("kpi.tat.request", readonly=True)
    request_number = fields.Char("Number", readonly=True)
    subject = fields.Char(readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    department = fields.Char("Department Name", readonly=True)
    status = choose_as("status")
    initiator_id = fields.Many2one("res.users", string="Submitter", readonly=True)
    submitted_at = fields.Datetime("First Submitted", readonly=True)
    comments_count = fields.Integer(
        "Comments", readonly=True, help="Comments by people, excluding work notes."
    )
    work_notes_count = fields.Integer(
        "Work Notes", readonly=True, help="Internal comments."
    )
    documents_count = fields.Integer("Documents", readonly=True)
    spectators_count = fields.Integer(
        "Spectators",
        readonly=True,
        help="Followers other than the submitter and the approvers.",
    )
    active_spectators_count = fields.Integer(
        "Active Spectators", readonly=True, help="Spectators who commented."
    )

    _rows = """
        SELECT request.id,
               request.id AS request_id,
               request.number AS request_number,
               request.subject,
               request.company_id,
               request.department_id,
               department.name->>'en_US' AS department,
               request.status,
               request.initiator_id,
               request.submitted_at,
               comment.comments_count,
               comment.work_notes_count,
               document.documents_count,
               spectator.spectators_count,
               spectator.active_spectators_count
          FROM workflow_requests AS request
          JOIN res_users AS initiator ON initiator.id = request.initiator_id
     LEFT JOIN hr_department AS department ON department.id = request.department_id
         CROSS JOIN LATERAL (
            SELECT (count(*) FILTER (WHERE subtype.internal IS NOT TRUE))::int
                       AS comments_count,
                   (count(*) FILTER (WHERE subtype.internal))::int
                       AS work_notes_count
              FROM mail_message AS message
         LEFT JOIN mail_message_subtype AS subtype
                ON subtype.id = message.subtype_id
             WHERE message.model = 'kpi.tat.request'
               AND message.res_id = request.id
               AND message.message_type IN ('comment', 'email')
          ) AS comment
         CROSS JOIN LATERAL (
            SELECT count(*)::int AS documents_count
              FROM ir_attachment AS attachment
             WHERE attachment.res_model = 'kpi.tat.request'
               AND attachment.res_id = request.id
               AND attachment.res_field IS NULL
          ) AS document
         CROSS JOIN LATERAL (
            SELECT count(*)::int AS spectators_count,
                   (count(*) FILTER (WHERE EXISTS (
                        SELECT 1
                          FROM mail_message AS message
                         WHERE message.model = 'kpi.tat.request'
                           AND message.res_id = request.id
                           AND message.author_id = follower.partner_id
                           AND message.message_type IN ('comment', 'email')
                   )))::int AS active_spectators_count
              FROM mail_followers AS follower
             WHERE follower.res_model = 'kpi.tat.request'
               AND follower.res_id = request.id
               AND follower.partner_id <> initiator.partner_id
               AND NOT EXISTS (
                     SELECT 1
                       FROM approval_levels AS level
                       JOIN res_users AS approver
                         ON approver.id = level.approver_id
                      WHERE level.request_id = request.id
                        AND approver.partner_id = follower.partner_id
                   )
          ) AS spectator
         WHERE %(chosen)s
           AND COALESCE(request.submitted_at, request.create_date) >= %(start)s
           AND COALESCE(request.submitted_at, request.create_date) < %(stop)s
    """

    def _say_number(self):
        comments = self.env._("1 comment"), self.env._("%s comments")
        return say_count(sum(self.mapped("comments_count")), *comments)
