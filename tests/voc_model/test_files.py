"""Files are written atomically: complete, or unchanged if anything fails."""

import errno
import hashlib
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from real_data import ROOT

from voc_model.errors import BusyError, DataError, DiskFullError
from voc_model.files import (
    atomic_folder,
    atomic_path,
    is_file,
    is_utf8,
    list_folder,
    locked,
    open_regular,
    path_below,
    read_regular,
    remove_abandoned,
    sha256_of,
    show_name,
    write_text_atomically,
)
from voc_model.store.runs import RunFolder

# What users name ---------------------------------------------------------------------------------


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(tmp_path / "link", max_bytes=5) == b"12345"
    with pytest.raises(OSError, match="found 5 bytes, expected at most 4"):
        read_regular(path, max_bytes=4)
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(OSError, match=r"not a regular file|No such device"):
            open_regular(other)
    with pytest.raises(IsADirectoryError, match="a folder, not a file"):
        open_regular(tmp_path)
    for name in ("none", "a\0b"):
        with pytest.raises(FileNotFoundError):
            open_regular(tmp_path / name)


def test_a_hash_of_a_pipe_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        sha256_of(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["a", "a b.jpg", "..a", "a/b", "a..b/c..", "./a", "ä\0"])
def test_names_below_a_folder(tmp_path: Path, name: str) -> None:
    assert path_below(tmp_path, name).is_relative_to(tmp_path)


@pytest.mark.parametrize("name", ["/a", "//a", "..", "../a", "a/../../b", "a/.."])
def test_names_that_lead_out_of_a_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="is not the name of a file in "):
        path_below(tmp_path, name)


def test_questions_about_impossible_names_have_answers(tmp_path: Path) -> None:
    for name in ("x" * 5000, "a\0b", "a/b/c"):
        assert not is_file(tmp_path / name)
        assert list_folder(tmp_path / name) == []
    assert not is_file(tmp_path)


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"b\xe4r \xc3\xa4.jpg")
    assert not is_utf8(name)
    assert is_utf8("bär.jpg")
    assert show_name(name) == "b\\xe4r ä.jpg"


# What is written ---------------------------------------------------------------------------------


def test_text_is_written_as_utf_8_and_folders_are_created(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "grüner Baum.json"
    write_text_atomically(path, "ä\n")
    assert path.read_bytes() == b"\xc3\xa4\n"
    write_text_atomically(path, "another")
    assert path.read_text() == "another"
    assert list(path.parent.iterdir()) == [path]


def test_a_failing_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="halfway"), atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError("halfway")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_abandoned_files_are_removed_after_a_day(tmp_path: Path) -> None:
    old, fresh, other = (tmp_path / name for name in (".a.npz.x1.tmp", ".a.npz.x2.tmp", "a.tmp"))
    for path in (old, fresh, other):
        path.write_text("half")
    for path in (old, other):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    remove_abandoned(tmp_path)
    assert {*tmp_path.iterdir()} == {fresh, other}, "the fresh one may still be written"
    remove_abandoned(tmp_path / "nothing")


def test_the_old_file_remains_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with atomic_path(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
        assert temporary.parent == tmp_path, "renaming is atomic within one file system only"
    assert path.read_text() == "new"


def test_an_open_reader_keeps_the_old_contents(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with path.open() as reader:
        write_text_atomically(path, "new")
        assert reader.read() == "old"


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "mine", "")
    (tmp_path / "usual").write_text("")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("mine", "usual")}
    assert len(modes) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from voc_model.files import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half of the n')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    killed = subprocess.run(command, cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    write_text_atomically(path, "new")
    assert path.read_text() == "new"


def test_the_checksum_is_that_of_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "large"
    contents = os.urandom(300_000)
    path.write_bytes(contents)
    assert sha256_of(path) == hashlib.sha256(contents).hexdigest()


# Full disks --------------------------------------------------------------------------------------


def test_a_full_disk_is_reported_with_the_folder_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "file.txt"
    for code in (errno.ENOSPC, errno.EDQUOT):
        with pytest.raises(DiskFullError) as caught, atomic_path(path):
            raise OSError(code, os.strerror(code))
        message = str(caught.value)
        assert message.startswith(f"{path.parent}: cannot be written ({os.strerror(code)}). Free")
        assert "run the same command again" in message
    assert list(path.parent.iterdir()) == []
    with pytest.raises(DiskFullError), atomic_folder(tmp_path / "data"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(PermissionError), atomic_path(path):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_disk_that_is_full_at_the_last_moment_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskFullError, match="cannot be written"):
        write_text_atomically(tmp_path / "file.txt", "text")
    assert list(tmp_path.iterdir()) == []


# Locks -------------------------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from voc_model.files import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "lockf"), reason="no locks on this system")
def test_a_locked_folder_is_refused_until_its_job_ends(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "sample"
    command = [sys.executable, "-c", HOLDER, str(folder)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        for _ in range(2):  # Asking does not end it.
            with pytest.raises(BusyError) as caught, locked(folder):
                raise AssertionError
            assert f"{folder}: another job (process {holder.pid} on " in str(caught.value)
            assert "--run NAME" in str(caught.value)
        holder.kill()
    with locked(folder):
        pass
    with locked(folder):
        pass


def test_what_a_killed_job_left_is_removed_by_the_next(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "sample")
    left = [
        run.path / ".checkpoint.pt.x.tmp",
        run.figures_dir / ".loss.png.x.tmp",
        run.parts_dir / ".rows_000000000.npz.x.tmp",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    with run.locked():
        assert not any(path.exists() for path in left)
