"""Plugins: find packs of nodes, load each where it can hurt no other, and report on every one of them.

Importing this package is light; `packs.loading` runs foreign code.
"""
