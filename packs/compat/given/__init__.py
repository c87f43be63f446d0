"""One module for each name that packs import: what it holds, made when the first pack asks."""
