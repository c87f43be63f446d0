"""What packs say of themselves, in files of their own or in those that installers read."""

from pathlib import Path

import pytest

from packs.errors import PackError
from packs.manifest import Manifest, read_manifest, requirement_lines


def test_a_pack_toml_says_all_there_is(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(
        '[pack]\nname = "toys"\nversion = "1.2"\nlicence = "MIT"\ndescription = "Toys."\n'
        'requirements = ["scipy>=1.11"]\npermissions = ["routes"]\nmodules = ["blur", "more.sharpen"]\n'
    )
    assert read_manifest(tmp_path) == Manifest(
        "toys", "1.2", "MIT", "Toys.", ("scipy>=1.11",), ("routes",), ("blur", "more.sharpen")
    )


def test_without_one_the_files_of_installers_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "toys"\nversion = "3"\nlicense = {text = "MIT"}\ndynamic = ["dependencies"]\n'
    )
    (tmp_path / "requirements.txt").write_text(
        "numpy  # numbers\n\n# -r more.txt\n-r more.txt\nscipy>=1 ; python_version>'3'\n"
    )
    manifest = read_manifest(tmp_path)
    assert (manifest.name, manifest.version, manifest.licence) == ("toys", "3", "MIT")
    assert manifest.requirements == ("numpy", "scipy>=1 ; python_version>'3'")


def test_a_folder_that_says_nothing_has_an_empty_manifest(tmp_path: Path) -> None:
    assert read_manifest(tmp_path) == Manifest()


def test_a_pyproject_for_other_tools_is_no_fault_of_the_pack(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.x\n")
    assert read_manifest(tmp_path) == Manifest()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[pack", "pack.toml is not TOML"),
        ("name = 'x'", "has a table [pack]"),
        ("[pack]\nnmae = 'x'", "'nmae', which is not known"),
        ("[pack]\nname = 3", "name is a text, found 3"),
        ("[pack]\nrequirements = 'numpy'", "requirements is a list of texts"),
        ("[pack]\npermissions = ['root']", "'root'"),
    ],
)
def test_a_pack_toml_that_is_none_is_refused_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "pack.toml").write_text(text)
    with pytest.raises(PackError) as refused:
        read_manifest(tmp_path)
    assert says in refused.value.problem
    assert refused.value.remedy


def test_lines_that_name_no_package_are_left_to_the_installer() -> None:
    text = "--index-url x\ngit+https://a/b\nname @ https://a/b.whl\n./local\nlong==\\\n1.0 --hash=sha256:1\n"
    assert list(requirement_lines(text)) == ["name @ https://a/b.whl", "long== 1.0"]
