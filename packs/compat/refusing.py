"""How a given module says that something is not there: one sentence, with what to use instead."""

from collections.abc import Callable
from typing import Any, NoReturn


class NotGiven(NotImplementedError):
    """A pack asked for something that is not there; the sentence says what to use instead."""


def refusal(sentence: str) -> Callable[..., NoReturn]:
    """A function that raises the sentence, whatever it is called with."""

    def refuse(*given: object, **named: object) -> NoReturn:
        raise NotGiven(sentence)

    return refuse


class Refused:
    """An object whose every use raises the sentence."""

    def __init__(self, sentence: str) -> None:
        self.__dict__["_sentence"] = sentence

    def __getattr__(self, name: str) -> Any:
        """Raise the sentence; names with two underscores at both ends are only not there."""
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        raise NotGiven(self._sentence)

    def __call__(self, *given: object, **named: object) -> NoReturn:
        """Raise the sentence."""
        raise NotGiven(self._sentence)
