"""What can be wrong with a pack as a whole."""


class PackError(Exception):
    """A pack cannot be read; the text is a sentence that says what was expected and found, `remedy` what to do."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy
