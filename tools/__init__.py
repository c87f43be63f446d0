"""What builds and judges the editor; the program itself needs none of it."""
