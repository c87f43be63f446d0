"""Loops: a pair opens and closes, and the closing node copies what lies between."""
from comfy_execution.graph_utils import GraphBuilder, is_link

from .types import ANY

SLOTS = 3


class FlowWhileOpen:
    TITLE = "🔁 While ▸"

    @classmethod
    def INPUT_TYPES(cls):
        inputs = {"required": {"condition": ("BOOLEAN", {"default": True})}, "optional": {}}
        for i in range(SLOTS):
            inputs["optional"][f"value{i}"] = (ANY,)
        return inputs

    RETURN_TYPES = tuple(["FLOW_CONTROL"] + [ANY] * SLOTS)
    RETURN_NAMES = tuple(["flow"] + [f"value{i}" for i in range(SLOTS)])
    FUNCTION = "open"
    CATEGORY = "flow 🔁"

    def open(self, condition, **kwargs):
        from comfy_execution.graph import ExecutionBlocker  # late, as it is only needed here

        return tuple(["stub"] + [kwargs.get(f"value{i}") if condition else ExecutionBlocker(None) for i in range(SLOTS)])


class FlowWhileClose:
    TITLE = "◂ 🔁 While"

    @classmethod
    def INPUT_TYPES(cls):
        inputs = {
            "required": {"flow": ("FLOW_CONTROL", {"rawLink": True}), "condition": ("BOOLEAN", {"forceInput": True})},
            "optional": {},
            "hidden": {"dynprompt": "DYNPROMPT", "unique_id": "UNIQUE_ID"},
        }
        for i in range(SLOTS):
            inputs["optional"][f"value{i}"] = (ANY,)
        return inputs

    RETURN_TYPES = tuple([ANY] * SLOTS)
    RETURN_NAMES = tuple(f"value{i}" for i in range(SLOTS))
    FUNCTION = "close"
    CATEGORY = "flow 🔁"

    def upstream(self, node_id, dynprompt, users):
        for value in dynprompt.get_node(node_id)["inputs"].values():
            if is_link(value):
                if value[0] not in users:
                    users[value[0]] = []
                    self.upstream(value[0], dynprompt, users)
                users[value[0]].append(node_id)

    def collect(self, node_id, users, inside):
        for user in users.get(node_id, []):
            if user not in inside:
                inside[user] = True
                self.collect(user, users, inside)

    def close(self, flow, condition, dynprompt=None, unique_id=None, **kwargs):
        if not condition:
            return tuple(kwargs.get(f"value{i}") for i in range(SLOTS))
        opened = flow[0]
        users = {}
        self.upstream(unique_id, dynprompt, users)
        inside = {unique_id: True, opened: True}
        self.collect(opened, users, inside)

        graph = GraphBuilder()
        for node_id in inside:
            node = graph.node(dynprompt.get_node(node_id)["class_type"], "Recurse" if node_id == unique_id else node_id)
            node.set_override_display_id(dynprompt.get_display_node_id(node_id))
        for node_id in inside:
            node = graph.lookup_node("Recurse" if node_id == unique_id else node_id)
            for key, value in dynprompt.get_node(node_id)["inputs"].items():
                if is_link(value) and value[0] in inside:
                    node.set_input(key, graph.lookup_node(value[0]).out(value[1]))
                else:
                    node.set_input(key, value)
        start = graph.lookup_node(opened)
        for i in range(SLOTS):
            start.set_input(f"value{i}", kwargs.get(f"value{i}"))
        end = graph.lookup_node("Recurse")
        return {"result": tuple(end.out(i) for i in range(SLOTS)), "expand": graph.finalize()}


class FlowForOpen:
    TITLE = "🔁 For ▸"

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"remaining": ("INT", {"default": 1, "min": 0, "max": 100000})},
            "optional": {f"value{i}": (ANY,) for i in range(1, SLOTS)},
            "hidden": {"value0": (ANY,)},
        }

    RETURN_TYPES = tuple(["FLOW_CONTROL", "INT"] + [ANY] * (SLOTS - 1))
    RETURN_NAMES = tuple(["flow", "remaining"] + [f"value{i}" for i in range(1, SLOTS)])
    FUNCTION = "open"
    CATEGORY = "flow 🔁"

    def open(self, remaining, **kwargs):
        graph = GraphBuilder()
        if "value0" in kwargs:
            remaining = kwargs["value0"]
        graph.node("FlowWhileOpen", condition=remaining, value0=remaining,
                   **{f"value{i}": kwargs.get(f"value{i}") for i in range(1, SLOTS)})
        return {
            "result": tuple(["stub", remaining] + [kwargs.get(f"value{i}") for i in range(1, SLOTS)]),
            "expand": graph.finalize(),
        }


class FlowForClose:
    TITLE = "◂ 🔁 For"

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"flow": ("FLOW_CONTROL", {"rawLink": True})},
            "optional": {f"value{i}": (ANY, {"rawLink": True}) for i in range(1, SLOTS)},
        }

    RETURN_TYPES = tuple([ANY] * (SLOTS - 1))
    RETURN_NAMES = tuple(f"value{i}" for i in range(1, SLOTS))
    FUNCTION = "close"
    CATEGORY = "flow 🔁"

    def close(self, flow, **kwargs):
        graph = GraphBuilder()
        less = graph.node("FlowNumbers", op="a+b", a=[flow[0], 1], b=-1)
        going = graph.node("FlowNumbers", op="a<b", a=0, b=less.out(0))
        end = graph.node(
            "FlowWhileClose", flow=flow, condition=going.out(0), value0=less.out(0),
            **{f"value{i}": kwargs.get(f"value{i}") for i in range(1, SLOTS)},
        )
        return {"result": tuple(end.out(i) for i in range(1, SLOTS)), "expand": graph.finalize()}


CLASSES = {c.__name__: c for c in (FlowWhileOpen, FlowWhileClose, FlowForOpen, FlowForClose)}
