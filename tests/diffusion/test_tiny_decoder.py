"""The small decoder: against diffusers' implementation, in both layouts of its files, and for which latents it is."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
from safetensors.torch import save_file
from torch import Tensor

from diffusion.autoencoder import ImageCodec
from diffusion.checkpoints import CheckpointError, KeymapError, load_checkpoint
from diffusion.preview import LinearPreview, fit_linear
from diffusion.tiny_decoder import LAYERS, RANGE, WIDTH, TinyDecoder, agrees, file_stem_for, load_tiny

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "models" / "checkpoints" / "nodeloom-emoji.safetensors"
SCALE = 0.18215


@pytest.fixture(scope="module")
def theirs() -> AutoencoderTiny:
    """diffusers' network with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return AutoencoderTiny().eval().requires_grad_(False)


def numbered(theirs: AutoencoderTiny) -> dict[str, Tensor]:
    """Its decoder as the published file names it: one more than in diffusers, since the clamp is counted."""
    tensors: dict[str, Tensor] = {}
    for name, tensor in theirs.decoder.layers.state_dict().items():
        number, _, rest = name.partition(".")
        tensors[f"{int(number) + 1}.{rest}"] = tensor
    return tensors


def written(folder: Path, tensors: Mapping[str, Tensor], name: str = "taesd_decoder.safetensors") -> Path:
    path = folder / name
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, path)
    return path


def latents(seed: int = 1) -> Tensor:
    return torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(seed)) * 2


def expected(theirs: AutoencoderTiny) -> Tensor:
    """(2, 40, 48, 3) in 0..1; diffusers answers in -1..1."""
    with torch.no_grad():
        decoded = theirs.decode(latents(), return_dict=False)[0]
    return decoded.add(1).mul(0.5).clamp(0, 1).movedim(1, -1)


def test_a_published_file_decodes_as_diffusers_does(tmp_path: Path, theirs: AutoencoderTiny) -> None:
    tiny = load_tiny(written(tmp_path, numbered(theirs)))
    assert expected(theirs).std() > 0.01, "the pictures are not all one colour"
    assert torch.allclose(tiny.decode(latents()), expected(theirs), atol=1e-5)


def test_a_file_with_diffusers_names_is_the_same_decoder(tmp_path: Path, theirs: AutoencoderTiny) -> None:
    state = theirs.state_dict()
    assert any(name.startswith("encoder.") for name in state), "the encoder is there, and not needed"
    tiny = load_tiny(written(tmp_path, state))
    assert torch.allclose(tiny.decode(latents()), expected(theirs), atol=1e-5)


def test_a_pickled_file_of_plain_tensors_opens_too(tmp_path: Path, theirs: AutoencoderTiny) -> None:
    torch.save(numbered(theirs), tmp_path / "taesd_decoder.pth")
    tiny = load_tiny(tmp_path / "taesd_decoder.pth")
    assert torch.allclose(tiny.decode(latents()), expected(theirs), atol=1e-5)


def test_half_precision_is_computed_in_float32(tmp_path: Path, theirs: AutoencoderTiny) -> None:
    tiny = load_tiny(written(tmp_path, {name: tensor.half() for name, tensor in numbered(theirs).items()}))
    assert {tensor.dtype for tensor in tiny.network.state_dict().values()} == {torch.float32}
    assert torch.allclose(tiny.decode(latents().half()), expected(theirs), atol=1e-2)


def test_latents_may_have_other_channels_than_four(tmp_path: Path) -> None:
    tiny = load_tiny(written(tmp_path, TinyDecoder(16).state_dict()))
    assert tiny.latent_channels == 16
    assert tiny.decode(torch.zeros(1, 16, 2, 3)).shape == (1, 16, 24, 3)


def test_the_layers_are_numbered_as_published() -> None:
    names = TinyDecoder(4).state_dict().keys()
    assert {"1.weight", "1.bias", "3.conv.0.weight", "5.conv.4.bias", "7.weight", "12.weight", "17.weight"} <= names
    assert {"18.conv.2.weight", "19.weight", "19.bias"} <= names
    assert "7.bias" not in names
    assert max(int(name.partition(".")[0]) for name in names) == LAYERS - 1


