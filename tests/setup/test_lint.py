"""setup/lint finds what each of its tools is for, in a small separate tree."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import lint_samples as samples
import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))
NOQA = "noqa"  # so that this file switches nothing off
CONFIGURATION = (
    ".npmrc .prettierrc.json .pylintrc eslint.config.mjs package-lock.json"
    " package.json pyproject.toml setup stylelint.config.mjs"
).split()
MANIFEST = """{
    "name": "Sample",
    "summary": "An addon to look at",
    "version": "19.0.1.0.0",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": %s,
}
"""
MODELS = """from odoo import fields, models


class KpiSampleMixin(models.AbstractModel):
    _name = "kpi.sample.mixin"
    _description = "Sample Mixin"


class KpiSample(models.Model):
    _name = "kpi.sample"
    _inherit = ["kpi.sample.mixin"]
    _description = "Sample"

    height = fields.Float("Height Above Sea")
"""
EXTENSION = """from odoo import fields, models


class KpiSampleMixin(models.AbstractModel):
    _inherit = "kpi.sample.mixin"

    depth = fields.Float("Depth Below Sea")
"""
README = """======
Sample
======

*Heights* & ``depths``.

Usage
=====

- Look.
"""
PAGE = """<section class="container mb-4">
<p><em>Heights</em> &amp; <code>depths</code>.</p>
</section>
<section class="container mb-4">
<h2>By month</h2>
<p><img src="by-month.png" alt="By month" class="img-fluid"/></p>
</section>
<section class="container mb-4">
<h2>Usage</h2>
<ul><li><p>Look.</p>
</li>
</ul>
</section>
"""
# Each waits for the other to begin: one after the other they never end.
MEETING = """import sys
import time
from pathlib import Path

folder = Path(sys.argv[0]).parent
(folder / "{me}.began").touch()
while not (folder / "{other}.began").exists():
    time.sleep(0.05)
print("{me} met {other}")
sys.exit(1)
"""
ENDLESS = """import os, pathlib, sys, time
began = pathlib.Path(sys.argv[0]).with_suffix(".began")
began.with_suffix(".new").write_text(str(os.getpid()))
began.with_suffix(".new").rename(began)
time.sleep(300)
"""
OLD_TEMPLATE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

#. module: kpi_sample
#: model:ir.model.fields,field_description:kpi_sample.field_kpi_sample__height
msgid "Height Above Ground"
msgstr ""
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A tree with the commands, their configuration and an addon without faults."""
    root = tmp_path_factory.mktemp("tree")
    for name in CONFIGURATION:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    write_addon(root / "kpi_sample", ["base"], MODELS)
    return root


def write_addon(folder, depends, models):
    (folder / "models").mkdir(parents=True)
    (folder / "__init__.py").write_text("from . import models\n")
    (folder / "models" / "__init__.py").write_text("from . import kpi_sample\n")
    (folder / "models" / "kpi_sample.py").write_text(models)
    depends = str(depends).replace("'", '"')
    (folder / "__manifest__.py").write_text(MANIFEST % depends)
    (folder / "README.rst").write_text("Sample\n======\n")


