"""The names that packs of the class convention import, given to packs alone, and the values they expect on wires."""
