"""Embeddings are named as prompts name them, and tell their number of vectors without being loaded."""

import json
import struct
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from storage import Folders
from storage.embeddings import Embedding, embeddings


def folder_of(base: Path) -> Path:
    folder = base / "models" / "embeddings"
    folder.mkdir(parents=True)
    return folder


def test_a_safetensors_file_tells_how_many_vectors_it_holds(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    (folder / "deep").mkdir()
    save_file({"emb_params": np.zeros((4, 8), np.float32)}, folder / "ink.safetensors", {"note": "a text"})
    save_file({"vector": np.zeros(8, np.float32)}, folder / "deep" / "one.safetensors")
    save_file({"clip_l": np.zeros((3, 8), np.float32), "clip_g": np.zeros((3, 12), np.float32)}, folder / "two.sft")
    assert embeddings(Folders.under(tmp_path)) == (Embedding("deep/one", 1), Embedding("ink", 4), Embedding("two", 3))


def test_a_file_that_cannot_be_read_without_being_run_or_makes_no_sense_tells_no_number(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    (folder / "old.pt").write_bytes(b"a pickle")
    (folder / "short.safetensors").write_bytes(b"123")
    (folder / "long.safetensors").write_bytes(struct.pack("<Q", 2**40) + b"{}")
    save_file({"a": np.zeros((3, 8), np.float32), "b": np.zeros((2, 8), np.float32)}, folder / "mixed.safetensors")
    for name, header in {"list": [], "odd": {"a": 3}, "wide": {"a": {"shape": [1, 2, 3]}}, "none": {}}.items():
        text = json.dumps(header).encode()
        (folder / f"{name}.safetensors").write_bytes(struct.pack("<Q", len(text)) + text)
    found = embeddings(Folders.under(tmp_path))
    assert [each.name for each in found] == ["list", "long", "mixed", "none", "odd", "old", "short", "wide"]
    assert {each.vectors for each in found} == {None}


def test_of_two_files_of_one_name_the_first_counts(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    (folder / "ink.pt").write_bytes(b"a pickle")
    save_file({"emb_params": np.zeros((4, 8), np.float32)}, folder / "ink.safetensors")
    assert embeddings(Folders.under(tmp_path)) == (Embedding("ink", None),)


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert embeddings(Folders.under(tmp_path)) == ()
