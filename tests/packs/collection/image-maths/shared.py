"""What several files use."""
def same_size(a, b):
    # imported late, because it is slow to import
    import comfy.utils
    if a.shape[1:3] != b.shape[1:3]:
        b = comfy.utils.common_upscale(b.movedim(-1, 1), a.shape[2], a.shape[1], "bilinear", "center").movedim(1, -1)
    if a.shape[0] != b.shape[0]:
        b = b.repeat(a.shape[0], 1, 1, 1)[: a.shape[0]]
    return a, b
