"""The editor's build: what makes it necessary, what it leaves behind, and that a failing one harms nothing."""

import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tools import build_editor
from tools.build_editor import HERE, SOURCE_FILES, BuildFailed, Places, build, digest, is_current, packages_are_current
from tools.node import NoNode, find_node

# One worker at a time may install the packages that these tests and those of the editor build with.
pytestmark = pytest.mark.xdist_group("editor")

PAGE = '<!doctype html><title>Small</title><div id="root"></div><script type="module" src="/src/main.ts"></script>'
SCRIPT = "const words: readonly string[] = {words};\ndocument.getElementById('root')!.textContent = words.join(' ');\n"


@pytest.fixture(scope="module")
def packages() -> Path:
    """The editor's installed packages."""
    try:
        build_editor.install_packages(find_node(), HERE.editor)
    except (BuildFailed, NoNode) as error:
        pytest.skip(f"the editor's packages cannot be had: {error}")
    return HERE.editor / "node_modules"


@pytest.fixture
def small(tmp_path: Path, packages: Path) -> Iterator[Places]:
    """A page with one script, built by the real bundler with the real settings."""
    editor = tmp_path / "editor"
    (editor / "src").mkdir(parents=True)
    (tmp_path / "server").mkdir()
    for name in SOURCE_FILES:
        shutil.copy(HERE.editor / name, editor / name)
    (editor / "index.html").write_text(PAGE)
    say(editor, "hello")
    (editor / "node_modules").symlink_to(packages, target_is_directory=True)
    yield Places(editor, tmp_path / "server" / "static")
    (editor / "node_modules").unlink()


def say(editor: Path, word: str) -> None:
    """Have the script say this word, many times over so that it is worth compressing."""
    (editor / "src" / "main.ts").write_text(SCRIPT.replace("{words}", json.dumps([f"{word} {n}" for n in range(300)])))


def scripts(places: Places) -> str:
    return "".join(path.read_text() for path in sorted((places.built / "assets").glob("*.js")))


