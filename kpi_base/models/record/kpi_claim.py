from odoo import api, models


class KpiClaim(models.AbstractModel):
    """Rows that transactions have in common, so that of two at once one is run again.

    A check that reads several rows passes in two transactions at once: neither sees
    what the other writes. Both claim the same key, before or after their check, then::

        self.env["kpi.claim"]._claim(f"refunds of deal {deal.id}")
        if deal.refunded > deal.received:
            raise ValidationError(...)

    The second waits for the first and fails with 40001; run again, by Odoo or by
    ``repeat_late``, its check sees what the first has written.
    """

    _name = "kpi.claim"
    _description = "Transaction Claim"

    def init(self):
        # Room for new versions of a row beside it: a claim is an update.
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS kpi_claim (key text PRIMARY KEY)
              WITH (fillfactor = 50)
            """
        )

    @api.model
    def _claim(self, *keys):
        """Let no other transaction that claims one of ``keys`` commit beside this one.

        A key names the rule and what it is about. Its row stays for good: without it,
        who began before it was taken away would meet nobody.
        """
        self.env.cr.execute(
            """
            INSERT INTO kpi_claim (key)
            SELECT unnest(%s::text[]) AS key
          ORDER BY key
                ON CONFLICT (key) DO UPDATE
               SET key = excluded.key
            """,
            (list(set(keys)),),
        )