def test_a_file_that_lacks_a_tensor_is_refused(tmp_path: Path, theirs: AutoencoderTiny) -> None:
    tensors = numbered(theirs)
    del tensors["8.conv.2.weight"]
    with pytest.raises(KeymapError, match=r"1 missing .*8\.conv\.2\.weight"):
        load_tiny(written(tmp_path, tensors))


@pytest.mark.parametrize("tensors", [{"a": torch.zeros(2)}, {"1.weight": torch.zeros(3)}])
def test_a_file_of_something_else_is_refused(tmp_path: Path, tensors: Mapping[str, Tensor]) -> None:
    with pytest.raises(CheckpointError, match="TAESD decoder"):
        load_tiny(written(tmp_path, tensors))


def test_a_pickle_with_more_than_tensors_is_not_opened(tmp_path: Path) -> None:
    torch.save({"1.weight": Path("/")}, tmp_path / "taesd_decoder.pth")
    with pytest.raises(CheckpointError, match="more than plain tensors"):
        load_tiny(tmp_path / "taesd_decoder.pth")


def test_the_scale_of_a_model_names_its_decoder() -> None:
    assert file_stem_for(0.18215) == "taesd_decoder"
    assert file_stem_for(0.13025) == "taesdxl_decoder"
    assert file_stem_for(1.0) is None


def drawn_from(fit: LinearPreview) -> dict[str, Tensor]:
    """Weights that make the small decoder paint what a linear preview does.

    Latents are carried through as their positive and negative parts; blocks add nothing, convolutions pass on.
    """
    channels = fit.channels
    tensors = {name: torch.zeros_like(tensor) for name, tensor in TinyDecoder(channels).state_dict().items()}
    for channel in range(channels):
        tensors["1.weight"][channel, channel, 1, 1] = 1
        tensors["1.weight"][channels + channel, channel, 1, 1] = -1
    for number in (7, 12, 17):
        tensors[f"{number}.weight"][range(WIDTH), range(WIDTH), 1, 1] = 1
    weights = torch.from_numpy(fit.weights).T / SCALE  # (3, c)
    tensors["19.weight"][:, :channels, 1, 1] = weights
    tensors["19.weight"][:, channels : 2 * channels, 1, 1] = -weights
    tensors["19.bias"][:] = torch.from_numpy(fit.bias)
    return tensors


@pytest.fixture(scope="module")
def shipped() -> ImageCodec:
    codec = load_checkpoint(SHIPPED).vae
    assert codec is not None
    return codec


def test_a_decoder_made_for_the_latents_agrees_with_their_first_stage(tmp_path: Path, shipped: ImageCodec) -> None:
    tiny = load_tiny(written(tmp_path, drawn_from(fit_linear(shipped))))
    assert agrees(tiny, shipped, SCALE)


def test_a_decoder_made_for_other_latents_does_not(tmp_path: Path, shipped: ImageCodec) -> None:
    fit = fit_linear(shipped)
    others = LinearPreview(-fit.weights, fit.bias)
    assert not agrees(load_tiny(written(tmp_path, drawn_from(others))), shipped, SCALE)
    assert not agrees(load_tiny(written(tmp_path, TinyDecoder(16).state_dict())), shipped, SCALE)
    silent = {name: torch.zeros_like(tensor) for name, tensor in TinyDecoder(4).state_dict().items()}
    assert not agrees(load_tiny(written(tmp_path, silent)), shipped, SCALE)


def test_latents_far_out_are_held_softly_to_the_range(tmp_path: Path) -> None:
    ramp = LinearPreview((torch.eye(3) * SCALE / RANGE / 2).numpy(), torch.full((3,), 0.5).numpy())
    tiny = load_tiny(written(tmp_path, drawn_from(ramp)))
    values = torch.tensor([-1000.0, 0.0, 3.0, 1000.0])
    seen = tiny.decode(values.expand(1, 3, 1, 4))[0, 4, 4::8, 0]
    assert torch.allclose(seen, torch.tensor([0.0, 0.5, 0.5 + 0.5 * torch.tanh(torch.tensor(1.0)), 1.0]), atol=1e-5)
