"""Waits for what a pack wrote asynchronously, where the host asks from ordinary code."""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Awaitable
from typing import TypeVar, cast

from graph.attempt import Failure, attempt

Value = TypeVar("Value")


def waited(answer: Value | Awaitable[Value]) -> Value:
    """The answer, waited for where it is awaitable; in a thread of its own where a loop runs in this one."""
    if not inspect.isawaitable(answer):
        return cast(Value, answer)
    if not _is_inside_a_loop():
        return _run(answer)
    ended: list[Value | Failure] = []
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: ended.append(context.run(attempt, _run, answer)), daemon=True)
    thread.start()
    thread.join()
    [result] = ended
    if isinstance(result, Failure):
        raise result.error
    return result


def _run(answer: Awaitable[Value]) -> Value:
    async def wait() -> Value:
        return await answer

    loop = asyncio.new_event_loop()  # not asyncio.run, which takes the thread's own loop away
    try:
        return loop.run_until_complete(wait())
    finally:
        loop.close()


def _is_inside_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
