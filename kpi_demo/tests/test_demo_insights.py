import re
from statistics import median

from odoo.tests import TransactionCase, tagged

from odoo.addons.kpi_base.tests.common import LONG
from odoo.addons.kpi_tracking.engine.change import WINDOW

TEXTS = 500 if LONG else 120
# Language → decimal point, word of points, words of up and down by what they are about.
LANGUAGES = {
    "en_US": (".", ("rose", "rising"), ("fell", "falling"), "below", "above"),
    "de_DE": (",", ("stieg", "steigt"), ("sank", "sinkt"), "unter", "über dem"),
    "fr_FR": (
        ",",
        ("a augmenté", "augmente"),
        ("a baissé", "baisse"),
        "au-dessous",
        "au-dessus",
    ),
    "es_ES": (",", ("subió", "sube"), ("bajó", "baja"), "por debajo", "por encima"),
}
NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f']\d+)*")
PER_MONTH = 365.2425 / 12
SPACES = str.maketrans("", "", "\u00a0\u202f' ")


@tagged("post_install", "-at_install")
class TestDemoInsights(TransactionCase):
    """Each number, name and direction of texts about the company is in its data."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for code in LANGUAGES:
            cls.env["res.lang"]._activate_lang(code)
        domain = [
            ("definition_id.frequency", "=", "month"),
            ("definition_id.unit", "!=", "boolean"),
            ("has_value", "=", True),
        ]
        # those off their target have more to say
        order = "distance_percent desc, id"
        count = -(-TEXTS // len(LANGUAGES))
        cls.kpis = cls.env["kpi.report"].search(domain, order=order, limit=count)
        cls.env["kpi.predictive.analytics"]._analyse(cls.kpis)

    def test_numbers_names_and_directions_are_in_the_data(self):
        texts = sentences = 0
        names = set(self.env["kpi.report"].search([]).mapped("name"))
        for kpi in self.kpis:
            for code in LANGUAGES:
                local = kpi.with_context(lang=code)
                found = local.env["kpi.nlp.processor"].generate_performance_insights(
                    kpi.id
                )
                texts += 1
                data = _Data(local, names)
                for sentence in found["sentences"]:
                    sentences += 1
                    with self.subTest(sentence=sentence):
                        self._check(sentence, data, *LANGUAGES[code])
        self.assertGreaterEqual(texts, TEXTS)
        self.assertGreater(sentences, texts)

    def _check(self, sentence, data, point, ups, downs, below, above):
        rest = sentence
        said = (name for name in data.names if name[1:] in sentence)
        for name in sorted(said, key=len, reverse=True):
            rest = rest.replace(name, " ")
            # a sentence may begin with it
            rest = rest.removeprefix(name[:1].upper() + name[1:])
        for text in NUMBER.findall(rest):
            self._check_number(text.translate(SPACES), data, point)
        direction = [any(word in rest for word in words) for words in (ups, downs)]
        if any(direction):
            self.assertNotEqual(*direction)
            expected = {data.change, data.slope} if data.slope else {data.change}
            self.assertIn(1 if direction[0] else -1, {_sign(each) for each in expected})
            said = data.slope if ups[1] in rest or downs[1] in rest else data.change
            self.assertEqual(_sign(said), 1 if direction[0] else -1)
        if below in rest or above in rest:
            gaps = [value - target for value, target in data.judged]
            self.assertIn(-1 if below in rest else 1, map(_sign, gaps))
        if rest == sentence:
            # what names nothing is about the KPI that the text is about
            self.assertNotRegex(rest, r"[“„«]")

    def _check_number(self, text, data, point):
        other = "," if point == "." else "."
        plain = text.replace(other, "").replace(point, ".")
        digits = len(plain.partition(".")[2])
        off = min(abs(float(plain) - abs(number)) for number in data.numbers)
        self.assertLessEqual(off, 0.5 * 10**-digits + 1e-6 * float(plain), text)


class _Data:
    """What is known of a KPI, read without what writes the texts."""

    def __init__(self, kpi, names):
        env = kpi.env
        calendar = kpi.definition_id.calendar_id
        running = calendar._period("month", calendar._today())
        facts = env["kpi.measurement"].search_read(
            [
                ("report_id", "=", kpi.id),
                ("grain", "=", "month"),
                ("period_start", "<=", running.start),
            ],
            ["period_start", "value"],
            order="period_start",
        )
        closed = [each for each in facts if each["period_start"] < running.start]
        values = [each["value"] for each in closed[-WINDOW - 2 :]]
        starts = [each["period_start"] for each in closed[-WINDOW - 2 :]]
        self.names = {kpi.kpi_name, *names}
        days = {*starts, running.start}
        self.numbers = [*values]
        self.judged = []
        judged = kpi._get_judged_values("month", min(days), max(days))[kpi]
        forecast = kpi.predictive_ids
        trend = kpi.trend_ids
        last = judged.get(starts[-1]) if starts else None
        known = [last and (last.value, last.target)]
        coming = judged.get(running.start)
        known.append(coming and (forecast.expected_value, coming.target))
        for pair in filter(None, known):
            if pair[1] is not None and pair[0] is not False:
                self.judged.append(pair)
                self.numbers += [pair[0], pair[1], pair[0] - pair[1]]
        if last:
            self.numbers += [each for each in (last.low, last.high) if each is not None]
        self.change = values[-1] - values[-2] if len(values) > 1 else 0.0
        self.numbers.append(self.change)
        if len(values) > 3:
            if values[-2]:
                self.numbers.append(100 * self.change / values[-2])
            sizes = [
                abs(after - before)
                for before, after in zip(values, values[1:-1], strict=False)
            ]
            usual = median(sizes) or sum(sizes) / len(sizes)
            if usual:
                self.numbers.append(self.change / usual)
            change = kpi.explain_change(starts[-2], starts[-1])
            self.names |= {part["label"] for part in change["parts"]}
            self.numbers += [part["part"] for part in change["parts"]]
        self.slope = (trend.performance_velocity or 0.0) * PER_MONTH
        chance = max(forecast.target_probability or 0.0, 1.0)
        self.numbers += [self.slope, trend.streak or 0, chance]
        for anomaly in env["kpi.anomaly"].search([("report_id", "=", kpi.id)]):
            self.numbers += [anomaly.value or 0.0, anomaly.expected or 0.0]
            days |= {anomaly.oddest_start, anomaly.period_start}
        self.names |= {kpi._get_period_label(day, "month") for day in days}


def _sign(number):
    return (number > 0) - (number < 0)
