"""Why a command does not begin: what was typed cannot be read, or does not fit the workflow."""


class Refused(Exception):
    """One thing that is wrong before a workflow can be checked.

    code: stable, for programs. node, input: what was meant, as far as it could be found.
    """

    def __init__(self, code: str, message: str, remedy: str, node: str | None = None, input: str | None = None) -> None:
        super().__init__(f"{message} {remedy}")
        self.code = code
        self.message = message
        self.remedy = remedy
        self.node = node
        self.input = input
