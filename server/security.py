"""What protects a server, in the order in which a request meets it, and when it may not listen at all."""

from collections.abc import Sequence
from typing import Final

from aiohttp.typedefs import Middleware

from server.bodies import check_content_type, check_length
from server.errors import answer_errors
from server.origins import check_host, check_origin, is_loopback
from server.tokens import check_token

MIDDLEWARES: Final[Sequence[Middleware]] = (
    answer_errors,
    check_host,
    check_origin,
    check_content_type,
    check_token,
    check_length,
)
"""The outermost first. Headers are set by a hook (`server.headers`), which streams and websockets pass as well."""


def refusal_to_listen(host: str, token: str | None, insecure: bool) -> str | None:
    """Why a server may not listen there, with the remedy; None where it may (T27).

    insecure: the operator said expressly that whoever reaches the address may use the server.
    """
    if is_loopback(host) or token or insecure:
        return None
    where = host or "every address"
    return (
        f"expected a token for listening on {where}, where other machines reach this server; found none. Give one in "
        "NODELOOM_TOKEN or by --token, listen on 127.0.0.1, or say --insecure to let in whoever comes"
    )
