"""What this room says when inputs do not go together."""


class InputError(ValueError):
    """A value that passed every check of types and bounds, but cannot be worked with.

    The message says what was expected, what was found, and the remedy.
    """

    def __init__(self, expected: str, found: str, remedy: str) -> None:
        super().__init__(f"expected {expected}; found {found}. {remedy}")
