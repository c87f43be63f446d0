"""The options about packs: where they lie, and which of them are wanted."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.options import home

if TYPE_CHECKING:
    from packs.report import PackChoice

FOLDER: Final = "custom_nodes"
SECONDS: Final = 30.0


def add_packs(parser: argparse.ArgumentParser) -> None:
    """--custom-nodes, --disable-pack, --only-pack, --safe-mode, --pack-seconds and --allow-routes."""
    group = parser.add_argument_group("packs of nodes")
    group.add_argument(
        "--custom-nodes",
        action="append",
        type=Path,
        metavar="DIR",
        help=f"where packs lie; may repeat (default: {FOLDER}/)",
    )
    group.add_argument("--disable-pack", action="append", default=[], metavar="NAME", help="leave it out; may repeat")
    group.add_argument("--only-pack", action="append", metavar="NAME", help="load no other ones; may repeat")
    group.add_argument("--safe-mode", action="store_true", help="load no pack at all")
    group.add_argument(
        "--pack-seconds", type=float, default=SECONDS, metavar="S", help="an import that takes longer has failed (30)"
    )
    group.add_argument(
        "--allow-routes",
        action="append",
        default=[],
        metavar="NAME",
        help="serve the HTTP routes of this pack; they may do whatever the server may; may repeat",
    )


def pack_folders(arguments: argparse.Namespace) -> tuple[Path, ...]:
    """Where packs lie."""
    folders: list[Path] = arguments.custom_nodes or [home() / FOLDER]
    return tuple(folder.absolute() for folder in folders)


def package_folders() -> tuple[Path, ...]:
    """The folders of installed packages that bring nodes. Nothing of them is imported."""
    import importlib.util
    from importlib.metadata import entry_points

    from packs.finding import GROUP

    tops = sorted({point.module.partition(".")[0] for point in entry_points(group=GROUP)})
    found = (importlib.util.find_spec(top) for top in tops)
    return tuple(Path(place) for spec in found if spec is not None for place in spec.submodule_search_locations or ())


def pack_choice(arguments: argparse.Namespace) -> "PackChoice":
    """Which packs are wanted."""
    from packs.report import PackChoice

    return PackChoice(
        disabled=frozenset(arguments.disable_pack),
        only=None if arguments.only_pack is None else frozenset(arguments.only_pack),
        safe_mode=arguments.safe_mode,
        seconds=arguments.pack_seconds,
        routes=frozenset(arguments.allow_routes),
    )


def pack_words(arguments: argparse.Namespace) -> list[str]:
    """The options once more as words, for a process that is to load the same packs."""
    words = [f"--custom-nodes={folder}" for folder in pack_folders(arguments)]
    words += [f"--disable-pack={name}" for name in arguments.disable_pack]
    words += [f"--only-pack={name}" for name in arguments.only_pack or ()]
    words += [f"--allow-routes={name}" for name in arguments.allow_routes]
    words.append(f"--pack-seconds={arguments.pack_seconds}")
    if arguments.safe_mode:
        words.append("--safe-mode")
    return words
