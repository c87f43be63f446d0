"""Runs: a durable queue with its event log in SQLite, and the worker processes that carry runs out."""
