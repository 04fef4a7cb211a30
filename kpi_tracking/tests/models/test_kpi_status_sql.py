import json
from pathlib import Path

from odoo.tests import TransactionCase, tagged

from ...engine.due import due_share_sql
from ...engine.status import FIVE_BANDS, RAG, achievement_sql, status_sql
from ..engine.due_table import read_due_cases

CASES = Path(__file__).parents[1] / "engine" / "status_cases.json"
COLUMNS = ("direction", "value", "target", "baseline", "range_low", "range_high")


@tagged("post_install", "-at_install")
class TestKpiStatusSql(TransactionCase):
    """PostgreSQL judges as the engine does: both read the same table of cases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases = json.loads(CASES.read_text())
        cls.env.cr.execute(
            """
            CREATE TEMPORARY TABLE judged (
                id serial, direction text, value float8, target float8,
                baseline float8, range_low float8, range_high float8)
            ON COMMIT DROP
            """
        )
        for case in cls.cases:
            cls.env.cr.execute(
                """
                INSERT INTO judged
                       (direction, value, target, baseline, range_low, range_high)
                VALUES (%s, %s, %s, %s, %s, %s)
                """,
                [case[column] for column in COLUMNS],
            )

    def _select(self, *expressions):
        self.env.cr.execute(
            "SELECT "
            + ", ".join(expressions)
            + " FROM judged CROSS JOIN LATERAL (SELECT "
            + achievement_sql(
                "judged.value",
                "judged.target",
                "judged.baseline",
                direction="judged.direction",
                range_low="judged.range_low",
                range_high="judged.range_high",
            )
            + " AS percent) AS rule ORDER BY judged.id"
        )
        return self.env.cr.fetchall()

    def test_every_case(self):
        rows = self._select(
            "rule.percent",
            status_sql("rule.percent", "judged.value"),
            status_sql("rule.percent", "judged.value", FIVE_BANDS),
        )
        for case, (percent, rag, band) in zip(self.cases, rows, strict=True):
            with self.subTest(direction=case["direction"], note=case["note"]):
                if case["achievement"] is None:
                    self.assertIsNone(percent)
                else:
                    self.assertAlmostEqual(percent, case["achievement"], places=9)
                self.assertEqual((rag, band), (case["rag"], case["five_bands"]))

    def test_thresholds_may_be_columns(self):
        rows = self._select(
            "rule.percent",
            status_sql("rule.percent", "judged.value", RAG, ["60", "40"]),
        )
        for percent, rag in rows:
            if percent is not None:
                expected = (
                    "on_target"
                    if percent >= 60 - 1e-9
                    else "at_risk"
                    if percent >= 40 - 1e-9
                    else "off_target"
                )
                self.assertEqual(rag, expected)

    def test_not_a_number_is_no_data(self):
        self.env.cr.execute(
            "SELECT " + achievement_sql("'NaN'::float8", "100", direction="'higher'")
        )
        self.assertEqual(self.env.cr.fetchone(), (None,))

    def test_every_case_of_a_due_share(self):
        share = due_share_sql("given", "direction = 'lower'")
        limit = due_share_sql("given")
        for case in read_due_cases():
            self.env.cr.execute(
                f"SELECT {share}, {limit}, target * {share}"
                "  FROM (VALUES (%s::date, %s::date, %s::date, %s, %s, %s::float8))"
                "       AS given(period_start, period_stop, today, aggregation_time,"
                "                direction, target)",
                [
                    case.period.start,
                    case.period.stop,
                    case.today,
                    case.aggregation,
                    case.direction,
                    case.target,
                ],
            )
            with self.subTest(case.note):
                expected = case.share, case.limit, case.due
                found = self.env.cr.fetchone()
                for number, wanted in zip(found, expected, strict=True):
                    self.assertAlmostEqual(number, wanted, places=9)
