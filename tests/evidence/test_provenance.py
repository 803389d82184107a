"""Provenance: the commit of these files and no others, the machine without its name."""

import platform
import socket
import subprocess

import pytest

from why_bird.evidence.provenance import commit, machine, versions


@pytest.fixture
def repository(tmp_path):
    def git(*arguments):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *identity, "-C", str(tmp_path), *arguments], check=True, capture_output=True)  # noqa: S603, S607

    git("init", "-q")
    (tmp_path / "file.py").write_text("x = 1\n")
    git("add", "file.py")
    git("commit", "-q", "-m", "first")
    return tmp_path


def test_a_clean_checkout(repository):
    sha, is_dirty = commit(repository)
    assert len(sha) == 40
    assert is_dirty is False


def test_a_changed_and_a_new_file_make_it_dirty(repository):
    (repository / "file.py").write_text("x = 2\n")
    assert commit(repository)[1] is True
    (repository / "file.py").write_text("x = 1\n")
    (repository / "new.py").write_text("")
    assert commit(repository)[1] is True


def test_files_that_a_surrounding_repository_does_not_track_have_no_commit(repository):
    inner = repository / "unpacked"
    inner.mkdir()
    (inner / "file.py").write_text("")
    assert commit(inner) == (None, None)


def test_without_a_repository_or_without_git_there_is_no_commit(tmp_path, repository, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit(repository) == (None, None)


def test_the_variables_of_a_git_hook_do_not_point_elsewhere(repository, monkeypatch):
    expected = commit(repository)
    monkeypatch.setenv("GIT_DIR", str(repository / "nowhere"))
    assert commit(repository) == expected


def _monitors(folder, git, program):
    git("config", "core.fsmonitor", program)


def _filters(folder, git, program):
    git("config", "filter.a=b.clean", program)
    git("config", "filter.a=b.required", "true")
    (folder / ".git" / "info" / "attributes").write_text("* filter=a=b\n")
    (folder / "file.py").touch()


def _processes(folder, git, program):
    git("config", "filter.a.process", program)
    (folder / ".git" / "info" / "attributes").write_text("* filter=a\n")
    (folder / "file.py").write_text("x = 3\n")


def _holds_another(folder, git, program):
    inner = folder / "inner"
    git("clone", "-q", str(folder), str(inner))
    git("-C", str(inner), "config", "core.fsmonitor", program)
    git("add", "inner")
    git("commit", "-q", "-m", "second")
    (inner / "new.py").touch()


def _fetches(folder, git, program):
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.promisor", "true")
    git("config", "remote.origin.url", f"ext::{program}")
    git("config", "protocol.ext.allow", "always")
    tree = git("rev-parse", "HEAD^{tree}").decode().strip()
    (folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()


@pytest.mark.parametrize("plant", [_monitors, _filters, _processes, _holds_another, _fetches])
def test_no_program_is_run_that_a_repository_names(tmp_path, repository, plant):
    def git(*arguments):
        words = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(repository), *arguments]
        return subprocess.run(words, check=True, capture_output=True).stdout  # noqa: S603

    ran = repository / "ran"
    program = tmp_path.with_name(f"{tmp_path.name}-program")
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n")
    program.chmod(0o755)
    plant(repository, git, str(program))
    ran.unlink(missing_ok=True)
    sha, is_dirty = commit(repository)
    assert not ran.exists()
    # Without what it lacks nothing can be said of it.
    assert (sha is None) == (plant is _fetches)
    assert is_dirty == {_monitors: False, _filters: False, _processes: True, _holds_another: False}.get(plant)


def test_the_machine_has_no_name():
    found = machine()
    assert found.cores >= 1
    assert platform.release() not in found.os
    assert socket.gethostname() not in (found.cpu, found.os)


def test_versions_name_what_the_numbers_depend_on():
    assert {"python", "numpy", "scipy", "torch"} <= set(versions())
    assert versions()["python"] == platform.python_version()
