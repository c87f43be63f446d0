"""Text: the CLIP tokenizer, prompt weights, windows, and the encoder that makes conditions of prompts."""

from diffusion.clip.config import ClipConfig, ClipError, config_from_shapes
from diffusion.clip.encoder import TextEncoder, text_encoder, text_tensor_shapes
from diffusion.clip.prompt import Span, escape, parse
from diffusion.clip.tokenizer import ClipTokenizer, clip_tokenizer
from diffusion.clip.windows import Token, Window
from diffusion.clip.words import EmbeddingLookup, Tokens, no_embeddings

__all__ = [
    "ClipConfig",
    "ClipError",
    "ClipTokenizer",
    "EmbeddingLookup",
    "Span",
    "TextEncoder",
    "Token",
    "Tokens",
    "Window",
    "clip_tokenizer",
    "config_from_shapes",
    "escape",
    "no_embeddings",
    "parse",
    "text_encoder",
    "text_tensor_shapes",
]
