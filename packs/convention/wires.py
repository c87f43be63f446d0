"""Values between our wires and the forms in which packs of the class convention know them."""

from typing import Protocol


class Wires(Protocol):
    """Turns what travels on a wire into what a pack expects, and back. Neither copies a tensor."""

    def outward(self, value: object) -> object:
        """A value as a pack expects it."""
        ...

    def inward(self, value: object, type: str) -> object:
        """What a pack returned, as it travels on a wire of this type; `*` where the type says nothing."""
        ...


class PlainWires:
    """Hands every value on as it is."""

    def outward(self, value: object) -> object:
        """The value."""
        return value

    def inward(self, value: object, type: str) -> object:
        """The value."""
        return value
