"""The application put together: what the routes find, what protects them, and every route there is."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from graph.describe import Catalogues
from runs.desk import Desk
from server import (
    events_socket,
    extension_routes,
    file_routes,
    frontend,
    history_routes,
    job_routes,
    model_routes,
    node_routes,
    pack_routes,
    prompt_routes,
    queue_routes,
    system_routes,
    tokens,
    user_routes,
    v1_embedding_routes,
    v1_node_routes,
    v1_pack_routes,
    v1_runs_routes,
    v1_system_routes,
    v1_template_routes,
    v1_workflow_routes,
)
from server.headers import add_headers
from server.keys import (
    CATALOGUES,
    DESK,
    EXTENSIONS,
    FOLDERS,
    LOG_LINES,
    PICTURE_WORDS,
    SETTINGS,
    STREAMS,
    USER_FILES,
)  # fmt: skip
from server.log_lines import LogLines
from server.security import MIDDLEWARES
from server.settings import Settings
from server.tokens import GUESSES, Guesses
from storage import Folders
from storage.picture_words import PictureWords
from storage.user_files import UserFiles

API: Final = "/api"
WIRE: Final = (
    prompt_routes.routes,
    queue_routes.routes,
    history_routes.routes,
    job_routes.routes,
    node_routes.routes,
    file_routes.routes,
    user_routes.routes,
    model_routes.routes,
    extension_routes.routes,
    system_routes.routes,
    events_socket.routes,
)
"""What clients of this field know, some with `/api` before it and some without."""

OWN: Final = (
    v1_runs_routes.routes,
    v1_workflow_routes.routes,
    v1_template_routes.routes,
    v1_node_routes.routes,
    v1_pack_routes.routes,
    v1_embedding_routes.routes,
    v1_system_routes.routes,
)


def build(
    desk: Desk,
    folders: Folders,
    catalogues: Catalogues,
    user_files: UserFiles,
    settings: Settings,
    log_lines: LogLines,
    extensions: Mapping[str, Path] | None = None,
) -> web.Application:
    """The server's application. It starts and ends neither the desk nor its workers; whoever made them does.

    extensions: the web folders that packs bring for editors, by the pack's name, asked each time; None for none.
    """
    app = web.Application(middlewares=MIDDLEWARES, client_max_size=settings.most_body)
    app[DESK] = desk
    app[FOLDERS] = folders
    app[CATALOGUES] = dict(catalogues)
    app[USER_FILES] = user_files
    app[SETTINGS] = settings
    app[LOG_LINES] = log_lines
    app[PICTURE_WORDS] = PictureWords()
    app[EXTENSIONS] = {} if extensions is None else extensions
    app[GUESSES] = Guesses()
    app[STREAMS] = set()
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(events_socket.connect)
    app.cleanup_ctx.append(pack_routes.connect)
    add_routes(app)
    return app


def add_routes(app: web.Application) -> None:
    """Every route: those that clients of this field know twice, as written and under `/api`; our own once."""
    for routes in WIRE:
        add_twice(app, routes)
    for routes in OWN:
        app.add_routes(routes)
    app.add_routes(tokens.routes)
    frontend.add_frontend(app)


def add_twice(app: web.Application, routes: web.RouteTableDef) -> None:
    """Register routes as written and under `/api`."""
    for route in routes:
        assert isinstance(route, web.RouteDef)
        route.register(app.router)
        web.RouteDef(route.method, API + route.path, route.handler, {**route.kwargs, "name": None}).register(app.router)
