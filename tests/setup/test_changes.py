"""``setup/test --changed``: which groups differ from a revision."""

import subprocess
from pathlib import PurePath

import pytest

import changes
from addons import our_addons
from run_tests import main


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Runs git in a new repository with one commit, the tree that is compared."""
    monkeypatch.setattr(changes, "ROOT", tmp_path)

    def git(*arguments):
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True)

    git("init", "--quiet", "--initial-branch=main")
    for name in ("kept.py", "changed.py", "gone.py", "größe.py"):
        (tmp_path / name).write_text("old\n")
    (tmp_path / ".gitignore").write_text("*.log\n")
    git("add", ".")
    git("commit", "--quiet", "--message=one")
    return git


def test_commits_edits_and_new_files_differ_from_a_revision(repository, tmp_path):
    repository("checkout", "--quiet", "-b", "work")
    (tmp_path / "größe.py").write_text("new\n")
    (tmp_path / "gone.py").unlink()
    repository("commit", "--quiet", "--all", "--message=two")
    (tmp_path / "changed.py").write_text("new\n")
    (tmp_path / "added.py").touch()
    (tmp_path / "some.log").touch()
    # what others did meanwhile is not ours
    repository("stash", "--quiet")
    repository("checkout", "--quiet", "main")
    (tmp_path / "theirs.py").touch()
    repository("add", "theirs.py")
    repository("commit", "--quiet", "--message=three")
    repository("checkout", "--quiet", "work")
    repository("stash", "pop", "--quiet")
    names = {str(path) for path in changes.since("main")}
    assert names == {"added.py", "changed.py", "gone.py", "größe.py"}


def test_a_revision_that_is_not_there_is_named_with_the_remedy(repository):
    with pytest.raises(changes.UnknownRevision, match="origin/main.*--changed=REV"):
        changes.since("origin/main")


def names_of_groups(*files):
    addons = list(our_addons().values())
    return {group.name for group in changes.groups_of(map(PurePath, files), addons)}


def test_an_addon_is_run_with_what_depends_on_it():
    above = names_of_groups("kpi_benefits/models/kpi_baseline.py")
    assert {"kpi_benefits pure", "kpi_benefits odoo", "kpi_demo odoo"} <= above
    assert "kpi_tracking odoo" not in above
    below = names_of_groups("kpi_base/models/kpi_job.py")
    assert {"kpi_base odoo", "kpi_tracking odoo", "kpi_benefits odoo"} <= below


@pytest.mark.parametrize(
    ("file", "groups"),
    [
        ("tests/live/test_live_phone.py", {"tests/live"}),
        ("docs/alerts.md", {"tests/docs"}),
        ("README.md", {"tests/docs"}),
    ],
)
def test_a_folder_below_tests_is_run_alone(file, groups):
    assert names_of_groups(file) == groups


@pytest.mark.parametrize("file", ["setup/lint", "conftest.py", "tests/new.py"])
def test_what_all_tests_use_runs_everything(file):
    assert {"kpi_tracking odoo", "tests/setup", "tests/live"} <= names_of_groups(file)


def test_nothing_changed_is_nothing_to_run():
    assert names_of_groups() == set()


@pytest.mark.parametrize(
    "arguments", [["--changed="], ["--most-processor-minutes", "0", "tests/docs"]]
)
def test_an_option_without_a_value_is_not_dropped(arguments):
    """It would run everything, or more than allowed."""
    assert main(arguments) == 2
