"""The circumstances of a run: read anew for each one, since they change while a program runs."""

import subprocess
import sys
from pathlib import Path

import pytest

from rhoscope import facts


def git(folder: Path, *arguments: str) -> None:
    me = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *me, *arguments], cwd=folder, check=True, capture_output=True)


def test_what_was_committed_changed_or_checked_out_between_two_runs_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (facts.gather().commit, facts.gather().branch, facts.gather().diff) == ("", "", "")
    git(tmp_path, "init", "--initial-branch", "main")
    (tmp_path / "train.py").write_text("lr = 0.1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--message", "The first")
    first = facts.gather()
    assert len(first.commit) == 40
    assert (first.branch, first.diff) == ("main", "")
    (tmp_path / "train.py").write_text("lr = 0.2\n")
    changed = facts.gather()
    assert changed.commit == first.commit
    assert "+lr = 0.2" in changed.diff
    git(tmp_path, "commit", "--all", "--message", "The second")
    second = facts.gather()
    assert second.commit not in ("", first.commit)
    assert second.diff == ""
    git(tmp_path, "checkout", "--detach")
    assert (facts.gather().commit, facts.gather().branch) == (second.commit, "HEAD")


def test_without_git_nothing_is_known_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert (facts.gather().commit, facts.gather().branch, facts.gather().diff) == ("", "", "")


def test_a_git_that_does_not_answer_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "git"
    slow.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(facts, "GIT_S", 0.05)
    assert (facts.gather().commit, facts.gather().diff) == ("", "")


def test_a_package_that_is_installed_between_two_runs_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "our_net" not in facts.gather().packages
    (tmp_path / "our_net-0.3.dist-info").mkdir()
    assert facts.gather().packages["our_net"] == "0.3"
