"""What clients are told names files and not the folders of this machine."""

import pytest

from runs.places import without_folders


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('  File "/home/me/nodeloom/nodes/image.py", line 3, in read', '  File "nodes/image.py", line 3, in read'),
        ('File "/venv/lib/python3.11/site-packages/torch/nn/x.py"', 'File "torch/nn/x.py"'),
        ("cannot open /data/models/checkpoints/a.safetensors: gone", "cannot open checkpoints/a.safetensors: gone"),
        (r"cannot open C:\Users\me\a.png now", "cannot open me/a.png now"),
        ("see https://example.org/a/b/c for more", "see https://example.org/a/b/c for more"),
        ("1/2 of 3/4, and/or nothing", "1/2 of 3/4, and/or nothing"),
        ("sub/picture.png stays", "sub/picture.png stays"),
    ],
)
def test_absolute_paths_are_cut_to_their_end(text: str, told: str) -> None:
    assert without_folders(text) == told
