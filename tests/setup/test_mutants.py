"""``setup/mutants`` in a small tree: which changes its tests notice."""

import ast
import os
import shutil
import signal
import subprocess
import time

import pytest

from addons import ROOT
from mutations import find_mutations

PARTS = ("conftest.py", "pyproject.toml", "setup")
PERIODS = '''"""Periods."""

SHARES = {"half": 0.5}


def is_late(day, due):
    """Whether it is late."""
    return day > due


def length(start, stop):
    while start < stop:
        start += 1
    return start


def half(number):
    return number * SHARES["half"]


def nobody_calls(number):
    return number + 1
'''
TESTS = """from ...engine.periods import half, is_late, length


def test_length():
    assert length(1, 4) == 4


def test_half():
    assert half(3) == 1.5


def test_late():
    assert is_late(2, 1)
    assert not is_late(0, 1)  # and on the day itself?
"""
QUICK = """def seconds():
    return 0
"""
# waits where its mutant gives 1
WAITING = """import os
import time
from pathlib import Path

from ...engine.quick import seconds


def test_seconds(tmp_path):
    if seconds():
        tmp_path.joinpath("made").touch()
        began = Path(os.environ["KPI_BEGAN"])
        began.with_suffix(".new").write_text(f"{os.getpid()} {tmp_path}")
        began.with_suffix(".new").rename(began)
        time.sleep(300)
"""


@pytest.fixture
def tree(tmp_path):
    """A repository with the commands and two addons; one has no tests of its code."""
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    _shorten_limit(tmp_path / "setup/lib/mutant_tests.py")
    write(tmp_path, "kpi_one/engine/periods.py", PERIODS)
    write(tmp_path, "kpi_one/tests/engine/test_periods.py", TESTS)
    write(tmp_path, "kpi_two/schemas/forms.py", "LONGEST = 20\n")
    write(tmp_path, ".gitignore", "__pycache__/\n")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def _shorten_limit(file):
    """A mutant that does not end is killed after a second of a processor."""
    text = file.read_text()
    assert "\nMIN_SECONDS = 3\n" in text
    file.write_text(text.replace("\nMIN_SECONDS = 3\n", "\nMIN_SECONDS = 1\n"))


def write(root, name, text):
    """A file; an addon and packages around it where there are none."""
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    addon, *folders = file.relative_to(root).parts[:-1] or [None]
    if addon:
        (root / addon / "__manifest__.py").write_text("{}\n")
        for depth in range(len(folders) + 1):
            root.joinpath(addon, *folders[:depth], "__init__.py").touch()


def git(tree, *arguments):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    command = ["git", "-C", tree, *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit(tree):
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "tree")
    git(tree, "update-ref", "refs/remotes/origin/main", "HEAD")


def mutants(tree, *arguments):
    """Runs the tree's own command with the tools that this machine has already."""
    return subprocess.run(
        [tree / "setup/mutants", *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )


def environment(**variables):
    return {**os.environ, "PYTHONPATH": "", **variables}


def survivors(process):
    assert process.returncode == 0, process.stderr
    lines = process.stdout.splitlines()
    return [line.strip() for line in lines if line.startswith("    ")]


def test_survivors_are_listed_and_the_files_stay_as_they_are(tree):
    process = mutants(tree, "kpi_one")
    file, unnoticed = "kpi_one/engine/periods.py", "(not run by a test)"
    assert survivors(process) == [
        f"{file}:8: day > due → day >= due",
        f"{file}:22: return number + 1 → return None {unnoticed}",
        f"{file}:22: number + 1 → number - 1 {unnoticed}",
        f"{file}:22: 1 → 2 {unnoticed}",
    ]
    counts, last = process.stdout.splitlines()[0], process.stdout.splitlines()[-1]
    # start -= 1 does not end
    expected = "15 mutants, 11 killed (1 by the time limit), 4 survived"
    assert counts == f"kpi_one/engine: {expected} (3 not run by a test)"
    assert last.startswith(f"{expected} (3 not run by a test), in ")
    assert git(tree, "status", "--porcelain", "--ignored") == ""


def test_without_a_name_a_sample_and_the_lines_that_are_new(tree):
    first = mutants(tree, "--sample", "2")
    assert "kpi_one/engine: 2 mutants" in first.stdout
    assert "kpi_two/schemas: no tests in kpi_two/tests/schemas" in first.stdout
    assert survivors(first) == survivors(mutants(tree, "--sample", "2", "--seed", "0"))

    text = PERIODS.replace("return day > due", "return day > 0 + due")
    write(tree, "kpi_one/engine/periods.py", text)
    write(tree, "kpi_one/engine/added.py", "def is_new(day):\n    return day > 1\n")
    process = mutants(tree, "--sample", "0")
    assert "kpi_one/engine: 9 mutants" in process.stdout
    assert {line.split(": ")[0] for line in survivors(process)} == {
        "kpi_one/engine/added.py:2",
        "kpi_one/engine/periods.py:8",
    }


def test_each_seed_has_a_sample_of_its_own(tree):
    write(tree, "kpi_one/engine/long.py", "def total(a):\n    return a" + " + 1" * 40)
    found = [
        survivors(mutants(tree, "kpi_one/engine/long.py", "--sample", "9", *seed))
        for seed in ([], ["--seed", "1"], ["--seed", "1"])
    ]
    assert len(found[0]) == len(found[1]) == 9
    assert found[0] != found[1] == found[2]


def test_without_a_main_branch_only_the_sample_is_tried(tree):
    git(tree, "update-ref", "-d", "refs/remotes/origin/main")
    write(tree, "kpi_one/engine/periods.py", PERIODS + "\n\nLAST = 1\n")
    process = mutants(tree, "--sample", "1")
    assert "kpi_one/engine: 1 mutant," in process.stdout
    assert "git knows no origin/main" in process.stderr


def test_tests_that_fail_without_a_mutant_are_shown(tree):
    tests = TESTS.replace("half(3) == 1.5", "half(3) == 1.6")
    write(tree, "kpi_one/tests/engine/test_periods.py", tests)
    process = mutants(tree, "kpi_one")
    assert process.returncode == 1
    assert "assert half(3) == 1.6" in process.stderr
    last = process.stderr.strip().splitlines()[-1]
    assert last == "mutants: tests fail without a mutant: kpi_one/engine."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--sampel", "3"], ["--sampel", "--help"]),
        (["--sample", "few"], ["--sample", "few"]),
        (["--seed"], ["--seed"]),
        (["kpi_onne"], ["kpi_onne"]),
        (["kpi_one/tests/engine"], ["kpi_one/tests/engine", "engine"]),
        (["setup"], ["setup"]),
    ],
)
def test_what_it_does_not_understand_is_named(
    tree, assert_one_sentence, arguments, words
):
    assert_one_sentence(mutants(tree, *arguments), *words)


