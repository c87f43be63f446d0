"""Start the server: HTTP and websocket interface, durable queue, workers, and the browser editor where it is built.

It answers at once and starts its workers in the background. Ctrl-C ends it; the queue stays and goes on at the next
start. Only this machine can reach it unless --host says otherwise, which needs --token (or NODELOOM_TOKEN).
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.options import ROOT, add_cache, add_folders, byte_size
from cli.pack_options import add_packs, pack_folders, pack_words, package_folders
from cli.refusal import Refused
from cli.worker import PREVIEWS

if TYPE_CHECKING:
    from runs.crew import Staffing
    from server.log_lines import LogLines
    from server.settings import Settings
    from storage import Folders

DATABASE: Final = "runs.sqlite"
TOKEN_VARIABLE: Final = "NODELOOM_TOKEN"
TEMPLATES: Final = "workflows"
WRITTEN: Final = ("input", "output", "temp", "user")
TEMP_SECONDS: Final = 60.0
"""How often the temp folder is held against its bound."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, whom to trust, where files lie, how much is kept."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")
    parser.add_argument("--port", type=_port, default=8188, help="port to listen on (8188)")
    parser.add_argument("--preview", choices=PREVIEWS, default="auto", help="how denoising steps are drawn (auto)")
    parser.add_argument(
        "--devices",
        default="auto",
        metavar="LIST",
        help="a worker each, as cuda:0,cuda:1 or cpu (auto: all)",
    )
    add_folders(parser)
    add_packs(parser)
    parser.add_argument(
        "--dev", action="store_true", help="for those who write packs: read a pack anew when its files have changed"
    )
    folders = parser.add_argument_group("more folders")
    folders.add_argument("--frontend", type=Path, metavar="DIR", help="another front end's built files, served at /")
    add_cache(parser, memory="4G")
    bounds = parser.add_argument_group("bounds")
    bounds.add_argument("--history", type=int, default=10_000, metavar="N", help="ended runs that are kept (10000)")
    bounds.add_argument("--history-size", type=byte_size, default="2G", metavar="SIZE", help="and their size (2G)")
    bounds.add_argument("--temp-size", type=byte_size, default="2G", metavar="SIZE", help="of the temp folder (2G)")
    bounds.add_argument("--max-upload", type=byte_size, default="100M", metavar="SIZE", help="of one upload (100M)")
    bounds.add_argument(
        "--hang-seconds", type=float, default=60.0, metavar="S", help="without a sign of life a worker is replaced (60)"
    )
    bounds.add_argument(
        "--patience", type=float, default=30.0, metavar="S", help="a cancelled run that goes on is ended after it (30)"
    )
    trust = parser.add_argument_group("trust")
    trust.add_argument("--token", help=f"what every request must carry; {TOKEN_VARIABLE} keeps it out of process lists")
    trust.add_argument("--insecure", action="store_true", help="listen beyond this machine without a token")
    trust.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="a further Host; may repeat")
    trust.add_argument(
        "--allow-origin", action="append", default=[], metavar="URL", help="a further web page that may drive it"
    )
    logs = parser.add_argument_group("logs")
    logs.add_argument("--log-level", choices=("debug", "info", "warning", "error"), default="warning", help="(warning)")
    logs.add_argument("--log-json", action="store_true", help="one JSON object a line, requests included")


def execute(arguments: argparse.Namespace) -> int:
    """Listen until Ctrl-C."""
    import asyncio

    from cli.assembly import folders_from
    from cli.logs import begin_logging
    from cli.screen import say
    from runs.errors import StoreError
    from server.listening import CannotListen, open_socket

    folders = folders_from(arguments)
    settings = settings_from(arguments)
    prepare_folders(folders)
    try:
        listening = open_socket(settings.host, settings.port)
    except CannotListen as error:
        raise Refused("cannot_listen", f"{error}.", "") from None
    lines = begin_logging(arguments.log_level, arguments.log_json)
    with listening:
        tidy_up(folders)
        try:
            asyncio.run(serve(arguments, folders, settings, listening, lines))
        except StoreError as error:
            raise Refused("no_database", f"{error}.", "") from None
    say("Stopped. What was queued goes on at the next start.")
    return 0


def tidy_up(folders: "Folders") -> None:
    """Delete what passed with the last server. Raises Refused where the temp folder holds more than that."""
    from storage import StorageError
    from storage.temporary import clear_folder, clear_partials

    try:
        clear_folder(folders.temp, (folders.models, folders.input, folders.output, folders.user))
    except StorageError as error:
        raise Refused("bad_temp", f"--temp: expected {error.expected}; found {error.found}.", error.remedy) from None
    for name in WRITTEN:
        clear_partials(getattr(folders, name))


