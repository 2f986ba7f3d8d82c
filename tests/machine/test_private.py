"""Folders and files that only this user may enter: made so, closed, or refused."""

import os
import stat

import pytest

from data.errors import OperatorError
from serve.machine.private import (
    close_own,
    database_files,
    private_folder,
    run_folder,
    state_folder,
    write_private,
)

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can make a file of another user's")
NOBODY = 65534


def mode(path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_state_folder_is_made_for_this_user_only(tmp_path):
    assert mode(state_folder(tmp_path / "state")) == 0o700


def test_an_open_state_folder_is_closed_with_all_of_ours_in_it(tmp_path):
    folder = tmp_path / "state"
    for name in ("batches/b1/input.csv", "redis/appendonlydir/one.aof", "logs/service.log"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("")
    for name in ("debt-optimizer.db", "debt-optimizer.db-wal", "debt-optimizer.db-shm", "api_key", "run.json"):
        (folder / name).write_text("")
    for entry in [folder, *folder.rglob("*")]:
        entry.chmod(0o777 if entry.is_dir() else 0o666)
    state_folder(folder)
    assert {mode(entry) for entry in folder.rglob("*") if entry.is_dir()} == {0o700}
    assert {mode(entry) for entry in folder.rglob("*") if entry.is_file()} == {0o600}
    assert mode(folder) == 0o700


def test_open_files_in_a_closed_state_folder_are_closed_too(tmp_path):
    folder = state_folder(tmp_path / "state")
    (folder / "debt-optimizer.db").write_text("")
    (folder / "debt-optimizer.db").chmod(0o644)
    state_folder(folder)
    assert mode(folder / "debt-optimizer.db") == 0o600


def test_an_open_folder_that_holds_more_than_ours_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "home").mkdir(mode=0o755)
    (tmp_path / "home" / "letters.txt").write_text("")
    with pytest.raises(OperatorError, match=r"holds more than ours \(letters.txt\): set STATE_DIR"):
        state_folder(tmp_path / "home")
    assert mode(tmp_path / "home") == 0o755


def test_what_a_link_points_to_is_let_be(tmp_path):
    folder = state_folder(tmp_path / "state")
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "elsewhere").chmod(0o644)
    (folder / "logs").symlink_to(tmp_path / "elsewhere")
    state_folder(folder)
    assert mode(tmp_path / "elsewhere") == 0o644


@needs_root
@pytest.mark.parametrize("name", [".", "debt-optimizer.db", "redis/password"])
def test_what_belongs_to_somebody_else_is_refused(tmp_path, name):
    folder = state_folder(tmp_path / "state")
    (folder / "redis").mkdir()
    for file in ("debt-optimizer.db", "redis/password"):
        (folder / file).write_text("")
    os.chown(folder / name, NOBODY, NOBODY)
    with pytest.raises(OperatorError, match="belongs to somebody else: remove it, or set STATE_DIR"):
        state_folder(folder)


@needs_root
def test_a_run_folder_that_somebody_has_put_there_is_refused(tmp_path):
    (tmp_path / "do").mkdir()
    os.chown(tmp_path / "do", NOBODY, NOBODY)
    with pytest.raises(OperatorError, match="belongs to somebody else"):
        private_folder(tmp_path / "do")


def test_a_link_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "do").symlink_to(tmp_path / "theirs")
    with pytest.raises(OperatorError, match="belongs to somebody else"):
        private_folder(tmp_path / "do")


def test_a_run_folder_that_stands_open_is_refused(tmp_path):
    (tmp_path / "do").mkdir()
    (tmp_path / "do").chmod(0o777)
    with pytest.raises(OperatorError, match="open to others: remove it"):
        private_folder(tmp_path / "do")


def test_a_folder_that_anybody_can_exchange_is_refused(tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(OperatorError, match="anybody can exchange"):
        private_folder(tmp_path / "open" / "do")
    (tmp_path / "open").chmod(0o1777)
    assert mode(private_folder(tmp_path / "open" / "do")) == 0o700


def test_a_file_is_private_whatever_stood_there(tmp_path):
    file = tmp_path / "ray_token"
    file.write_text("theirs")
    file.chmod(0o666)
    write_private(file, "ours")
    assert (mode(file), file.read_text()) == (0o600, "ours")


def test_sockets_have_short_paths(tmp_path):
    longest = run_folder(tmp_path) / "r" / "session_2026-11-30_11-15-12_360303_4194304" / "sockets" / "plasma_store"
    assert len(str(longest)) <= 107 - len("4294967295") + len(str(os.getuid()))


def test_a_database_elsewhere_is_closed_where_it_is_ours(tmp_path):
    files = database_files(f"sqlite:///{tmp_path / 'debts.db'}?timeout=5")
    assert [file.name for file in files] == ["debts.db", "debts.db-wal", "debts.db-shm"]
    files[0].touch(mode=0o644)
    assert all(close_own(file) for file in files)
    assert mode(files[0]) == 0o600
    assert database_files("postgresql://me@db/debts") == []