def test_ctrl_c_leaves_no_process_and_no_file(tree, tmp_path_factory):
    write(tree, "kpi_one/engine/quick.py", QUICK)
    write(tree, "kpi_one/tests/engine/test_quick.py", WAITING)
    temporary = tmp_path_factory.mktemp("temporary")
    began = tmp_path_factory.mktemp("began") / "began"
    process = subprocess.Popen(
        [tree / "setup/mutants", "kpi_one/engine/quick.py"],
        env=environment(TMPDIR=str(temporary), KPI_BEGAN=str(began)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for(began.exists)
    pid, folder = began.read_text().split(" ", 1)
    assert os.path.exists(f"{folder}/made")
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode != 0
    assert errors.strip().splitlines()[-1] == "mutants: interrupted."
    assert "Traceback" not in errors
    assert not os.path.exists(f"/proc/{pid}")
    assert list(temporary.iterdir()) == []


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


CHANGES = [
    ("a < b", ["a <= b", "a >= b"]),
    ("a == b", ["a != b"]),
    ("a is None", ["a is not None"]),
    ("a not in b", ["a in b"]),
    ("a // b", ["a / b"]),
    ("'%s' % a", []),
    ("a and b", ["a or b"]),
    ("not a", ["a"]),
    ("1.5", ["2.5"]),
    ("1e150", ["2e+150"]),
    ("True", ["False"]),
    ("'text'", []),  # a table of words
    ("lambda: 'text'", ["XXtext"]),
    ("lambda: f'text {a}'", []),
    ("min(a)", ["max(a)"]),
    ("sorted(a)", ["a"]),
    ("a.strip()", ["a"]),
    ("1 if a else 2", ["2", "not a", "3"]),
]


@pytest.mark.parametrize(("code", "expected"), CHANGES)
def test_changes_of_expressions(code, expected):
    changes = [
        each.after.strip("'") for each in find_mutations(ast.parse(f"_ = {code}"))
    ]
    assert sorted(changes) == sorted(expected)


STATEMENTS = [
    ("return a", ["return None"]),
    ("return None", []),
    ("raise Wrong('text', 1)", ["pass"]),  # its text is not changed
    ("a(b)", ["pass"]),
    ("'docstring'", []),
    ("a += b", ["a -= b"]),
    ("a: 'text' = b", []),
    ("if TYPE_CHECKING:\n  import a", []),
    ("for a in b: break", ["continue"]),
    ("if a: b", ["not a"]),
    ("[a for a in b if a]", ["not a"]),
    ("@a(1)\ndef b(): c", []),
]


@pytest.mark.parametrize(("code", "expected"), STATEMENTS)
def test_changes_of_statements(code, expected):
    assert [each.after for each in find_mutations(ast.parse(code))] == expected


def test_a_long_line_is_shortened_around_what_differs():
    names = " + ".join(f"name_{number}" for number in range(30))
    [mutation, *_] = find_mutations(ast.parse(f"_ = ({names}) < 7"))
    assert mutation.before == "… name_27 + name_28 + name_29 < 7"
    assert mutation.after.endswith("<= 7")


def test_each_mutation_changes_one_place():
    trees = [ast.parse(PERIODS) for _ in find_mutations(ast.parse(PERIODS))]
    for number, tree in enumerate(trees):
        find_mutations(tree)[number].apply()
    codes = {ast.unparse(tree) for tree in trees}
    assert len(codes) == len(trees)
    assert ast.unparse(ast.parse(PERIODS)) not in codes
    for code in codes:
        compile(code, "periods.py", "exec")