async def serve(
    arguments: argparse.Namespace, folders: "Folders", settings: "Settings", listening: object, lines: "LogLines"
) -> None:
    """Open the desk, answer requests, and close the desk."""
    import asyncio
    import socket
    from typing import cast

    from cli.following import follow_packs
    from cli.screen import say
    from runs.desk import Desk
    from server.app import build
    from server.listening import listen
    from server.pack_folders import WebFolders
    from server.v1_template_routes import add_templates
    from storage.catalogues import catalogues
    from storage.user_files import UserFiles

    desk = await Desk.open(
        folders.user / DATABASE,
        staffing_from(arguments, lines),
        most_runs=arguments.history,
        most_bytes=arguments.history_size,
        patience=arguments.patience,
    )
    custom_nodes = pack_folders(arguments)
    beside = [asyncio.create_task(_bound_temp(folders.temp, arguments.temp_size))]
    if arguments.dev:
        beside.append(asyncio.create_task(follow_packs(custom_nodes, desk)))
    try:
        web_folders = WebFolders(lambda: desk.brought.webs, custom_nodes, package_folders())
        app = build(desk, folders, catalogues(folders), UserFiles(folders.user), settings, lines, web_folders)
        add_templates(app, ROOT / TEMPLATES)

        def begun() -> None:
            say(f"Nodeloom listens on {address(settings)} (Ctrl-C ends it; the queue stays)")

        await listen(app, cast(socket.socket, listening), begun, arguments.log_json)
    finally:
        for task in beside:
            task.cancel()
        await desk.close()


async def _bound_temp(temp: Path, most_bytes: int) -> None:
    """Hold the temp folder to its bound for as long as the server runs."""
    import asyncio

    from storage.temporary import bound_folder

    while True:
        await asyncio.sleep(TEMP_SECONDS)
        await asyncio.to_thread(bound_folder, temp, most_bytes)


def address(settings: "Settings") -> str:
    """What to type into a browser."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{host}:{settings.port}"


def settings_from(arguments: argparse.Namespace) -> "Settings":
    """The server's settings. Raises Refused where they would open it to strangers."""
    from cli.about import version
    from server.security import refusal_to_listen
    from server.settings import Settings

    token = arguments.token or os.environ.get(TOKEN_VARIABLE) or None
    refusal = refusal_to_listen(arguments.host, token, arguments.insecure)
    if refusal is not None:
        raise Refused("open_to_strangers", refusal, "")
    frontend = arguments.frontend
    if frontend is not None and not (frontend / "index.html").is_file():
        raise Refused("no_frontend", f"{frontend} holds no index.html.", "Name the folder of a built front end.")
    return Settings(
        host=arguments.host,
        port=arguments.port,
        token=token,
        allowed_hosts=frozenset(name.lower() for name in arguments.allow_host),
        allowed_origins=frozenset(origin.rstrip("/").lower() for origin in arguments.allow_origin),
        frontend=None if frontend is None else frontend.absolute(),
        most_upload=arguments.max_upload,
        arguments=tuple(word.partition("=")[0] for word in sys.argv[1:] if word.startswith("--")),
        version=version(),
        dev=arguments.dev,
    )


def prepare_folders(folders: "Folders") -> None:
    """Make the folders that are written to. Raises Refused for one that cannot be."""
    import tempfile

    for name in WRITTEN:
        folder: Path = getattr(folders, name)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            message = f"the {name} folder {folder} cannot be written to: {error.strerror or error}."
            raise Refused("unwritable", message, f"Name another one with --{name}, or mend its rights.") from None


def staffing_from(arguments: argparse.Namespace, lines: "LogLines") -> "Staffing":
    """How workers are begun: this program once more, with the folders and the cache of this server."""
    from runs.crew import Staffing

    options = [f"--preview={arguments.preview}"]
    for name in ("models", "input", "output", "temp", "user", "further_models"):
        value = getattr(arguments, name)
        if value is not None:
            options.append(f"--{name.replace('_', '-')}={value.absolute()}")
    options += [f"--cache-memory={arguments.cache_memory}", f"--cache-disk={arguments.cache_disk}"]
    if arguments.no_cache:
        options.append("--no-cache")
    options += pack_words(arguments)
    program = [sys.executable, str(ROOT / "main.py"), "worker"]
    return Staffing(
        command=lambda device: [*program, f"--device={device}", *options],
        devices=tuple(name.strip() for name in arguments.devices.split(",") if name.strip()) or ("auto",),
        line=lines.add,
        hang_seconds=arguments.hang_seconds,
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535; found '{text}'")
    return int(text)
