"""The words and the case that terms have: what hits, and what passes."""

import re
import subprocess
from types import SimpleNamespace

import polib
import pytest

import letter_case
import odoo_words
import pot
import words
import words_check
from addons import ROOT, Addon
from letter_case import SENTENCE, TITLE
from term_places import Places

ODD = [
    ("say", "A rule says who is notified."),
    ("tell", "The message tells the owner."),
    ("told", "Nothing else is told."),
    ("whoever", "Whoever submitted it can change it."),
    ("who-subject", "Only who does it can end it."),
    ("who-subject", "Who certifies"),
    ("anew", "Submit it anew."),
    ("goes-on", "This alert goes on."),
    ("meanwhile", "It was changed meanwhile."),
    ("comes-of", "Leads and what became of them"),
    ("answer-for", "People who answer for KPIs"),
    ("so-long", "Notify again after so long, for so long."),
    ("besides", "Read it beside the win rate."),
    ("all-the-same", "Mark it as reviewed all the same?"),
    ("by-now", "Share that is confirmed by now."),
    ("of-its-own", "Products without a rate of their own"),
    ("nobody", "nobody has it yet"),
    ("somebody", "Choose somebody else."),
    ("nothing-subject", "Nothing was imported."),
    ("what-is", "Distance from what was expected"),
    ("is-to", "The reward is to be delivered."),
    ("stands", "a deal that stands still"),
    ("up-to-what", "Who has it, and until when"),
    ("hand", "Only officers can hand over."),
    ("once-more", "The row does not exist any more."),
    ("may-not", "Costs that you may not see"),
    ("judge", "How the value is judged"),
    ("in-place-of", "In Place of Others"),
    ("question-title", "Will It Get Worse?"),
    ("percent-space", "Expected of %s (80 %%)"),
    ("percent-space", "%(share)s %% of revenue"),
    ("percent-space", "Share: %s %"),
    ("percent-space", "{share} % of revenue"),
    ("percent-space", "12\N{NO-BREAK SPACE}%"),
    ("else", "The forecast, else the plan."),
    ("empty-now", "Empty: any address."),
    ("empty-now", "Notify again after these hours. 0 = never."),
    ("cannot-tell", "The data cannot tell."),
    ("on-the-past", "Try on the Past"),
    ("after-which", "Hours after which it escalates"),
    ("british", "Realised Benefits"),
    ("british", "Enter a colour."),
    ("of-today", "the targets of today"),
    ("fires", "The rule fires twice."),
    ("kept", "Values are kept."),
    ("sight", "out of sight"),
]
FINE = [
    "A rule defines when a KPI needs attention and who is notified.",
    "The approver’s comment",
    "%(told)s of {judged} values, `anew`",
    '<field name="nobody"/> values',
    "The analyses are up to date.",
    "“%s” is unknown. Its app may not be installed.",
    "Receivables past their due date",
    "Which KPIs are off target?",
    "Programmers enroll and fulfill.",
    "Quotations by date, whatever their outcome",
    "Expected (80%)",
    "%(share)s%% of %(total)s, {growth}%",
    "%s %(unit)s on %d %B",
    "Leave empty to include all teams. 0 means no limit.",
    "Choose who can see this dashboard.",
    "You can go on writing until one of you signs.",
]


@pytest.mark.parametrize(("name", "text"), ODD)
def test_an_odd_word_is_found(name, text):
    assert name in {found for found, _word, _instead in words.find_words(text)}


@pytest.mark.parametrize("text", FINE)
def test_plain_english_passes(text):
    assert not list(words.find_words(text))


