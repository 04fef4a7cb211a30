import re
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tests import TransactionCase, tagged
from odoo.tools import split_every

from odoo.addons.kpi_base.tests.common import LONG, ClockMixin, some_of

KPIS = 300 if LONG else 40
DAYS = (1, 2, 8, 15, 22, 28)  # of the month in which the company was made
# What says how a KPI stands, without the period that it speaks of
UNDATED = re.compile(r"\d.*(%|target)|on track|at risk|off track", re.IGNORECASE)

MISS = re.compile(r"will likely (miss|end .*(short|over|outside))")


@tagged("post_install", "-at_install")
class TestDemoVerdicts(ClockMixin, TransactionCase):
    """All that shows a KPI says the same of the same period, on any day of a month."""

    freeze_time = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.env.ref("base.user_admin")
        cls.env = cls.env(user=cls.user)
        companies = cls.user.company_ids
        cls.env = cls.env(
            context={"allowed_company_ids": companies.ids, "lang": "en_US"}
        )
        domain = Domain("has_value", "=", True)
        domain &= Domain("definition_id.unit", "!=", "boolean")
        order = "distance_percent desc, id"
        cls.kpis = cls.env["kpi.report"].search(domain, order=order, limit=KPIS)
        cls.today = fields.Date.today()

    def test_all_screens_say_the_same_of_the_same_period(self):
        for day in some_of(DAYS, "days of verdicts"):
            with self._at(f"{self.today.replace(day=day)} 12:00:00"):
                self._begin_day()
                verdicts = self.kpis.filtered("has_value")._get_verdicts()
                self.assertTrue(verdicts)
                self._check_stored(verdicts)
                self._check_cards(verdicts)
                self._check_tiles(verdicts)
                self._check_answers(verdicts)
                self._check_values(verdicts)
                self._check_words(verdicts)
                self._check_findings(verdicts)
                self._check_figures(verdicts)

    def _begin_day(self):
        """Judge and analyse as on that day, of which later judgements know nothing."""
        self.env.cr.execute(
            "DELETE FROM kpi_target_value"
            " WHERE report_id = ANY(%s) AND period_stop > %s",
            (self.kpis.ids, fields.Date.today()),
        )
        self.env.invalidate_all()
        self.kpis.sudo()._refresh_current()
        self.env["kpi.predictive.analytics"]._analyse(self.kpis)
        self.env.invalidate_all()

    def _compare(self, kpi, where, standing, found):
        """Compare what is said of a period with its part of the verdict."""
        judged = standing.judged
        known = {
            "value": judged.value,
            "target": judged.due_target if judged.status != "not_due" else None,
            "achievement": judged.achievement and max(judged.achievement, 0.0),
            "status": judged.status,
        }
        with self.subTest(kpi=kpi.name, where=where, period=standing.label):
            for name, value in found.items():
                if isinstance(value, float) and known[name] is not None:
                    self.assertAlmostEqual(value, known[name], 6, name)
                else:
                    self.assertEqual(value, known[name], name)

    def _check_stored(self, verdicts):
        """Form, list and REST read what is stored on the KPI."""
        for kpi, verdict in verdicts.items():
            found = {"value": kpi.current_value, "status": kpi.status}
            if verdict.latest.is_judged:
                found["achievement"] = kpi.achievement
                if kpi.direction != "range":
                    found["target"] = kpi.target_value
            self.assertEqual(kpi.current_period_start, verdict.latest.period.start)
            self._compare(kpi, "stored", verdict.latest, found)
            answer = kpi._read_verdict()
            self.assertEqual(answer["finding"], kpi.finding)

    def _check_cards(self, verdicts):
        """Cards of the overview and the phone, of the running and the last period."""
        domain = Domain("id", "in", [kpi.id for kpi in verdicts])
        cards = self.env["kpi.home"]._list_cards(domain, 3)
        by_id = {card["report_id"]: card for card in cards}
        for kpi, verdict in verdicts.items():
            card = by_id[kpi.id]
            standings = {
                one.period.start.isoformat(): one
                for one in (verdict.closed, verdict.running)
            }
            for each in (card, card["now"]):
                start = each and (
                    each["period"]["start"]
                    if "period" in each
                    else verdict.running.period.start.isoformat()
                )
                if start in standings:
                    found = {name: each[name] for name in ("value", "status")}
                    self._compare(kpi, "card", standings[start], found)

    def _check_tiles(self, verdicts):
        """Tiles of dashboards, as screens, files and emails show them."""
        for kpis in split_every(100, verdicts):  # a board has 200 tiles at most
            self._check_board({kpi: verdicts[kpi] for kpi in kpis})

    def _check_board(self, verdicts):
        dashboard = self.env["kpi.dashboard"].create(
            {
                "name": "Verdicts",
                "tile_ids": [
                    fields.Command.create(
                        {
                            "kind": "gauge",
                            "scope_mode": "fixed",
                            "report_ids": [fields.Command.set(kpi.ids)],
                        }
                    )
                    for kpi in verdicts
                ],
            }
        )
        answer = dashboard.data()
        drawn = {tile.id: tile for tile in dashboard._drawings(answer)}
        by_id = {kpi.id: kpi for kpi in verdicts}
        shown = [tile for tile in answer["tiles"] if tile["state"] == "ok"]
        self.assertTrue(shown)
        for tile in shown:
            numbers = tile["kpi"]
            kpi = by_id[numbers["report_id"]]
            latest = verdicts[kpi].latest
            self.assertEqual(numbers["period"]["label"], latest.label)
            found = {name: numbers[name] for name in ("value", "status")}
            self._compare(kpi, "tile", latest, found)
            headline = drawn[tile["id"]].headline
            self.assertEqual(headline.period, latest.label)
            is_open = latest.is_running and latest.is_judged
            self.assertEqual("so far" in headline.status, is_open)
        dashboard.unlink()

    def _check_answers(self, verdicts):
        """Answers to questions."""
        for row in self.kpis._judge_listed(None):
            kpi = row["report"]
            if (
                row["value"] is None or kpi not in verdicts
            ):  # older than questions look back
                continue
            latest = verdicts[kpi].latest
            self.assertEqual(row["label"], latest.label)
            found = {name: row[name] for name in ("value", "status", "achievement")}
            if found["achievement"] is not None:
                found["achievement"] = max(found["achievement"], 0.0)
            self._compare(kpi, "answer", latest, found)
            self.assertIn(latest.label, kpi._say_answered(row))

    def _check_values(self, verdicts):
        """The chart, and values by REST."""
        for kpi, verdict in verdicts.items():
            points = {
                point["start"]: point for point in kpi._history_points(kpi.frequency)
            }
            latest = verdict.latest
            point = points[latest.period.start.isoformat()]
            self.assertEqual(point["running"], latest.is_running)
            self._compare(kpi, "chart", latest, {"value": point["value"]})

    def _check_words(self, verdicts):
        """Sentences name the period of each number and status, and its forecast."""
        processor = self.env["kpi.nlp.processor"]
        risks = self.env["kpi.predictive.maintenance"]
        for kpi in some_of([*verdicts], "verdicts in words", 4):
            verdict = verdicts[kpi]
            outlook = verdict.outlook
            said = [
                kpi.finding,
                *risks.detect_kpi_degradation_risk(kpi.id)["sentences"],
                kpi.predictive_ids.recommendation or "",
            ]
            with self.subTest(kpi=kpi.name, said=said):
                for sentence in said:
                    if UNDATED.search(sentence.replace(kpi.name, "")):
                        self.assertTrue(
                            any(label in sentence for label in self._list_labels(kpi)),
                            sentence,
                        )
            found = processor.generate_performance_insights(kpi.id)
            forecasts = [
                sentence
                for sentence, finding in zip(
                    found["sentences"], found["findings"], strict=True
                )
                if finding["kind"].startswith("forecast.")
            ]
            for sentence in forecasts:
                self.assertTrue(outlook.is_miss)
                self.assertIn(outlook.label, sentence)

    def _check_findings(self, verdicts):
        """Findings are short, name their period, and say what chip and forecast say."""
        kpis = self.kpis.browse(kpi.id for kpi in verdicts)
        for kpi, findings in kpis._get_findings().items():
            verdict = verdicts[kpi]
            for standing in filter(None, (verdict.closed, verdict.running)):
                found = findings[standing.period.start]
                status = standing.judged.status
                with self.subTest(kpi=kpi.name, found=found, status=status):
                    self.assertLessEqual(len(found), 70)
                    if not found:
                        # of a first day without a value there is nothing to say
                        is_first = standing.is_running and not standing.has_begun
                        is_empty = is_first and not standing.judged.value
                        self.assertTrue(is_empty or not standing.is_judged)
                        continue
                    self.assertIn(standing.label, found)
                    outlook = standing.is_running and verdict.outlook
                    self.assertEqual(
                        bool(
                            re.search(
                                "will likely (miss|end .*(short|over|outside))", found
                            )
                        ),
                        bool(outlook and outlook.is_miss),
                    )
                    if re.search("likely (reach|end within)", found):
                        self.assertTrue(outlook.is_reach)
                    if re.search("missed|off track|at risk|ended outside", found):
                        self.assertIn(status, ("off_target", "at_risk"))
                    if re.search("(met|beat|ended within) its|on track", found, re.I):
                        self.assertEqual(status, "on_target")

    def _list_labels(self, kpi):
        """Names of the periods of the last two years."""
        calendar = kpi.definition_id.calendar_id
        today = calendar._today()
        periods = calendar._periods(kpi.frequency, today - timedelta(days=800), today)
        return calendar._period_labels(periods)

    def _check_figures(self, verdicts):
        """Figures of the form name the period that the verdict speaks of."""
        for kpi in some_of([*verdicts], "verdicts in figures", 4):
            verdict, standing = verdicts[kpi], kpi.standing
            self.assertEqual(standing["finding"], kpi.finding)
            figures = {each["key"]: each for each in standing["figures"]}
            for key in ("running", "closed"):
                one = getattr(verdict, key)
                if figure := figures.get(key):
                    self.assertIn(one.label, figure["title"])
                    found = {name: figure[name] for name in ("value", "status")}
                    self._compare(kpi, key, one, found)
            outlook, likely = verdict.outlook, figures.get("likely")
            if likely:
                self.assertIn(outlook.label, likely["title"])
                self.assertEqual(likely["value"], outlook.value)
                is_miss = likely["status"] == "likely_miss"
                self.assertEqual(is_miss, outlook.is_miss)
            elif outlook:  # the value so far is the likely end
                shown = kpi.definition_id._format_compact
                known = figures["running"]["value"]
                self.assertEqual(shown(outlook.value), shown(known), kpi.name)
