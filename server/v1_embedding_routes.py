"""The own API's embeddings: what prompts may name, and how many tokens each name stands for."""

import asyncio

from aiohttp import web

from server.keys import FOLDERS
from server.openapi import operation
from server.v1_exchange import large_answer
from server.v1_models import Told
from storage.embeddings import embeddings

routes = web.RouteTableDef()


class EmbeddingView(Told):
    """An embedding. name: as in `embedding:name`. vectors: how many tokens it is; null where its file does not tell."""

    name: str
    vectors: int | None


class EmbeddingList(Told):
    """The embeddings, by name."""

    embeddings: list[EmbeddingView]


@routes.get("/api/v1/embeddings")
@operation("List embeddings", tag="models", answers={200: EmbeddingList})
async def list_embeddings(request: web.Request) -> web.StreamResponse:
    """The embeddings (textual inversions) as prompts name them, with the number of tokens that each stands for."""
    found = await asyncio.to_thread(embeddings, request.app[FOLDERS])
    views = [EmbeddingView(name=each.name, vectors=each.vectors) for each in found]
    return await large_answer(EmbeddingList(embeddings=views))