def test_each_word_has_a_replacement_and_a_case_here():
    names = [name for name, _pattern, instead in words.OUR_WORDS if instead]
    assert len(set(names)) == len(words.OUR_WORDS)
    assert {name for name, _text in ODD} <= set(names)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Sent back", "Sent Back"),
        ("Half a year On Target", "Half a Year On Target"),
        ("Number Of The Orders", "Number of the Orders"),
        ("KPI: send scheduled emails", "KPI: Send Scheduled Emails"),
        ("Discard the draft?", "Discard the Draft?"),
        ("alert me", "Alert Me"),
        ("At Risk", "At risk"),
        ("OFF TRACK (%s)", "Off track (%s)"),
        ("of the Team", "Of the Team"),
    ],
)
def test_a_label_in_the_wrong_case(text, right):
    assert letter_case.wrong_case(text, TITLE) == right


@pytest.mark.parametrize(
    "text",
    [
        "To Approve", "Created on", "Delay (days)", "KPI", "On track", "Off track",
        "KPIs Off Track", "Three: On track, At risk, Off track", "Forecast, Low (95%)",
        "Values of %(name)s", "Import as CSV",
        "Sign In", "iCal Feed", "Open “next week” Now", "Follow-ups", "Zone From (%)",
        "P90 by Month", "e.g. a table of orders", "%", "Turned On By", "Map to…",
    ],
)  # fmt: skip
def test_labels_that_pass(text):
    assert letter_case.wrong_case(text, TITLE) is None


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Values By Person", "Values by person"),
        ("No Open Alerts", "No open alerts"),
        ("At Risk", "At risk"),
    ],
)
def test_a_sentence_in_the_wrong_case(text, right):
    assert letter_case.wrong_case(text.replace(" By ", " by "), SENTENCE) == right


@pytest.mark.parametrize(
    "text",
    [
        "Open the Settings.", "No open alerts", "On track", "3 at risk", "KPI API",
        "Values from HubSpot", "e.g. Sales Order", "Read by Odoo", "Choose “Alert Me”",
        "From Monday to Friday", "%(kpi)s · %(person)s", "Open",
    ],
)  # fmt: skip
def test_sentences_that_pass(text):
    assert letter_case.wrong_case(text, SENTENCE) is None


VIEW = """<odoo><record><field><form string="Sample sheet"><button string="Send back"
 confirm="Send Back Now?"/><page string="Who it is"/><p>Some text</p>
 <field name="a" string="A column" placeholder="Any Name"/></form></field></record>
</odoo>
"""
SCREEN = """<templates><t t-name="a"><Dialog title="'x'" title.translate="Show more">
<button title="Show It Again"><i/>Show all</button><button><t t-if="1">Send
 now</t><b>A Card</b><i/></button><p>In Other Words</p></Dialog></t>
</templates>"""
SCRIPT = """
dialog.add(ConfirmationDialog, { title: _t("Discard it?"), body: _t("Values Are Lost"),
  confirmLabel: _t("Discard all") });
const chip = { title: _t("Large Chip") };
"""
MODEL = """
def action_open(self):
    self.message = self.env._("Any Text")
    return {"type": "ir.actions.act_window", "name": self.env._("Open rows")}
"""


@pytest.fixture
def sample(tmp_path):
    files = {"views/a.xml": VIEW, "static/src/a.xml": SCREEN, "static/src/a.js": SCRIPT}
    for name, text in {**files, "models/a.py": MODEL}.items():
        path = tmp_path / "kpi_sample" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "kpi_sample"


def entry(text, place):
    return polib.POEntry(msgid=text, occurrences=[(place, "0")])


ARCH = "model_terms:ir.ui.view,arch_db:kpi_sample.view"