def lint(tree, *arguments):
    """Runs the tree's own command with the tools that this machine has already."""
    return subprocess.run(
        [tree / "setup" / "lint", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=900,
    )


def heed_ctrl_c():
    """As on a terminal: what a shell runs in the background is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment():
    unset = ("PYTHONPATH", "KPI_LONG")
    return {name: text for name, text in os.environ.items() if name not in unset}


@pytest.fixture
def replaced(tree):
    """Puts a program in the place of one of the tree's own tools, until the end."""
    library = tree / "setup" / "lib"
    own = {tool: library / f"{tool}.py" for tool in ("layers", "reasons")}
    texts = {tool: path.read_text() for tool, path in own.items()}
    yield lambda tool, text: own[tool].write_text(text)
    for tool, path in own.items():
        path.write_text(texts[tool])
        path.with_suffix(".began").unlink(missing_ok=True)


# tool, file with a fault, what it holds, what the tool says of it
FAULTS = [
    ("ruff", "models/unused.py", "import os\n", "F401"),
    ("ruff", "models/sorted.py", "from odoo import a\nimport re\na, re\n", "I001"),
    ("ruff", "models/long.py", f"A = '{'x' * 90}'\n", "E501"),
    ("format", "models/laid_out.py", "A = {'a':1}\n", '+A = {"a": 1}'),
    ("pylint", "models/printed.py", "print(1)\n", "print-used"),
    ("eslint", "static/src/page.js", "document.body.innerHTML = 1;\n", "Owl"),
    ("eslint", "static/src/let.js", "let a = 1;\nexport { a };\n", "prefer-const"),
    ("prettier", "static/src/quoted.js", "export const a = 'a'\n", "quoted.js"),
    ("prettier", "static/src/a.scss", ".a{color:red}\n", "a.scss"),
    ("stylelint", "static/src/s.scss", ".a{font-size: 13px}\n", "font-size"),
    ("stylelint", "static/src/w.scss", ".a{font-weight: 600}\n", "font-weight"),
    ("stylelint", "static/src/c.scss", ".a{color: #ff0000}\n", "#ff0000"),
    ("stylelint", "static/src/g.scss", ".a{row-gap: 3px}\n", "row-gap"),
    ("stylelint", "static/src/p.scss", ".a{padding: 0.3rem}\n", "padding"),
    ("stylelint", "static/src/t.css", ".a{transition: color 1s}\n", "transition"),
    ("shellcheck", "../setup/a", "#!/bin/bash\ncd $1\n", "SC2086"),
    ("reasons", "models/off.py", f"import os  # {NOQA}: F401\n", "off.py:1"),
    ("words", "schemas/kpi.py", 'A = "Nobody asked"\n', "“Nobody”: write no one"),
    ("layers", "engine/impure.py", "import odoo\n", "pure code imports odoo"),
]


@pytest.fixture(scope="module")
def found(tree):
    """Tool → what it says of a tree with one addon without faults."""
    tools = dict.fromkeys(fault[0] for fault in FAULTS)
    addon = tree / "kpi_faulty"
    write_addon(addon, ["base"], MODELS.replace("kpi.sample", "kpi.faulty"))
    for _tool, file, content, _finding in FAULTS:
        write(addon / file, content)
    write_samples(tree)
    try:
        run = lint(tree, "--long", *tools)
    finally:
        for faulty in (addon, *tree.glob("kpi_manifest_*")):
            shutil.rmtree(faulty)
        (tree / "setup" / "a").unlink()
    assert run.returncode == 1
    named = re.search(r"lint: (.*) found something\.$", run.stderr.strip())[1]
    assert set(named.split()) == set(tools)
    return dict(
        re.findall(r"(?ms)^(\w+)  +(.*?)(?=^\w+  +(?:ok|FAILED)|\Z)", run.stdout)
    )


def write_samples(tree):
    """A file for each rule, named after it, and addons with faulty manifests."""
    addon = tree / "kpi_faulty"
    write(addon / "__init__.py", samples.PACKAGE)
    ruff = {rule: text for rule, (_code, text) in samples.RUFF.items()}
    for rule, text in {**samples.MODELS, **samples.INFERRED, **ruff}.items():
        write(addon / "models" / file_of(rule), text)
    for rule, text in samples.TESTS.items():
        write(addon / "tests" / "models" / file_of(rule), text)
    for number, (_rules, manifest) in enumerate(samples.MANIFESTS):
        write(tree / f"kpi_manifest_{number}" / "__manifest__.py", f"{manifest}\n")
        write(tree / f"kpi_manifest_{number}" / "migrations/19.0.1.0.0/pre.py", "")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def file_of(rule):
    return rule.replace("-", "_") + ".py"


@pytest.mark.parametrize(
    ("tool", "finding"), [(fault[0], fault[3]) for fault in FAULTS]
)
def test_each_tool_names_what_it_finds(found, tool, finding):
    assert found[tool].startswith("FAILED")
    assert finding in found[tool]
    assert "kpi_sample" not in found[tool]


@pytest.mark.parametrize("rule", [*samples.MODELS, *samples.INFERRED])
def test_each_rule_of_pylint_finds_its_sample(found, rule):
    assert is_found(found, f"kpi_faulty/models/{file_of(rule)}", rule)


@pytest.mark.parametrize("rule", samples.TESTS)
def test_some_rules_of_pylint_find_their_sample_among_tests(found, rule):
    assert is_found(found, f"kpi_faulty/tests/models/{file_of(rule)}", rule)


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (number, rule)
        for number, (rules, _manifest) in enumerate(samples.MANIFESTS)
        for rule in sorted(rules)
    ],
)
def test_rules_of_manifests_find_their_sample(found, number, rule):
    assert is_found(found, f"kpi_manifest_{number}/__manifest__.py", rule)


