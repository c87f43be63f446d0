"""What can be wrong with a file of weights."""


class CheckpointError(ValueError):
    """A file that cannot be read or is not what it was taken for; the message says what was expected and what to do."""


class KeymapError(CheckpointError):
    """Tensors of a file that do not come out even with the network they are meant for."""