def listing(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_build_is_made_once_and_again_only_when_a_source_has_changed(small: Places) -> None:
    assert not is_current(small)
    assert build(small)
    assert is_current(small)
    assert "hello 1" in scripts(small)
    first = listing(small.built)
    assert not build(small)

    say(small.editor, "goodbye")
    assert not is_current(small)
    assert build(small)
    assert "goodbye 1" in scripts(small)
    assert "hello 1" not in scripts(small)

    say(small.editor, "hello")
    assert build(small)
    assert listing(small.built) == first


def test_a_build_carries_compressed_neighbours_and_the_licences_of_what_is_in_it(small: Places) -> None:
    build(small)
    script = next((small.built / "assets").glob("*.js"))
    packed = script.with_name(f"{script.name}.gz").read_bytes()
    assert gzip.decompress(packed) == script.read_bytes()
    assert len(script.with_name(f"{script.name}.br").read_bytes()) < script.stat().st_size
    assert not (small.built / "index.html.gz").exists()  # too small to be worth it
    notices = (small.built / "THIRD-PARTY.txt").read_text()
    for name in ("react ", "@xyflow/react ", "vite "):
        assert f"\n{name}" in notices
    assert "Permission is hereby granted" in notices
    assert "typescript" not in notices


def test_nothing_is_left_beside_a_build(small: Places) -> None:
    build(small)
    say(small.editor, "again")
    build(small)
    assert {path.name for path in small.built.parent.iterdir()} == {"static", ".static-lock"}


def test_a_failing_build_leaves_the_one_before_it_and_says_what_is_wrong(
    small: Places, capfd: pytest.CaptureFixture[str]
) -> None:
    build(small)
    before = listing(small.built)
    (small.editor / "src" / "main.ts").write_text("import { nothing } from './missing';\nnothing();\n")
    with pytest.raises(BuildFailed, match="make editor"):
        build(small)
    assert "missing" in capfd.readouterr().err
    assert listing(small.built) == before
    assert not is_current(small)


def test_an_install_that_fails_leaves_the_build_and_tells_the_remedy(
    small: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(small)
    before = listing(small.built)
    (small.editor / "node_modules").unlink()
    (small.editor / "node_modules").mkdir()
    (small.editor / "package-lock.json").write_text("{}")  # npm refuses a lock that does not fit the packages
    with pytest.raises(BuildFailed, match="could not be installed; connect to the network"):
        build(small)
    assert listing(small.built) == before
    shutil.rmtree(small.editor / "node_modules")
    (small.editor / "node_modules").touch()


def test_tests_and_installed_packages_are_no_sources_and_everything_else_is(small: Places) -> None:
    before = digest(small.editor)
    (small.editor / "tests").mkdir()
    (small.editor / "tests" / "new.test.ts").write_text("")
    assert digest(small.editor) == before
    (small.editor / "src" / "new.css").write_text("")
    added = digest(small.editor)
    assert added != before
    (small.editor / "src" / "new.css").rename(small.editor / "src" / "other.css")
    renamed = digest(small.editor)
    assert renamed != added
    with (small.editor / "package-lock.json").open("a") as lock:
        lock.write("\n")
    assert digest(small.editor) != renamed


def test_installed_packages_are_current_when_they_are_those_of_the_lock(tmp_path: Path) -> None:
    def write(path: Path, **packages: Mapping[str, object]) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"packages": packages}))

    lock, installed = tmp_path / "package-lock.json", tmp_path / "node_modules" / ".package-lock.json"
    one, two = {"integrity": "1"}, {"integrity": "2", "optional": True}
    write(lock, **{"": {}, "node_modules/one": one, "node_modules/two": two})
    assert not packages_are_current(tmp_path)
    write(installed, **{"node_modules/one": one})
    assert packages_are_current(tmp_path)
    write(installed, **{"node_modules/one": one, "node_modules/two": two})
    assert packages_are_current(tmp_path)
    write(installed, **{"node_modules/one": {"integrity": "3"}})
    assert not packages_are_current(tmp_path)
    write(installed, **{"node_modules/one": one, "node_modules/gone": one})
    assert not packages_are_current(tmp_path)
    write(installed, **{"node_modules/two": two})
    assert not packages_are_current(tmp_path)


def test_the_command_says_whether_the_build_is_current(
    small: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_editor, "HERE", small)
    assert build_editor.main(["--check"]) == 1
    assert "make editor" in capsys.readouterr().out
    assert build_editor.main([]) == 0
    assert build_editor.main(["--check"]) == 0
    assert "is current" in capsys.readouterr().out
    assert build_editor.main(["--quiet"]) == 0
    said = capsys.readouterr()
    assert said.out == said.err == ""


def test_the_command_ends_with_one_and_a_sentence_where_there_are_no_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_editor, "HERE", Places(tmp_path / "editor", tmp_path / "static"))
    assert build_editor.main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("No new editor: ")
    assert said.count("\n") == 1


def test_a_build_depends_on_the_table_of_the_tokenizer_and_ships_what_the_tokenizer_uses_of_it(small: Places) -> None:
    import shutil as files

    from diffusion.clip.tokenizer import read_merges

    table = build_editor.SHARED[0]
    (small.editor.parent / table).parent.mkdir(parents=True)
    files.copy(HERE.editor.parent / table, small.editor.parent / table)
    before = digest(small.editor)
    (small.editor / "src" / "main.ts").write_text(
        "import address from 'virtual:clip-merges';\nvoid fetch(address);\n", encoding="utf-8"
    )
    build(small)
    (shipped,) = (small.built / "assets").glob("clip-merges-*.txt")
    assert [tuple(line.split(" ")) for line in shipped.read_text(encoding="utf-8").split("\n")] == list(read_merges())
    assert shipped.with_name(f"{shipped.name}.br").stat().st_size < 250_000
    assert shipped.name in scripts(small)

    (small.editor.parent / table).write_bytes(b"another table")
    assert not is_current(small)
    assert digest(small.editor) != before