def test_a_package_that_imports_its_tests_is_found(found):
    assert is_found(found, "kpi_faulty/__init__.py", "test-folder-imported")


def is_found(found, file, rule):
    """Whether pylint names the rule in a line of the file."""
    line = rf"^ *{re.escape(file)}:\d+:\d+: .* \({rule}\)$"
    return re.search(line, found["pylint"], re.MULTILINE)


@pytest.mark.parametrize("rule", samples.RUFF)
def test_ruff_finds_what_pylint_did(found, rule):
    code = samples.RUFF[rule][0]
    place = rf"^ *{code} .*\n *--> kpi_faulty/models/{file_of(rule)}:"
    assert re.search(place, found["ruff"], re.MULTILINE)


def test_each_rule_of_pylintrc_has_a_sample():
    text = (ROOT / ".pylintrc").read_text().partition("enable=")[2]
    of_manifests = set().union(*(rules for rules, _manifest in samples.MANIFESTS))
    assert set(re.findall("[a-z-]+", text)) == {
        *samples.MODELS,
        *samples.WITHOUT_SAMPLE,
        *of_manifests,
        "test-folder-imported",
    }


def test_pylint_finds_again_what_is_not_mended(tree):
    path = tree / "kpi_sample" / "models" / "printed.py"
    path.write_text("print(1)\n")
    try:
        for _again in range(2):
            process = lint(tree, "pylint")
            assert process.returncode == 1
            assert "kpi_sample/models/printed.py:1:0" in process.stdout
    finally:
        path.unlink()
    assert lint(tree, "pylint").returncode == 0


def test_a_page_follows_the_readme_and_the_pictures(tree):
    addon = tree / "kpi_sample"
    page = addon / "static" / "description" / "index.html"
    assert "kpi_sample/static/description/index.html" in lint(tree, "pages").stdout
    assert not page.exists()
    page.parent.mkdir(parents=True)
    manifest = addon / "__manifest__.py"
    pictures = '{"images": ["static/description/by-month.png"],'
    manifest.write_text(manifest.read_text().replace("{", pictures, 1))
    (addon / "README.rst").write_text(README)
    lint(tree, "--fix", "pages")
    assert page.read_text() == PAGE
    assert lint(tree, "pages").returncode == 0
    (addon / "README.rst").write_text(README + "\nMore.\n")
    assert lint(tree, "pages").returncode == 1


def test_fix_repairs_layout(tree):
    path = tree / "kpi_sample" / "models" / "b.py"
    path.write_text("import re\nimport os\nA = [os,re]\n")
    try:
        lint(tree, "--fix", "ruff", "format")
        assert path.read_text() == "import os\nimport re\n\nA = [os, re]\n"
    finally:
        path.unlink()


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="has one processor")
def test_tools_run_beside_each_other_and_are_told_in_order(tree, replaced):
    replaced("layers", MEETING.format(me="layers", other="reasons"))
    replaced("reasons", MEETING.format(me="reasons", other="layers"))
    process = lint(tree, "reasons", "layers", "ruff")
    assert [line.split()[:2] for line in process.stdout.splitlines()] == [
        ["ruff", "ok"],
        ["layers", "FAILED"],
        ["layers", "met"],
        ["reasons", "FAILED"],
        ["reasons", "met"],
    ]
    assert process.stderr.strip().endswith("lint: layers reasons found something.")


def test_a_tool_that_was_killed_has_not_passed(tree, replaced):
    """Not even where the shell that ran it went with it."""
    replaced("reasons", "import os\nos.killpg(0, 9)\n")
    process = lint(tree, "reasons")
    assert process.returncode == 1
    assert process.stdout.split()[:2] == ["reasons", "FAILED"]
    assert "reasons was killed." in process.stdout


