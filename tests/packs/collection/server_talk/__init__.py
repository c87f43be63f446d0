"""Talks to its part of the editor."""
from aiohttp import web
from server import PromptServer

WEB_DIRECTORY = "./web/js"

routes = PromptServer.instance.routes


@routes.get("/server_talk/status")
async def status(request):
    return web.json_response({"ok": True})


class TalkHistogram:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",), "bins": ("INT", {"default": 4, "min": 1, "max": 256})},
                "hidden": {"unique_id": "UNIQUE_ID"}}

    RETURN_TYPES = ("IMAGE",)
    OUTPUT_NODE = True
    FUNCTION = "tell"
    CATEGORY = "talk"

    def tell(self, image, bins, unique_id):
        import torch

        counts = torch.histc(image, bins=bins, min=0, max=1).int().tolist()
        PromptServer.instance.send_sync("server_talk.histogram", {"node": unique_id, "counts": counts})
        PromptServer.instance.send_progress_text(f"{sum(counts)} values", unique_id)
        return {"ui": {"counts": counts}, "result": (image,)}


NODE_CLASS_MAPPINGS = {"TalkHistogram": TalkHistogram}
NODE_DISPLAY_NAME_MAPPINGS = {"TalkHistogram": "📊 Histogram"}
__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "WEB_DIRECTORY"]
