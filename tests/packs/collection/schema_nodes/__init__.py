"""In the newer convention."""
from __future__ import annotations

from typing_extensions import override

from comfy_api.latest import ComfyExtension, io, ui


class SchemaRepeat(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return io.Schema(
            node_id="SchemaRepeat",
            display_name="Repeat 🧩",
            category="schema",
            description="Repeats a text.",
            inputs=[
                io.String.Input("text", multiline=True),
                io.Int.Input("times", default=2, min=0, max=64),
                io.Combo.Input("how", options=["joined", "lines"]),
                io.AnyType.Input("trigger", optional=True),
            ],
            outputs=[io.String.Output(display_name="repeated"), io.Int.Output(display_name="length")],
            hidden=[io.Hidden.unique_id],
        )

    @classmethod
    def validate_inputs(cls, times):
        return True if times != 13 else "not thirteen"

    @classmethod
    def execute(cls, text, times, how, trigger=None) -> io.NodeOutput:
        made = ("" if how == "joined" else "\n").join([text] * times)
        return io.NodeOutput(made, len(made), ui=ui.PreviewText(f"{cls.hidden.unique_id}: {made}"))


class SchemaSwitch(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        template = io.MatchType.Template("kind")
        return io.Schema(
            node_id="SchemaSwitch",
            category="schema",
            inputs=[
                io.Boolean.Input("switch"),
                io.MatchType.Input("yes", template=template, lazy=True),
                io.MatchType.Input("no", template=template, lazy=True),
            ],
            outputs=[io.MatchType.Output(template=template)],
        )

    @classmethod
    def check_lazy_status(cls, switch, yes=None, no=None):
        if switch and yes is None:
            return ["yes"]
        if not switch and no is None:
            return ["no"]

    @classmethod
    def execute(cls, switch, yes=None, no=None):
        return io.NodeOutput(yes if switch else no)


class SchemaChain(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="SchemaChain", category="schema", enable_expand=True, is_output_node=True,
            inputs=[io.String.Input("text"), io.Int.Input("links", default=2)], outputs=[io.String.Output()],
        )

    @classmethod
    async def execute(cls, text, links):
        from comfy_execution.graph_utils import GraphBuilder

        graph = GraphBuilder()
        last = text
        for _ in range(links):
            last = graph.node("SchemaRepeat", text=last, times=2, how="joined").out(0)
        return io.NodeOutput(last, expand=graph.finalize())


class Extension(ComfyExtension):
    @override
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return [SchemaRepeat, SchemaSwitch, SchemaChain]


async def comfy_entrypoint() -> Extension:
    return Extension()
