"""The diffusion core: networks, schedules, samplers, guidance and checkpoints, with no graph and no HTTP."""
