"""Print the OpenAPI document of the server's own API, as docs/openapi.json holds it."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def execute(arguments: argparse.Namespace) -> int:
    """Print the document."""
    from cli.screen import answer_json

    answer_json(api_document())
    return 0


def api_document() -> dict[str, object]:
    """The document of every route of the own API."""
    from server.app import OWN
    from server.openapi import document, routed

    return document(routed(route for table in OWN for route in table))
