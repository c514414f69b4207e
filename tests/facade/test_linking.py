"""`link` and `unlink`: the name MetaTrader5 for an environment, as pip sees it."""

from __future__ import annotations

import compileall
import errno
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import pytest

import mt5web
from mt5web import __main__ as cli
from mt5web.linking import (
    OFFICIAL_VERSION,
    LinkRefused,
    installed_packages,
    link,
    linked,
    unlink,
)
from tests.facade.official import API

Pip = Callable[..., str]


def tree(folder: Path) -> set[str]:
    """Everything in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def version(folder: Path) -> list[str]:
    """The versions of MetaTrader5 that a folder of packages claims to have."""
    return [
        found.version
        for found in distributions(path=[str(folder)])
        if found.metadata["Name"] == "MetaTrader5"
    ]


def real_package(folder: Path) -> None:
    """Put something like the real package there."""
    about = folder / "MetaTrader5-5.0.4200.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: MetaTrader5\nVersion: 5.0.4200\n"
    )
    (about / "INSTALLER").write_text("pip\n")
    (folder / "MetaTrader5").mkdir()
    (folder / "MetaTrader5" / "__init__.py").write_text("from ._core import *\n")


def test_the_default_version_is_that_of_the_official_package() -> None:
    assert API["package"]["version"] == OFFICIAL_VERSION


def test_a_link_is_a_package_with_metadata(tmp_path: Path) -> None:
    written = link(tmp_path)
    assert version(tmp_path) == [OFFICIAL_VERSION]
    assert all(path.is_file() for path in written)
    assert (tmp_path / "MetaTrader5" / "py.typed").is_file()
    (found,) = linked(tmp_path)
    assert found.requires == ["numpy"]


def test_importing_a_link_gives_this_package(tmp_path: Path) -> None:
    link(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r});"
        "import MetaTrader5._core, MetaTrader5, mt5web;"
        "assert MetaTrader5 is mt5web and MetaTrader5._core is mt5web._core;"
        "mt5web.install()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own


def test_the_record_lists_every_file_with_its_digest(tmp_path: Path) -> None:
    written = link(tmp_path)
    (found,) = linked(tmp_path)
    listed = found.files or []
    assert {str(path) for path in listed} == {
        path.relative_to(tmp_path).as_posix() for path in written
    }
    for path in listed:
        assert (path.hash is None) is (path.name == "RECORD")
        assert path.size is None or path.size == len(path.read_binary())


def test_unlinking_leaves_everything_else(tmp_path: Path) -> None:
    (tmp_path / "other.py").touch()
    before = tree(tmp_path)
    written = link(tmp_path)
    assert set(unlink(tmp_path)) == set(written)
    assert tree(tmp_path) == before


def test_unlinking_removes_what_python_compiled(tmp_path: Path) -> None:
    link(tmp_path)
    assert compileall.compile_dir(tmp_path, quiet=1)
    assert (tmp_path / "MetaTrader5" / "__pycache__").is_dir()
    unlink(tmp_path)
    assert tree(tmp_path) == set()


def test_unlinking_keeps_what_others_changed_or_added(tmp_path: Path) -> None:
    link(tmp_path)
    changed = tmp_path / "MetaTrader5" / "__init__.py"
    added = tmp_path / "MetaTrader5" / "notes.txt"
    changed.write_text("mine")
    added.write_text("mine too")
    removed = unlink(tmp_path)
    assert changed not in removed
    assert tree(tmp_path) == {
        "MetaTrader5",
        "MetaTrader5/__init__.py",
        "MetaTrader5/notes.txt",
    }
    with pytest.raises(LinkRefused, match="another MetaTrader5"):
        link(tmp_path)


def test_unlinking_nothing_removes_nothing(tmp_path: Path) -> None:
    real_package(tmp_path)
    before = tree(tmp_path)
    assert unlink(tmp_path) == []
    assert tree(tmp_path) == before


def test_linking_again_replaces_the_version(tmp_path: Path) -> None:
    link(tmp_path)
    link(tmp_path, "5.0.33")
    assert version(tmp_path) == ["5.0.33"]
    link(tmp_path, "5.0.33")
    unlink(tmp_path)
    assert tree(tmp_path) == set()


@pytest.mark.parametrize("wrong", ["", "latest", "5.0.x", "../5", "5.0\n", "5..0"])
def test_what_is_no_version_is_refused(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(LinkRefused, match="is no version"):
        link(tmp_path, wrong)
    assert tree(tmp_path) == set()


def test_the_real_package_is_left_alone(tmp_path: Path) -> None:
    real_package(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(LinkRefused, match=r"MetaTrader5 5\.0\.4200 is installed"):
        link(tmp_path)
    assert tree(tmp_path) == before


def test_a_package_without_metadata_is_left_alone_too(tmp_path: Path) -> None:
    (tmp_path / "MetaTrader5").mkdir()
    (tmp_path / "MetaTrader5" / "_core.pyd").touch()
    with pytest.raises(LinkRefused, match="another MetaTrader5"):
        link(tmp_path)
    assert tree(tmp_path) == {"MetaTrader5", "MetaTrader5/_core.pyd"}


def test_a_link_without_its_metadata_can_be_replaced(tmp_path: Path) -> None:
    link(tmp_path)
    for path in tmp_path.glob("*.dist-info/*"):
        path.unlink()
    link(tmp_path)
    assert version(tmp_path) == [OFFICIAL_VERSION]


@pytest.mark.parametrize("name", ["../victim", "/victim", "other/victim", ""])
def test_a_record_cannot_make_it_remove_other_files(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "packages"
    folder.mkdir()
    link(folder)
    (tmp_path / "victim").touch()
    (record,) = folder.glob("*.dist-info/RECORD")
    record.write_text(f'{record.read_text()}"{name}",,\n')
    with pytest.raises(LinkRefused, match="RECORD lists"):
        unlink(folder)
    assert (tmp_path / "victim").exists()


def test_the_commands_link_and_unlink(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--folder", str(tmp_path)]
    assert cli.main(["link", "--version", "5.0.33", *folder]) == 0
    assert f"MetaTrader5 5.0.33 stands for mt5web {mt5web.__version__} in" in (
        capsys.readouterr().out
    )
    assert version(tmp_path) == ["5.0.33"]
    assert cli.main(["unlink", *folder]) == 0
    assert tree(tmp_path) == set()
    assert cli.main(["unlink", *folder]) == 1
    assert "nothing is linked" in capsys.readouterr().err


def test_the_commands_tell_what_they_refuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = ["--folder", str(tmp_path)]
    assert cli.main(["link", "--version", "new", *folder]) == 1
    assert cli.main(["link", *folder]) == 0
    (tmp_path / "MetaTrader5" / "notes.txt").touch()
    assert cli.main(["unlink", *folder]) == 1
    real_package_in = tmp_path / "real"
    real_package_in.mkdir()
    real_package(real_package_in)
    assert cli.main(["link", "--folder", str(real_package_in)]) == 1
    first, second, third = capsys.readouterr().err.splitlines()
    assert first.startswith("link: 'new' is no version")
    assert second.startswith("unlink: kept what others wrote in")
    assert third.startswith("link: MetaTrader5 5.0.4200 is installed in")


@pytest.mark.parametrize("command", ["link", "unlink"])
def test_a_folder_that_cannot_be_written_is_told_with_a_way_out(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "packages"
    folder.mkdir()
    link(folder)
    (victim,) = folder.glob("*.dist-info/METADATA")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert cli.main([command, "--folder", str(folder)]) == 1
    assert victim.exists()
    assert capsys.readouterr().err == (
        f"{command}: cannot write into {folder}: Permission denied; use a virtual "
        "environment, or name a folder of packages with --folder\n"
    )


def refuse(path: Path) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


def test_without_a_folder_the_link_is_beside_this_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installed_packages() == Path(sysconfig.get_path("purelib"))
    monkeypatch.setattr("site.ENABLE_USER_SITE", True)
    monkeypatch.setattr("site.getusersitepackages", lambda: str(tmp_path))
    assert installed_packages() == Path(sysconfig.get_path("purelib"))
    monkeypatch.setattr("mt5web.linking.__file__", str(tmp_path / "mt5web/linking.py"))
    assert installed_packages() == tmp_path


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """The Python of a virtual environment that has what ours has."""
    pytest.importorskip("pip")
    folder = tmp_path / "environment"
    venv.create(folder, with_pip=False)
    names = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", vars=names))
    ours = [Path(mt5web.__file__).parents[1], Path(sysconfig.get_path("purelib"))]
    (packages / "ours.pth").write_text("\n".join(map(str, ours)))
    return Path(sysconfig.get_path("scripts", "venv", vars=names)) / "python"


def test_pip_sees_the_requirement_as_satisfied(environment: Path) -> None:
    def run(*command: str, code: int = 0) -> str:
        done = subprocess.run(  # noqa: S603 - our own
            command, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    def pip(*command: str, code: int = 0) -> str:
        outer = [sys.executable, "-m", "pip", "--python", str(environment)]
        quiet = ["--disable-pip-version-check", "--no-input"]
        return run(*outer, *quiet, *command, code=code)

    def dry_run(requirement: str, code: int = 0) -> str:
        return pip("install", "--dry-run", "--no-index", requirement, code=code)

    own = [str(environment), "-m", "mt5web"]
    run(*own, "link", "--version", "5.0.33")
    run(str(environment), "-c", "import MetaTrader5 as m; assert m.TIMEFRAME_M1")
    assert "already satisfied" in dry_run("metatrader5>=5.0,<5.1")
    assert "Successfully uninstalled" in pip("uninstall", "--yes", "MetaTrader5")
    run(*own, "unlink", code=1)
    dry_run("MetaTrader5", code=1)
