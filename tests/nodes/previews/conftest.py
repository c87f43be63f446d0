"""What tests of previews share: a screen that remembers what it was shown, and a model with a first stage."""

import pytest

from diffusion.autoencoder import ImageCodec
from diffusion.model import DiffusionModel
from tests.nodes.previews.preview_stage import Screen, codec_that, model_with


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture(scope="module")
def codec() -> ImageCodec:
    return codec_that(lambda: None)


@pytest.fixture
def model(codec: ImageCodec) -> DiffusionModel:
    return model_with(codec)
