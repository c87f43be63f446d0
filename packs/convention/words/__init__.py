"""The words of the newer convention, by which packs say what their nodes are: plain Python of our own."""
