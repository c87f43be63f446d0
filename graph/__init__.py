"""The engine: nodes read from typed functions; workflows checked, planned, run and cached. No torch, no HTTP."""
