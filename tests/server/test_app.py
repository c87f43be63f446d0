"""The application put together."""

import json
import subprocess
import sys
from pathlib import Path

from tests.server.small_server import small_app

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "transformers", "tokenizers", "safetensors", "numpy", "networkx", "rich", "nodes", "diffusion", "cli"}


def test_importing_the_application_loads_no_model_library_and_no_planner() -> None:
    program = "import json, sys, server.app; print(json.dumps(sorted(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(json.loads(answer.stdout))
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    assert not loaded & {"graph.plan", "graph.run", "graph.engine"}


def test_every_route_of_the_wire_is_there_twice_and_our_own_once(tmp_path: Path) -> None:
    routes = [
        (route.method, route.resource.canonical)
        for route in small_app(tmp_path).router.routes()
        if route.resource is not None
    ]
    assert len(routes) == len(set(routes))
    plain = {(method, path) for method, path in routes if not path.startswith("/api/")}
    doubled = {(method, path.removeprefix("/api")) for method, path in routes if path.startswith("/api/")}
    own = {(method, path) for method, path in doubled if path.startswith("/v1/")}
    alone = {(method, path) for method, path in plain - doubled if not path.startswith(("/login", "/nodeloom/"))}
    assert doubled - own <= plain
    assert {path for _, path in alone} <= {"/", "/{path}", "/metrics"}
    assert not own & plain


def test_what_every_client_needs_is_registered(tmp_path: Path) -> None:
    known = {
        (route.method, route.resource.canonical)
        for route in small_app(tmp_path).router.routes()
        if route.resource is not None
    }
    needed = {
        ("POST", "/prompt"), ("GET", "/prompt"), ("GET", "/queue"), ("POST", "/queue"), ("POST", "/interrupt"),
        ("GET", "/history"), ("GET", "/history/{prompt_id}"), ("POST", "/history"), ("GET", "/object_info"),
        ("GET", "/view"), ("POST", "/upload/image"), ("POST", "/upload/mask"), ("GET", "/system_stats"),
        ("GET", "/features"), ("GET", "/embeddings"), ("GET", "/models"), ("GET", "/models/{folder}"),
        ("GET", "/extensions"), ("GET", "/users"), ("GET", "/settings"), ("POST", "/settings"), ("GET", "/userdata"),
        ("POST", "/free"), ("GET", "/i18n"), ("GET", "/workflow_templates"), ("GET", "/ws"), ("GET", "/health"),
    }  # fmt: skip
    names = {(method, path.partition("/{")[0]) for method, path in known}
    assert {(method, path.partition("/{")[0]) for method, path in needed} - names == set()
