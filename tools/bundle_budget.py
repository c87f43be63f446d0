"""Measures what a browser has to fetch before the editor shows itself, and holds it to a bound.

`python -m tools.bundle_budget` lists the files with their compressed sizes; it ends with 1 above the bound.
"""

import argparse
import gzip
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
BUILT: Final = ROOT / "server" / "static"
INDEX: Final = "index.html"
MOST_BYTES: Final = 350_000

# Bundled modules name what they need at once like this; what is loaded later stands in `import(…)`.
_NEEDED_AT_ONCE: Final = re.compile(
    r"""(?:^|[;}\s])(?:import|export)\s*(?:[\w$*{}\s,]+?from\s*)?["'](?P<name>\.{1,2}/[^"']+\.js)["']"""
)


class _Page(HTMLParser):
    """Reads which files a page names as its scripts, styles and modules to load at once."""

    def __init__(self) -> None:
        super().__init__()
        self.files: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the file of a script or of a link that is loaded at once."""
        named = dict(attrs)
        if tag == "script":
            self._note(named.get("src"))
        elif tag == "link" and named.get("rel") in ("stylesheet", "modulepreload"):
            self._note(named.get("href"))

    def _note(self, file: str | None) -> None:
        if file:
            self.files.append(posixpath.normpath(file))


def files_at_start(built: Path) -> Sequence[str]:
    """The names of all files that the first page needs, itself first. Raises OSError for one that is missing."""
    page = _Page()
    page.feed((built / INDEX).read_text(encoding="utf-8"))
    found: dict[str, None] = {INDEX: None}
    waiting = list(page.files)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            if name.endswith(".js"):
                waiting.extend(needed_by(name, (built / name).read_text(encoding="utf-8")))
    return list(found)


def needed_by(name: str, source: str) -> Iterator[str]:
    """The files that a bundled module needs at once."""
    for found in _NEEDED_AT_ONCE.finditer(source):
        yield posixpath.normpath(posixpath.join(posixpath.dirname(name), found["name"]))


def sizes_at_start(built: Path) -> Mapping[str, int]:
    """Bytes on the line, compressed by gzip, of each file that the first page needs. Raises OSError."""
    return {name: len(gzip.compress((built / name).read_bytes(), 9, mtime=0)) for name in files_at_start(built)}


def main(arguments: Sequence[str] | None = None) -> int:
    """List the files and judge their sum."""
    parser = argparse.ArgumentParser(prog="python -m tools.bundle_budget", description=__doc__)
    parser.add_argument("--most", type=int, default=MOST_BYTES, metavar="BYTES", help=f"the bound ({MOST_BYTES})")
    parser.add_argument("--quiet", action="store_true", help="say something only above the bound")
    wanted = parser.parse_args(arguments)
    try:
        sizes = sizes_at_start(BUILT)
    except OSError:
        print("There is no whole build of the editor: run 'make editor'.", file=sys.stderr)
        return 1
    total = sum(sizes.values())
    if total > wanted.most or not wanted.quiet:
        for name, size in sizes.items():
            print(f"{size / 1000:8.1f} kB  {name}")
        print(f"{total / 1000:8.1f} kB  of {wanted.most / 1000:.0f} kB at start")
    if total > wanted.most:
        print("The editor is too large at its start: load later what is not shown at once.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
