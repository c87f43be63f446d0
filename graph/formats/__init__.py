"""Workflows as editors save them, with positions in place of names, to what the engine runs and back."""