@pytest.mark.parametrize(
    ("text", "place", "case"),
    [
        ("Sample sheet", ARCH, TITLE),
        ("Send back", ARCH, TITLE),
        ("Who it is", ARCH, TITLE),
        ("A column", ARCH, TITLE),
        ("Send Back Now?", ARCH, SENTENCE),
        ("Any Name", ARCH, SENTENCE),
        ("Some text", ARCH, None),
        ("Show more", "code:addons/kpi_sample/static/src/a.xml", TITLE),
        ("Show all", "code:addons/kpi_sample/static/src/a.xml", TITLE),
        ("Send now", "code:addons/kpi_sample/static/src/a.xml", TITLE),
        ("A Card", "code:addons/kpi_sample/static/src/a.xml", None),
        ("Show It Again", "code:addons/kpi_sample/static/src/a.xml", None),
        ("In Other Words", "code:addons/kpi_sample/static/src/a.xml", SENTENCE),
        ("Discard it?", "code:addons/kpi_sample/static/src/a.js", TITLE),
        ("Discard all", "code:addons/kpi_sample/static/src/a.js", TITLE),
        ("Values Are Lost", "code:addons/kpi_sample/static/src/a.js", SENTENCE),
        ("Large Chip", "code:addons/kpi_sample/static/src/a.js", SENTENCE),
        ("Open rows", "code:addons/kpi_sample/models/a.py", TITLE),
        ("Any Text", "code:addons/kpi_sample/models/a.py", None),
        ("Menu", "model:ir.ui.menu,name:kpi_sample.menu", TITLE),
        ("Height", "model:ir.model.fields,field_description:kpi_sample.f", TITLE),
        ("Height", "model:ir.model.fields,help:kpi_sample.f", SENTENCE),
        ("Tall", "model:ir.model.fields.selection,name:kpi_sample.s", TITLE),
        ("Tall", "model:ir.model.constraint,message:kpi_sample.c", SENTENCE),
        ("Order Value", "model:kpi.gallery.kpi,name:kpi_sample.k", TITLE),
    ],
)
def test_a_place_decides_on_the_case(sample, text, place, case):
    assert Places(sample).cases(entry(text, place)) == ({case} if case else set())


def test_the_check_prints_term_place_and_replacement(sample):
    menu, arch = "model:ir.ui.menu,name:kpi_sample.menu", ARCH
    code = "code:addons/kpi_sample/static/src/a.js"
    addon = SimpleNamespace(name="kpi_sample", path=sample)
    entries = [
        entry("Open alerts", menu),
        entry("Nobody is here", arch),
        entry("word " * 31, arch),
        entry("My Screen", code),
        entry("Large Chip", code),
        entry("Number of errors", menu),
    ]
    assert list(pot.odd_terms(addon, entries, {"My Screen"})) == [
        f"'Open alerts' ({menu}): Title Case: 'Open Alerts'",
        f"'Nobody is here' ({arch}): “Nobody”: write no one; unassigned; not … yet",
        f"{'word ' * 31!r} ({arch}): 31 words, at most 30",
        f"'Large Chip' ({code}): sentence case: 'Large chip'",
    ]


def test_an_exception_has_a_reason(tmp_path, monkeypatch):
    file = tmp_path / "allowed.txt"
    monkeypatch.setattr(words, "ALLOWED", file)
    file.write_text("# a quotation\nNobody knows\n  the trouble.\nSo what\n")
    words.allowed_texts.cache_clear()
    try:
        assert words.is_allowed("So what")
        assert not words.is_allowed("So what else")
        file.write_text("# a quotation\nNobody knows\n\nSo what\n")
        words.allowed_texts.cache_clear()
        with pytest.raises(ValueError, match="no reason above 'So what'"):
            words.is_allowed("So what")
    finally:
        words.allowed_texts.cache_clear()


