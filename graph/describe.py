"""A node as the JSON that editors of this field read (`object_info`)."""

from collections.abc import Callable, Mapping, Sequence

from graph.errors import SpecError
from graph.interface import ABSENT, WIDGETS, Input, Node

Catalogues = Mapping[str, Callable[[], Sequence[str]]]


def object_info(node: Node, catalogues: Catalogues) -> dict[str, object]:
    """The node's description; `catalogues` give the names of inputs that choose from one."""
    sections: dict[str, dict[str, object]] = {
        section: {each.name: describe_input(each, catalogues) for each in node.inputs if each.section == section}
        for section in ("required", "optional")
    }
    sections["hidden"] = {hidden.name: hidden.kind for hidden in node.hidden}
    kept = {section: inputs for section, inputs in sections.items() if inputs or section == "required"}
    info: dict[str, object] = {
        "input": kept,
        "input_order": {section: list(inputs) for section, inputs in kept.items()},
        "output": [output.type for output in node.outputs],
        "output_is_list": [output.is_list for output in node.outputs],
        "output_name": [output.name for output in node.outputs],
        "name": node.id,
        "display_name": node.display_name or node.id,
        "description": node.description,
        "python_module": node.module,
        "category": node.category,
        "output_node": node.terminal,
    }
    if any(output.tooltip for output in node.outputs):
        info["output_tooltips"] = [output.tooltip for output in node.outputs]
    if node.deprecated:
        info["deprecated"] = True
    if node.experimental:
        info["experimental"] = True
    return info


def describe_input(input: Input, catalogues: Catalogues) -> list[object]:
    """The pair `[type, options]` of an input, a choice being the list of its names in the type's place."""
    if input.verbatim:
        return _as_written(input, catalogues)
    options: dict[str, object] = {}
    if input.default is not ABSENT and input.default is not None and input.type in WIDGETS:
        options["default"] = _number(input, input.default)
    for name, value in (("min", input.minimum), ("max", input.maximum), ("step", input.step), ("round", input.round)):
        if value is not None:
            options[name] = _number(input, value)
    if input.seed:
        options["control_after_generate"] = True
    if input.multiline:
        options["multiline"] = True
    if input.dynamic_prompts:
        options["dynamicPrompts"] = True
    if input.upload is not None:
        options[f"{input.upload}_upload"] = True
    if input.socket_only:
        options["forceInput"] = True
    if input.lazy:
        options["lazy"] = True
    if input.raw_link:
        options["rawLink"] = True
    if input.multiselect:
        options["multiselect"] = True
    if input.label is not None:
        options["display_name"] = input.label
    if input.tooltip:
        options["tooltip"] = input.tooltip
    options.update(input.options)
    shown = list(choices_of(input, catalogues)) if input.type == "COMBO" else input.type
    return [shown, options] if options else [shown]


def _as_written(input: Input, catalogues: Catalogues) -> list[object]:
    """The pair as its author wrote it: names to choose from stand in the options where they stood there."""
    shown: object = input.type
    options = dict(input.options)
    if input.type == "COMBO":
        if "options" in options:
            options["options"] = list(choices_of(input, catalogues))
        elif "remote" not in options:
            shown = list(choices_of(input, catalogues))
    return [shown, options] if options else [shown]


def choices_of(input: Input, catalogues: Catalogues) -> Sequence[object]:
    """The names a COMBO allows now. Raises SpecError where its catalogue was not handed in."""
    if input.catalogue is None:
        return list(input.choices or ())
    catalogue = catalogues.get(input.catalogue)
    if catalogue is None:
        known = ", ".join(sorted(catalogues)) or "none"
        raise SpecError(
            f"input {input.name} chooses from the catalogue {input.catalogue!r}; handed in: {known}. "
            "Hand it in under this name"
        )
    return catalogue()


def _number(input: Input, value: object) -> object:
    """A number of a FLOAT as one, anything else as it is."""
    return float(value) if input.type == "FLOAT" and isinstance(value, int) and not isinstance(value, bool) else value
