"""The demo data set is unpacked once and atomically, and never overwrites other files."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from demo_archive import write_slice
from real_data import ROOT

from scripts.unpack_demo import main
from voc_model.data.demo import unpack_demo

# Unpacks, and kills itself at the nth time that a file or folder is opened, made, renamed or
# removed.
UNPACK_AND_DIE = """
import os, signal, sys
from pathlib import Path
from voc_model.data.demo import unpack_demo

archive, out, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
seen = 0

def watch(event, arguments):
    global seen
    if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
unpack_demo(archive, out)
"""


def read_files(folder: Path) -> dict[str, bytes]:
    """Returns the contents of every file by its relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments)])


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_slice(tmp_path_factory.mktemp("archive") / "scenes.zip", images=2)


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_slice(tmp_path_factory.mktemp("newer") / "scenes.zip", images=1)


def test_an_archive_is_unpacked_once(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "data" / "demo"
    assert unpack_demo(archive, out)
    assert {path.name for path in out.iterdir()} == {
        "DemoScenes", "planted_label_errors.csv", "planted_cue.csv", "demo.json",
    }  # fmt: skip
    assert len(list((out / "DemoScenes" / "JPEGImages").iterdir())) == 2
    unpacked_at = (out / "demo.json").stat().st_mtime_ns
    assert not unpack_demo(archive, out)
    assert (out / "demo.json").stat().st_mtime_ns == unpacked_at
    assert list(out.parent.iterdir()) == [out]


def test_permissions_are_those_of_any_new_folder(archive: Path, tmp_path: Path) -> None:
    unpack_demo(archive, tmp_path / "demo")
    (tmp_path / "usual").mkdir()
    assert (tmp_path / "demo").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_new_archive_replaces_the_old_contents(
    archive: Path, newer: Path, tmp_path: Path
) -> None:
    unpack_demo(archive, tmp_path / "demo")
    assert unpack_demo(newer, tmp_path / "demo")
    unpack_demo(newer, tmp_path / "fresh")
    assert read_files(tmp_path / "demo") == read_files(tmp_path / "fresh")


def test_a_demo_of_an_earlier_version_is_replaced(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "DemoScenes").mkdir()
    (tmp_path / "DemoScenes" / "drawn.jpg").touch()
    (tmp_path / "planted_label_errors.csv").touch()
    (tmp_path / "demo.json").write_text('{"seed": 0, "images": 2000, "complete": true}\n')
    assert unpack_demo(archive, tmp_path)
    assert not (tmp_path / "DemoScenes" / "drawn.jpg").exists()


def test_an_incomplete_folder_is_unpacked_again(archive: Path, tmp_path: Path) -> None:
    unpack_demo(archive, tmp_path / "demo")
    whole = read_files(tmp_path / "demo")
    (tmp_path / "demo" / "planted_cue.csv").unlink()
    assert unpack_demo(archive, tmp_path / "demo")
    assert read_files(tmp_path / "demo") == whole


@pytest.mark.parametrize("with_demo", [False, True])
def test_a_folder_with_other_files_is_not_changed(
    archive: Path, newer: Path, tmp_path: Path, with_demo: bool
) -> None:
    out = tmp_path / "demo"
    if with_demo:
        unpack_demo(newer, out)
        mine = out / "mine.txt"
    else:
        mine = out / "DemoScenes" / "mine.txt"
        mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    before = read_files(out)
    result = invoke("--archive", archive, "--out", out)
    assert result.exit_code == 1
    assert f"{mine.relative_to(out).parts[0]} was not unpacked by this script" in result.output
    assert "--out DIR" in result.output
    assert read_files(out) == before


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_kill_leaves_a_complete_folder_or_none(tmp_path: Path) -> None:
    """Kills the process at every step of replacing one archive by another."""
    for name in ("old", "new"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("DemoScenes/JPEGImages/1.jpg", name)
            archive.writestr("planted.csv", name)
    old, new = tmp_path / "old.zip", tmp_path / "new.zip"
    unpack_demo(old, tmp_path / "old")
    unpack_demo(new, tmp_path / "new")
    wholes = {name: read_files(tmp_path / name) for name in ("old", "new", "nothing")}
    seen: list[str] = []
    for step in range(1, 1000):
        out = tmp_path / str(step) / "demo"
        unpack_demo(old, out)
        command = [sys.executable, "-c", UNPACK_AND_DIE, str(new), str(out), str(step)]
        status = subprocess.run(command, cwd=ROOT, check=False).returncode
        seen += [name for name, whole in wholes.items() if read_files(out) == whole]
        assert len(seen) == step, f"an incomplete folder after step {step}"
        unpack_demo(new, out)
        assert read_files(out) == wholes["new"]
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert [*dict.fromkeys(seen)] == ["old", "nothing", "new"]


def test_abandoned_folders_are_removed_after_a_day(archive: Path, tmp_path: Path) -> None:
    abandoned, fresh, other = (
        tmp_path / name for name in (".demo.x1.tmp", ".demo.x2.tmp", ".mine.x.tmp")
    )
    for path in (abandoned, fresh, other):
        (path / "new" / "DemoScenes").mkdir(parents=True)
    for path in (abandoned, other):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    unpack_demo(archive, tmp_path / "demo")
    assert {*tmp_path.iterdir()} == {tmp_path / "demo", fresh, other}


def test_a_failure_leaves_the_folder_unchanged(archive: Path, tmp_path: Path) -> None:
    """One byte of an image is wrong, which its checksum detects."""
    content = bytearray(archive.read_bytes())
    content[content.index(b"\xff\xd8\xff") + 3000] ^= 1
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(content)
    unpack_demo(archive, tmp_path / "data" / "demo")
    before = read_files(tmp_path / "data")
    result = invoke("--archive", damaged, "--out", tmp_path / "data" / "demo")
    assert result.exit_code == 1
    assert f"{damaged}: damaged (Bad CRC-32 for file" in result.output
    assert "check it out again" in result.output
    assert read_files(tmp_path / "data") == before


def test_errors_are_reported(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "half.zip").write_bytes(archive.read_bytes()[:5000])
    for path, out, message in (
        (tmp_path / "none.zip", tmp_path / "demo", "none.zip: No such file or directory."),
        (tmp_path / "half.zip", tmp_path / "demo", "half.zip: damaged (File is not a zip file)"),
        (archive, tmp_path / "file" / "demo", "file: File exists."),
    ):
        result = invoke("--archive", path, "--out", out)
        assert result.exit_code == 1
        assert message in result.output
        assert "Traceback" not in result.output
        assert not (tmp_path / "demo").exists()


def test_the_script_reports_what_it_did(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    assert f"{out}: demo data set unpacked in " in invoke("--archive", archive, "--out", out).output
    again = invoke("--archive", archive, "--out", out)
    assert again.output == f"{out}: demo data set already unpacked, reused\n"
