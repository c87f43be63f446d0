"""Requirements are compared with what is installed."""

import sys

from packs.requirements import missing


def test_what_is_installed_in_a_fitting_version_is_not_missing() -> None:
    assert missing(["numpy", "numpy>=1.0", "NumPy[extra]>1"]) == ()


def test_an_absent_package_and_one_of_another_version_are_missing_as_written() -> None:
    assert missing(["no-such-package-at-all>=2", "numpy<0.1"]) == ("no-such-package-at-all>=2", "numpy<0.1")


def test_a_requirement_of_another_platform_is_met() -> None:
    assert missing(["no-such-package-at-all; sys_platform == 'amiga'"]) == ()


def test_what_is_no_requirement_is_left_to_the_import() -> None:
    assert missing(["¿what?"]) == ()


def test_nothing_is_imported_to_find_out() -> None:
    before = set(sys.modules)
    missing(["networkx", "torchsde"])
    assert {name.partition(".")[0] for name in set(sys.modules) - before}.isdisjoint({"networkx", "torchsde"})
