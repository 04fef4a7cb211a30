"""The nine reports of requests over a month, each as somebody would write it by hand
for that month: plain comparisons with its first moment and the one after it.

Rows have the columns of the view, in its order.
"""

OPEN = "('pending', 'on_hold', 'returned')"
AGE = "EXTRACT(epoch FROM now() AT TIME ZONE 'UTC' - submitted_at) / 3600"
ASKED = "level_start_time >= %(start)s AND level_start_time < %(stop)s"
SUBMITTED = "submitted_at >= %(start)s AND submitted_at < %(stop)s"
MET = "(NOT tat_breached AND l.decided_at IS NOT NULL)"
CYCLE = "CASE WHEN approval_state IN ('approved', 'rejected') THEN cycle_hours END"

QUERIES = {
    "vw_request_volume_summary": f"""
        SELECT min(id), company_id, status, priority, count(*)::int,
               (count(*) FILTER (WHERE status IN {OPEN}))::int,
               (count(*) FILTER (WHERE approval_state = 'approved'))::int,
               (count(*) FILTER (WHERE approval_state = 'rejected'))::int,
               round(avg({CYCLE}), 4),
               round((percentile_cont(0.5) WITHIN GROUP (ORDER BY {CYCLE}))::numeric,
                     4),
               round(avg({AGE}) FILTER (WHERE status IN {OPEN}), 4)
          FROM workflow_requests
         WHERE NOT is_test
           AND COALESCE(submitted_at, create_date) >= %(start)s
           AND COALESCE(submitted_at, create_date) < %(stop)s
      GROUP BY company_id, status, priority
    """,
    "vw_tat_compliance": f"""
        SELECT l.id, l.id, l.request_id, r.number, r.subject, r.company_id,
               r.department_id, d.name->>'en_US', r.priority, l.level_number, l.attempt,
               l.approver_id, p.name, s.state, s.comment, l.level_start_time, l.due_at,
               l.overdue_at, l.decided_at, round(l.allowed_seconds / 3600.0, 4),
               CASE WHEN clock = 'stopped' THEN round(l.elapsed_seconds / 3600.0, 4)
               END, l.tat_breached,
               CASE WHEN tat_breached THEN FALSE WHEN l.decided_at IS NOT NULL
                    THEN TRUE END,
               CASE WHEN tat_breached THEN 'breached' WHEN l.decided_at IS NOT NULL
                    THEN 'met' WHEN clock IN ('running', 'held') THEN 'open'
                    ELSE 'cancelled' END,
               CASE WHEN tat_breached AND l.decided_at IS NOT NULL
                    THEN COALESCE(c.name->>'en_US', 'Not given') END,
               s.delay_note,
               CASE WHEN tat_breached AND l.decided_at IS NOT NULL
                    THEN round((l.elapsed_seconds - l.allowed_seconds) / 3600.0, 4) END
          FROM approval_levels l
          JOIN workflow_requests r ON r.id = l.request_id AND NOT r.is_test
          JOIN kpi_approval_step s ON s.id = l.step_id
          JOIN res_users u ON u.id = l.approver_id
          JOIN res_partner p ON p.id = u.partner_id
     LEFT JOIN hr_department d ON d.id = r.department_id
     LEFT JOIN kpi_approval_delay_reason c ON c.id = s.delay_reason_id
         WHERE {ASKED}
    """,
    "vw_approver_performance": f"""
        SELECT min(l.id), r.company_id, l.approver_id, p.name, v.department_id,
               d.name->>'en_US', count(*) FILTER (WHERE {MET} OR tat_breached),
               count(*) FILTER (WHERE NOT tat_breached AND l.decided_at IS NULL
                                  AND clock IN ('running', 'held')),
               count(l.decided_at),
               count(*) FILTER (WHERE l.decided_at IS NOT NULL
                                  AND s.state = 'approved'),
               count(*) FILTER (WHERE l.decided_at IS NOT NULL
                                  AND s.state = 'rejected'),
               count(*) FILTER (WHERE {MET}), count(*) FILTER (WHERE tat_breached),
               round(count(*) FILTER (WHERE {MET}) * 100.0 / NULLIF(
                   count(*) FILTER (WHERE {MET} OR tat_breached), 0), 4),
               round(avg(l.elapsed_seconds / 3600.0)
                   FILTER (WHERE l.decided_at IS NOT NULL), 4),
               round((percentile_cont(0.5) WITHIN GROUP (ORDER BY l.elapsed_seconds)
                   FILTER (WHERE l.decided_at IS NOT NULL) / 3600)::numeric, 4)
          FROM approval_levels l
          JOIN workflow_requests r ON r.id = l.request_id AND NOT r.is_test
          JOIN kpi_approval_step s ON s.id = l.step_id
          JOIN res_users u ON u.id = l.approver_id
          JOIN res_partner p ON p.id = u.partner_id
     LEFT JOIN hr_employee e ON e.user_id = u.id AND e.company_id = r.company_id
     LEFT JOIN hr_version v ON v.id = e.current_version_id
     LEFT JOIN hr_department d ON d.id = v.department_id
         WHERE {ASKED}
      GROUP BY r.company_id, l.approver_id, p.name, v.department_id, d.name
    """,
    "vw_tat_alerts_summary": """
        SELECT a.id, a.id, a.request_id, r.number, a.level_id, l.level_number,
               r.company_id, r.department_id, d.name->>'en_US', r.priority,
               a.approver_id, p.name, a.alert_type, a.threshold_percentage, a.due_at,
               a.alert_sent_at, a.tat_hours_allocated, a.tat_hours_elapsed,
               a.expected_completion_time, a.completion_time, a.is_breached,
               a.was_completed_on_time, a.notification_sent,
               round(EXTRACT(epoch FROM a.completion_time - a.alert_sent_at) / 3600, 4)
          FROM tat_alerts a
          JOIN approval_levels l ON l.id = a.level_id
          JOIN workflow_requests r ON r.id = a.request_id AND NOT r.is_test
          JOIN res_users u ON u.id = a.approver_id
          JOIN res_partner p ON p.id = u.partner_id
     LEFT JOIN hr_department d ON d.id = r.department_id
         WHERE a.alert_sent_at >= %(start)s AND a.alert_sent_at < %(stop)s
    """,
    "vw_department_summary": f"""
          WITH late AS (
            SELECT DISTINCT l.request_id
              FROM approval_levels l
              JOIN workflow_requests r ON r.id = l.request_id
             WHERE l.tat_breached AND {SUBMITTED})
        SELECT min(r.id), r.company_id, r.department_id, d.name->>'en_US',
               count(*)::int, (count(*) FILTER (WHERE status IN {OPEN}))::int,
               (count(*) FILTER (WHERE approval_state = 'approved'))::int,
               (count(*) FILTER (WHERE approval_state = 'rejected'))::int,
               count(late.request_id)::int,
               round((count(*) FILTER (WHERE approval_state = 'approved')) * 100.0
                   / count(*), 4),
               round(avg({CYCLE}), 4)
          FROM workflow_requests r
     LEFT JOIN late ON late.request_id = r.id
     LEFT JOIN hr_department d ON d.id = r.department_id
         WHERE NOT is_test AND {SUBMITTED}
      GROUP BY r.company_id, r.department_id, d.name
    """,
    "vw_daily_kpi_metrics": f"""
          WITH zone AS (
            SELECT c.id company_id, COALESCE(p.tz, 'UTC') tz
              FROM res_company c JOIN res_partner p ON p.id = c.partner_id),
          happened AS (
            SELECT id * 5 number, 'created' kind, submitted_at moment, company_id,
                   department_id, NULL::numeric hours
              FROM workflow_requests WHERE NOT is_test AND {SUBMITTED}
         UNION ALL
            SELECT id * 5 + 1, approval_state, decided_at, company_id, department_id,
                   cycle_hours
              FROM workflow_requests
             WHERE NOT is_test AND approval_state IN ('approved', 'rejected')
               AND decided_at >= %(start)s AND decided_at < %(stop)s
         UNION ALL
            SELECT l.id * 5 + 2, CASE WHEN tat_breached THEN 'late' ELSE 'met' END,
                   l.decided_at, r.company_id, r.department_id, NULL
              FROM approval_levels l
              JOIN workflow_requests r ON r.id = l.request_id AND NOT r.is_test
             WHERE l.decided_at >= %(start)s AND l.decided_at < %(stop)s
               AND NOT l.is_passed_on
         UNION ALL
            SELECT l.id * 5 + 3, 'breach', overdue_at, r.company_id, r.department_id,
                   NULL
              FROM approval_levels l
              JOIN workflow_requests r ON r.id = l.request_id AND NOT r.is_test
             WHERE l.overdue_at >= %(start)s AND l.overdue_at < %(stop)s
               AND tat_breached AND NOT l.is_passed_on
         UNION ALL
            SELECT a.id * 5 + 4, 'alert', alert_sent_at, r.company_id, r.department_id,
                   NULL
              FROM tat_alerts a
              JOIN workflow_requests r ON r.id = a.request_id AND NOT r.is_test
             WHERE alert_sent_at >= %(start)s AND alert_sent_at < %(stop)s)
        SELECT min(number)::int, day, local.company_id, department_id, d.name->>'en_US',
               (count(*) FILTER (WHERE kind = 'created'))::int,
               (count(*) FILTER (WHERE kind = 'approved'))::int,
               (count(*) FILTER (WHERE kind = 'rejected'))::int,
               (count(*) FILTER (WHERE kind IN ('met', 'late')))::int,
               (count(*) FILTER (WHERE kind = 'met'))::int,
               (count(*) FILTER (WHERE kind = 'breach'))::int,
               (count(*) FILTER (WHERE kind = 'alert'))::int,
               round((count(*) FILTER (WHERE kind = 'met')) * 100.0 / NULLIF(
                   count(*) FILTER (WHERE kind IN ('met', 'breach')), 0), 4),
               round(avg(hours), 4)
          FROM (SELECT happened.*,
                       (moment AT TIME ZONE 'UTC' AT TIME ZONE tz)::date AS day
                  FROM happened JOIN zone USING (company_id)) local
     LEFT JOIN hr_department d ON d.id = department_id
      GROUP BY day, local.company_id, department_id, d.name
    """,
    "vw_workflow_aging": f"""
          WITH now_asked AS (
            SELECT l.request_id, max(l.level_number) AS level_number,
                   string_agg(DISTINCT p.name, ', ') AS names,
                   min(l.due_at) AS due_at, bool_or(l.tat_breached) AS is_late
              FROM approval_levels l
              JOIN res_users u ON u.id = l.approver_id
              JOIN res_partner p ON p.id = u.partner_id
              JOIN workflow_requests r ON r.id = l.request_id
             WHERE l.clock IN ('running', 'held') AND {SUBMITTED}
          GROUP BY l.request_id)
        SELECT r.id, r.id, number, subject, r.company_id, r.department_id,
               d.name->>'en_US', priority, status, initiator_id, submitted_at,
               round({AGE}, 4), round({AGE} / 24, 4),
               CASE WHEN {AGE} < 24 THEN '0-1 days' WHEN {AGE} < 72 THEN '1-3 days'
                    WHEN {AGE} < 168 THEN '3-7 days' WHEN {AGE} < 336 THEN '7-14 days'
                    WHEN {AGE} < 720 THEN '14-30 days' ELSE '30+ days' END,
               n.level_number, n.names, n.due_at, COALESCE(n.is_late, FALSE)
          FROM workflow_requests r
     LEFT JOIN now_asked n ON n.request_id = r.id
     LEFT JOIN hr_department d ON d.id = r.department_id
         WHERE NOT is_test AND status IN {OPEN} AND {SUBMITTED}
    """,
    "vw_request_lifecycle": f"""
          WITH chosen AS (
            SELECT * FROM workflow_requests WHERE NOT is_test AND {SUBMITTED}),
          begun AS (
            SELECT l.* FROM approval_levels l JOIN chosen ON chosen.id = l.request_id
             WHERE l.level_start_time IS NOT NULL),
          attempts AS (
            SELECT min(id) id, request_id, attempt, min(level_start_time) began,
                   CASE WHEN bool_and(clock = 'stopped') THEN max(stopped_at) END ended,
                   lead(min(level_start_time)) OVER (
                       PARTITION BY request_id ORDER BY attempt) again
              FROM begun GROUP BY request_id, attempt),
          steps AS (
            SELECT b.id * 8::bigint id, request_id, 'Level ' || level_number step,
                   10 * level_number place, attempt, approver_id person_id,
                   NULL::varchar resource, s.state result, s.comment,
                   level_start_time began, stopped_at ended,
                   CASE WHEN clock = 'stopped'
                        THEN round(elapsed_seconds / 3600.0, 4) END worked,
                   COALESCE(tat_breached AND NOT is_passed_on, FALSE) is_late
              FROM begun b JOIN kpi_approval_step s ON s.id = b.step_id
             WHERE is_left_to_others IS NOT TRUE
         UNION ALL
            SELECT a.id * 8::bigint + 1, c.id, 'Submitted', 0, a.attempt, initiator_id,
                   NULL, NULL, NULL, began, began, NULL, FALSE
              FROM attempts a JOIN chosen c ON c.id = a.request_id
         UNION ALL
            SELECT a.id * 8::bigint + 2, c.id, 'Revision', 9000, a.attempt,
                   initiator_id, NULL, NULL, NULL, ended, again, NULL, FALSE
              FROM attempts a JOIN chosen c ON c.id = a.request_id
             WHERE ended < again OR (again IS NULL AND status = 'returned')
         UNION ALL
            SELECT h.id * 8::bigint + 3, c.id, 'On hold', 9001, NULL, user_id, NULL,
                   NULL, h.reason, date_from, date_to, NULL, FALSE
              FROM kpi_tat_hold h JOIN chosen c ON c.id = h.request_id
         UNION ALL
            SELECT id * 8::bigint + 4, id, 'Withdrawn', 9002, NULL, initiator_id, NULL,
                   NULL, NULL, decided_at, decided_at, NULL, FALSE
              FROM chosen WHERE status = 'withdrawn' AND decided_at IS NOT NULL
         UNION ALL
            SELECT e.id * 8::bigint + 5, c.id, activity, 10000 + place, NULL, NULL,
                   resource, NULL, NULL,
                   lag(happened_at, 1, happened_at) OVER (
                       PARTITION BY c.id ORDER BY place),
                   happened_at, NULL, FALSE
              FROM kpi_tat_event e JOIN chosen c ON c.id = e.request_id)
        SELECT s.id, c.id, number, subject, c.company_id, c.department_id,
               d.name->>'en_US', template_id, priority, status, step, place, attempt,
               COALESCE(resource, p.name), result, s.comment, began, ended,
               CASE WHEN place NOT IN (0, 9002)
                    THEN round(EXTRACT(epoch FROM ended - began) / 3600, 4) END,
               worked, is_late
          FROM steps s
          JOIN chosen c ON c.id = s.request_id
     LEFT JOIN res_users u ON u.id = person_id
     LEFT JOIN res_partner p ON p.id = u.partner_id
     LEFT JOIN hr_department d ON d.id = c.department_id
    """,
    "vw_engagement_metrics": """
          WITH chosen AS (
            SELECT r.*, u.partner_id maker_id
              FROM workflow_requests r JOIN res_users u ON u.id = r.initiator_id
             WHERE NOT is_test AND COALESCE(submitted_at, r.create_date) >= %(start)s
               AND COALESCE(submitted_at, r.create_date) < %(stop)s),
          said AS (
            SELECT m.res_id, count(*)::int n,
                   (count(*) FILTER (WHERE t.internal))::int internal
              FROM mail_message m JOIN chosen ON chosen.id = m.res_id
         LEFT JOIN mail_message_subtype t ON t.id = m.subtype_id
             WHERE m.model = 'kpi.tat.request' AND message_type IN ('comment', 'email')
          GROUP BY m.res_id),
          filed AS (
            SELECT a.res_id, count(*)::int n
              FROM ir_attachment a JOIN chosen ON chosen.id = a.res_id
             WHERE a.res_model = 'kpi.tat.request' AND a.res_field IS NULL
          GROUP BY a.res_id),
          deciding AS (
            SELECT DISTINCT l.request_id, u.partner_id
              FROM approval_levels l JOIN chosen ON chosen.id = l.request_id
              JOIN res_users u ON u.id = l.approver_id),
          speaking AS (
            SELECT DISTINCT m.res_id, m.author_id
              FROM mail_message m JOIN chosen ON chosen.id = m.res_id
             WHERE m.model = 'kpi.tat.request' AND message_type IN ('comment', 'email')
          ),
          watched AS (
            SELECT f.res_id, count(*)::int n, count(s.author_id)::int active
              FROM mail_followers f JOIN chosen ON chosen.id = f.res_id
         LEFT JOIN deciding x ON x.request_id = f.res_id AND x.partner_id = f.partner_id
         LEFT JOIN speaking s ON s.res_id = f.res_id AND s.author_id = f.partner_id
             WHERE f.res_model = 'kpi.tat.request' AND f.partner_id <> maker_id
               AND x.request_id IS NULL
          GROUP BY f.res_id)
        SELECT c.id, c.id, number, subject, c.company_id, c.department_id,
               d.name->>'en_US', status, initiator_id, submitted_at,
               COALESCE(said.n - said.internal, 0), COALESCE(said.internal, 0),
               COALESCE(filed.n, 0), COALESCE(watched.n, 0), COALESCE(watched.active, 0)
          FROM chosen c
     LEFT JOIN said ON said.res_id = c.id
     LEFT JOIN filed ON filed.res_id = c.id
     LEFT JOIN watched ON watched.res_id = c.id
     LEFT JOIN hr_department d ON d.id = c.department_id
    """,
}
