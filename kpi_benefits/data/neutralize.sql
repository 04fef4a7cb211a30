-- links of the original open nothing in a copy
UPDATE kpi_review_feedback_link
   SET revoked_at = now() AT TIME ZONE 'UTC'
 WHERE revoked_at IS NULL;