def test_ctrl_c_ends_the_tools(tree, replaced):
    replaced("reasons", ENDLESS)
    began = tree / "setup" / "lib" / "reasons.began"
    process = subprocess.Popen(
        [tree / "setup" / "lint", "reasons"],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    while not began.exists():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert said.strip().endswith("lint: interrupted; run it again to go on.")
    with pytest.raises(ProcessLookupError):
        os.kill(int(began.read_text()), 0)


def test_counts_are_printed_instead_of_findings(tree):
    process = lint(tree, "--counts")
    assert process.returncode == 0
    table, _blank, places = process.stdout.partition("\n\n")
    assert [line.split()[0] for line in table.splitlines()] == [
        "addon",
        "kpi_sample",
        "setup",
    ]
    assert "setup/lib/" in places


def test_unknown_tool_is_refused(tree):
    process = lint(tree, "rubocop")
    assert process.returncode == 1
    assert "rubocop" in process.stderr


@pytest.mark.long
def test_template_of_terms_is_compared_and_written(tree):
    write_addon(tree / "kpi_other", ["kpi_sample"], EXTENSION)
    template = tree / "kpi_sample" / "i18n" / "kpi_sample.pot"
    template.parent.mkdir()
    template.write_text(OLD_TEMPLATE)
    process = lint(tree, "pot")
    assert process.returncode == 1
    assert "- 'Height Above Ground'" in process.stdout
    assert "+ 'Height Above Sea'" in process.stdout
    assert template.read_text() == OLD_TEMPLATE

    # Odoo leaves a file out that it cannot read, with the terms below. No database is
    # made for what lies among the tests.
    unread = tree / "kpi_other" / "tests" / "unread.py"
    unread.parent.mkdir()
    unread.write_text(
        'A = {(b"%PDF",): _lt("A PDF."), (b"PK", b"7z"): _lt("A ZIP.")}\n'
    )
    try:
        process = lint(tree, "--fix", "pot")
    finally:
        shutil.rmtree(unread.parent)
    assert process.returncode == 1
    assert "Failed to extract terms" in process.stdout
    assert str(unread) in process.stdout
    terms = {entry.msgid for entry in polib.pofile(str(template))}
    assert "Height Above Sea" in terms
    # the model has that field too, through the mixin, but its addon does not bring it
    assert "Depth Below Sea" not in terms
    others = polib.pofile(str(tree / "kpi_other" / "i18n" / "kpi_other.pot"))
    assert others.find("Depth Below Sea")

    others.remove(others.find("A PDF."))
    others.save(newline="\n")
    process = lint(tree, "pot")
    assert process.returncode == 0, process.stdout


@pytest.mark.parametrize(
    ("lines", "numbers"),
    [
        (["import os  # no~qa: F401"], [1]),
        (["import os  # no~qa"], [1]),
        (["import os  # no~qa: F401 read by the loader"], []),
        (["# The loader reads it.", "import os  # no~qa: F401"], []),
        # a comment of one word explains nothing
        (["# os", "import os  # no~qa: F401"], [2]),
        # one reason for several lines in a row, as long as it is the same rule
        (["a  # no~qa: F821 the shell gives it", "b  # no~qa: F821"], []),
        (["a  # no~qa: F821 the shell gives it", "b  # no~qa: B018"], [2]),
        (["a  # no~qa: F821 the shell gives it", "", "b  # no~qa: F821"], [3]),
        (["x = eval(a)  # pylint: ~disable=eval-used"], [1]),
        (["x = eval(a)  # pylint: ~disable=eval-used  # a was parsed above"], []),
        (["# shellcheck ~disable=SC2086", "ls $A"], [1]),
        (["# split into words on purpose", "# shellcheck ~disable=SC2086"], []),
        (["a(); // eslint-~disable-line no-undef"], [1]),
        (["a: 1px; // stylelint-~disable-line color-no-hex"], [1]),
        (["a(); // eslint-~disable-line no-undef -- the page defines it"], []),
        (["x = 1  # type: ~ignore[assignment]"], [1]),
        (["# shellcheck shell=bash", "# shellcheck source=lib/common.sh"], []),
    ],
)
def test_switched_off_rules_without_a_reason(lines, numbers):
    from reasons import places_without_reason

    lines = [line.replace("~", "") for line in lines]  # else this file has them all
    assert [number for number, _marker in places_without_reason(lines)] == numbers
