"""Asks services on this machine, many at once."""
import asyncio
import json

from comfy.utils import ProgressBar
from comfy_api.latest import ComfyAPI

api = ComfyAPI()
most = {"now": 0, "at_once": 0}


class FetchLocal:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"port": ("INT", {"default": 80, "min": 1, "max": 65535}), "path": ("STRING", {"default": "/"})}}

    RETURN_TYPES = ("STRING", "INT")
    RETURN_NAMES = ("body", "status")
    FUNCTION = "fetch"
    CATEGORY = "async"

    async def fetch(self, port, path):
        most["now"] += 1
        most["at_once"] = max(most["now"], most["at_once"])
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await api.execution.set_progress(value=1, max_value=2)
            writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            await writer.drain()
            answer = (await reader.read()).decode()
            writer.close()
            await api.execution.set_progress(value=2, max_value=2)
        finally:
            most["now"] -= 1
        head, _, body = answer.partition("\r\n\r\n")
        status = int(head.split()[1])
        if status >= 400:
            raise RuntimeError(f"{path}: the service answered {status}")
        return (body, status)


class FetchWait:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("STRING", {"forceInput": True}), "steps": ("INT", {"default": 3})}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "wait"
    CATEGORY = "async"

    async def wait(self, value, steps):
        bar = ProgressBar(steps)
        for _ in range(steps):
            await asyncio.sleep(0)
            bar.update(1)
        return (json.dumps({"value": value}),)


NODE_CLASS_MAPPINGS = {"FetchLocal": FetchLocal, "FetchWait": FetchWait}