def test_texts_outside_of_templates_are_read(tmp_path, monkeypatch, capsys):
    addon = tmp_path / "kpi_sample"
    files = {
        "README.md": "All is well.\n\n```\nnobody\n```\n",
        "docs/a.md": "One line.\nSomebody is `nobody`.\n",
        "kpi_sample/__manifest__.py": '{"name": "Sample", "summary": "Says so"}\n',
        "kpi_sample/schemas/a.py": '"""Told."""\nA = Field(description="Made anew")\n',
        "kpi_sample/controllers/a.py": '''class Api:
    """Told."""
    get_all = ROWS.list("Rows of whoever asks")

    @ROWS.get("One row", example="x")
    def get_one(self, row):
        """A row, meanwhile."""

    def _told(self):
        """Told."""
''',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(words_check, "ROOT", tmp_path)
    monkeypatch.setattr(words_check, "our_addons", lambda: _addons(addon))
    assert words_check.main() == 1
    found = capsys.readouterr().out.splitlines()
    assert [line.partition(": write")[0] for line in found] == [
        "docs/a.md:2: “Somebody”",
        "kpi_sample/__manifest__.py:1: “Says”",
        "kpi_sample/schemas/a.py:2: “anew”",
        "kpi_sample/controllers/a.py:3: “whoever”",
        "kpi_sample/controllers/a.py:6: “meanwhile”",
    ]


def _addons(path):
    return {path.name: Addon(path)}


def test_comments_on_changed_lines_are_read(tmp_path, monkeypatch, capsys):
    def git(*arguments):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", "-C", tmp_path, *who, *arguments], check=True)

    def commit():
        git("add", ".")
        git("commit", "--quiet", "--message=a")

    def found():
        status = words_check.main()
        lines = capsys.readouterr().out.splitlines()
        assert status == bool(lines)
        return [line.partition(": write")[0] for line in lines]

    former = '"""A page,\nanew."""\n# told\nx = 1\n'
    file = tmp_path / "a.py"
    file.write_text(former)
    monkeypatch.setattr(words_check, "ROOT", tmp_path)
    monkeypatch.setattr(words_check, "our_addons", dict)
    assert found() == []  # without a history
    git("init", "--quiet", "--initial-branch=main")
    commit()
    assert found() == []
    git("checkout", "--quiet", "-b", "branch")
    file.write_text(former.replace("page", "judge").replace("1", '"told"  # meanwhile'))
    commit()
    (tmp_path / "b.js").write_text('const a = "https://whoever"; // meanwhile\n')
    (tmp_path / "c.xml").write_text("<odoo>\n<!-- any\ntold -->anew</odoo>\n")
    lines = ["a.py:1: “judge”", "a.py:4: “meanwhile”"]
    assert found() == [*lines, "b.js:1: “meanwhile”", "c.xml:3: “told”"]
    # on the main branch: what is not pushed, or else the last commit
    git("clean", "--quiet", "--force")
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "branch")
    assert found() == sorted(lines)
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    file.write_text(file.read_text() + "# anew\n")
    commit()
    assert found() == ["a.py:5: “anew”"]


def test_sequences_that_odoo_never_uses():
    texts = [
        f"%(count)s KPIs: nobody wrote <b>{each}</b> values" for each in "abcdefgh"
    ]
    ours = odoo_words.count([*texts, "a tile", "values of nobody knows"])
    odoo = odoo_words.count(["Wrote some values", "So many rows"])
    assert odoo_words.unusual(ours, odoo, {"kpis"}) == ["nobody"]
    assert ours["nobody wrote"] == 8
    assert odoo_words.unusual(ours, odoo, {"kpis", "nobody"}) == []
    assert odoo_words.unusual(ours, odoo, {"kpis", "nobody wrote"}) == ["nobody"]
    assert "kpis nobody" not in ours  # the colon ends a sequence
    assert odoo_words.unusual(ours, ours, set()) == []


def test_templates_of_ten_addons_of_odoo_are_installed():
    assert len(odoo_words.templates_of_odoo()) == 10


def test_the_demo_company_has_american_spelling():
    files = sorted((ROOT / "kpi_demo/facts").glob("*.json"))
    assert files
    found = [
        (file.name, hit)
        for file in files
        for text in re.findall(r'"([^"]*)"', file.read_text(encoding="utf-8"))
        if text != text.lower() or " " in text  # others are keys and codes
        for name, hit, _instead in words.find_words(text)
        if name == "british"
    ]
    assert not found
