"""The text encoder against a text model that transformers builds and runs itself."""

import pytest
import torch
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from diffusion.clip import ClipConfig, ClipError, TextEncoder, clip_tokenizer, config_from_shapes, text_encoder

WIDTH, LAYERS = 32, 3
LONG = "a watercolor of a lighthouse on a cliff above the sea at dawn, " * 9


@pytest.fixture(scope="module")
def reference() -> CLIPTextModel:
    """A tiny text model with random weights, built and initialised by transformers."""
    torch.manual_seed(0)
    config = CLIPTextConfig(
        hidden_size=WIDTH, intermediate_size=48, num_hidden_layers=LAYERS, num_attention_heads=4, eos_token_id=49407
    )
    model = CLIPTextModel(config).eval()
    for weight in model.parameters():  # the usual start is so small that mistakes would hide
        weight.data.copy_(torch.randn_like(weight) * 0.2)
    return model


@pytest.fixture(scope="module")
def encoder(reference: CLIPTextModel) -> TextEncoder:
    return encoder_around(reference)


def encoder_around(model: CLIPTextModel, **changes: object) -> TextEncoder:
    config = ClipConfig(width=WIDTH, layers=LAYERS, heads=4, mlp_width=48, **changes)  # pyright: ignore[reportArgumentType]
    return text_encoder(config, {name: tensor.detach() for name, tensor in model.state_dict().items()})


@torch.no_grad()
def hidden_states(model: CLIPTextModel, encoder: TextEncoder, prompt: str) -> tuple[list[Tensor], Tensor]:
    """Every layer's output (n, 77, d) before the final norm, and the pooled state, as transformers computes them."""
    ids = torch.tensor(encoder.tokens(prompt).ids)
    answer = model(input_ids=ids, output_hidden_states=True)
    return list(answer.hidden_states), answer.pooler_output


@pytest.mark.parametrize("prompt", ["", "a photo of a cat", "don't 123 café 😀", LONG])
def test_the_embedding_is_the_last_state_after_the_final_norm(
    prompt: str, reference: CLIPTextModel, encoder: TextEncoder
) -> None:
    ids = torch.tensor(encoder.tokens(prompt).ids)
    with torch.no_grad():
        answer = reference(input_ids=ids)
    condition = encoder.encode(prompt)
    torch.testing.assert_close(condition.embedding[0], answer.last_hidden_state.flatten(0, 1), rtol=0, atol=1e-5)
    torch.testing.assert_close(condition.pooled, answer.pooler_output[:1], rtol=0, atol=1e-5)


@pytest.mark.parametrize("layer", [-1, -2, -3])
def test_clip_skip_takes_an_earlier_layer_still_normed(
    layer: int, reference: CLIPTextModel, encoder: TextEncoder
) -> None:
    states, pooled = hidden_states(reference, encoder, "a photo of a cat")
    expected = reference.final_layer_norm(states[layer]).detach()
    condition = encoder.with_last_layer(layer).encode("a photo of a cat")
    torch.testing.assert_close(condition.embedding, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(condition.pooled, pooled, rtol=0, atol=1e-5)


def test_a_family_without_final_norm_gives_the_plain_state(reference: CLIPTextModel) -> None:
    encoder = encoder_around(reference, last_layer=-2, final_norm=False)
    states, _ = hidden_states(reference, encoder, "a photo of a cat")
    torch.testing.assert_close(encoder.encode("a photo of a cat").embedding, states[-2], rtol=0, atol=1e-5)


@pytest.mark.parametrize("layer", [0, 1, -4])
def test_a_layer_that_does_not_exist_is_refused(layer: int, encoder: TextEncoder) -> None:
    with pytest.raises(ClipError, match="between -1 and -3"):
        encoder.with_last_layer(layer)


def test_windows_are_encoded_on_their_own_and_concatenated(encoder: TextEncoder) -> None:
    tokens = encoder.tokens(LONG)
    assert len(tokens.windows) > 1
    whole = encoder.encode(LONG).embedding
    assert whole.shape == (1, 77 * len(tokens.windows), WIDTH)
    for number, window in enumerate(tokens.windows):
        words = clip_tokenizer().text(window.ids)
        alone = encoder.encode(words).embedding
        torch.testing.assert_close(whole[:, 77 * number : 77 * (number + 1)], alone, rtol=0, atol=1e-5)


def test_the_pooled_vector_is_that_of_the_first_window(encoder: TextEncoder) -> None:
    first = clip_tokenizer().text(encoder.tokens(LONG).windows[0].ids)
    torch.testing.assert_close(encoder.encode(LONG).pooled, encoder.encode(first).pooled, rtol=0, atol=1e-5)


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.1, 1.7, -1.0])
def test_a_weight_moves_a_token_away_from_the_empty_prompt(weight: float, encoder: TextEncoder) -> None:
    plain, empty = (encoder.encode(prompt).embedding for prompt in ("a red cat here", ""))
    weighted = encoder.encode(f"a (red cat:{weight}) here").embedding
    factors = torch.ones(77, 1)
    factors[2:4] = weight  # start, a, red, cat
    torch.testing.assert_close(weighted, empty + (plain - empty) * factors, rtol=0, atol=1e-5)


def test_a_weight_in_the_second_window_counts_at_its_position_there(encoder: TextEncoder) -> None:
    plain, empty = encoder.encode(LONG + "red cat").embedding, encoder.encode("").embedding
    weighted = encoder.encode(LONG + "(red cat:1.5)").embedding
    tokens = encoder.tokens(LONG + "(red cat:1.5)")
    factors = torch.tensor(tokens.weights).flatten()[:, None]
    assert int((factors != 1).sum()) == 2
    expected = empty.repeat(1, len(tokens.windows), 1)
    torch.testing.assert_close(weighted, expected + (plain - expected) * factors, rtol=0, atol=1e-5)


def test_weight_one_changes_no_bit(encoder: TextEncoder) -> None:
    plain = encoder.encode("a red cat").embedding
    assert torch.equal(encoder.encode("a (red cat:1)").embedding, plain)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_gives_the_same_condition_roughly_and_in_float32(
    dtype: torch.dtype, reference: CLIPTextModel, encoder: TextEncoder
) -> None:
    weights = {name: tensor.detach().to(dtype) for name, tensor in reference.state_dict().items()}
    prompt = "a (red:1.3) embedding:dot cat"
    halved, whole = (
        one.with_embeddings({"dot": torch.ones(2, WIDTH)}.get).encode(prompt)
        for one in (text_encoder(encoder.config, weights), encoder)
    )
    assert halved.embedding.dtype == torch.float32
    assert (halved.embedding - whole.embedding).abs().max() < 0.05 * whole.embedding.abs().max()


def test_padding_is_the_end_mark_or_what_the_family_says(reference: CLIPTextModel, encoder: TextEncoder) -> None:
    assert set(encoder.tokens("cat").ids[0][3:]) == {49407}
    assert set(encoder_around(reference, padding=0).tokens("cat").ids[0][3:]) == {0}


def test_tokens_show_ids_pieces_and_weights(encoder: TextEncoder) -> None:
    tokens = encoder.tokens("a (cat:1.2)")
    assert tokens.ids[0][:4] == (49406, 320, 2368, 49407)
    assert tokens.pieces[0][:4] == ("<|startoftext|>", "a</w>", "cat</w>", "<|endoftext|>")
    assert tokens.weights[0][:4] == (1.0, 1.0, 1.2, 1.0)
    assert tokens.warnings == ()


def test_encoding_tokens_is_encoding_their_prompt(encoder: TextEncoder) -> None:
    prompt = "a (cat:1.2) by the sea"
    assert torch.equal(encoder.encode(encoder.tokens(prompt)).embedding, encoder.encode(prompt).embedding)


def test_an_embedding_of_a_words_own_vectors_is_that_word(reference: CLIPTextModel, encoder: TextEncoder) -> None:
    table = reference.embeddings.token_embedding.weight.detach()
    with_cat = encoder.with_embeddings({"my-cat": table[[736, 2368]]}.get)  # "red", "cat"
    assert clip_tokenizer().text([736, 2368]) == "red cat"
    torch.testing.assert_close(
        with_cat.encode("a embedding:my-cat, here").embedding,
        encoder.encode("a red cat , here").embedding,
        rtol=0,
        atol=1e-5,
    )


def test_an_embedding_carries_the_weight_of_its_group(encoder: TextEncoder) -> None:
    tokens = encoder.with_embeddings({"7": torch.zeros(2, WIDTH)}.get).tokens("(embedding:7) (embedding:7:1.4)")
    assert [weight for weight in tokens.weights[0] if weight != 1] == pytest.approx([1.1, 1.1, 1.4, 1.4])


def test_a_single_vector_counts_as_an_embedding_of_one_token(encoder: TextEncoder) -> None:
    tokens = encoder.with_embeddings({"dot": torch.zeros(WIDTH)}.get).tokens("embedding:dot")
    assert tokens.windows[0].end == 2


def test_an_unknown_embedding_is_left_out_with_a_warning(encoder: TextEncoder) -> None:
    tokens = encoder.tokens("a embedding:nobody, cat")
    assert tokens.ids == encoder.tokens("a , cat").ids
    (warning,) = tokens.warnings
    assert "'nobody'" in warning


def test_an_embedding_of_another_model_family_is_left_out_with_a_warning(encoder: TextEncoder) -> None:
    tokens = encoder.with_embeddings({"wide": torch.zeros(2, 1024)}.get).tokens("embedding:wide cat")
    assert tokens.ids == encoder.tokens("cat").ids
    assert "1024" in tokens.warnings[0]


def test_an_embedding_longer_than_a_window_is_spread_over_two(encoder: TextEncoder) -> None:
    tokens = encoder.with_embeddings({"long": torch.zeros(80, WIDTH)}.get).tokens("embedding:long")
    assert [window.end for window in tokens.windows] == [76, 6]


def test_a_prompt_of_a_hundred_thousand_parentheses_is_encoded(encoder: TextEncoder) -> None:
    embedding = encoder.encode("(" * 50_000 + "cat" + ")" * 50_000).embedding
    assert embedding.shape == (1, 77, WIDTH)
    assert torch.isfinite(embedding).all()


def test_hyper_parameters_are_read_off_the_shapes(reference: CLIPTextModel) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in reference.state_dict().items()}
    assert config_from_shapes(shapes, heads=4) == ClipConfig(width=WIDTH, layers=LAYERS, heads=4, mlp_width=48)
    assert config_from_shapes(shapes).heads == 1


def test_heads_are_64_wide_where_nothing_else_is_said() -> None:
    shapes = {
        "embeddings.token_embedding.weight": (49408, 768),
        "embeddings.position_embedding.weight": (77, 768),
        **{f"encoder.layers.{i}.mlp.fc1.weight": (3072, 768) for i in range(12)},
    }
    assert config_from_shapes(shapes) == ClipConfig()


def test_tensors_are_taken_as_they_are(reference: CLIPTextModel) -> None:
    weights = {name: tensor.detach() for name, tensor in reference.state_dict().items()}
    encoder = text_encoder(ClipConfig(width=WIDTH, layers=LAYERS, heads=4, mlp_width=48), weights)
    table = encoder.network.embeddings.token_embedding.weight
    assert table.data_ptr() == weights["embeddings.token_embedding.weight"].data_ptr()
    assert not table.requires_grad


def test_nothing_of_the_network_is_left_without_memory(encoder: TextEncoder) -> None:
    everything = [*encoder.network.parameters(), *encoder.network.buffers()]
    assert {tensor.device.type for tensor in everything} == {"cpu"}
    encoder.network(input_ids=torch.tensor(encoder.tokens("a cat").ids))


def test_a_missing_tensor_is_named(reference: CLIPTextModel) -> None:
    weights = {name: tensor.detach() for name, tensor in reference.state_dict().items()}
    del weights["final_layer_norm.bias"]
    with pytest.raises(ClipError, match=r"final_layer_norm\.bias"):
        text_encoder(ClipConfig(width=WIDTH, layers=LAYERS, heads=4, mlp_width=48), weights)


def test_a_vocabulary_that_is_not_clips_is_refused(reference: CLIPTextModel) -> None:
    weights = {name: tensor.detach() for name, tensor in reference.state_dict().items()}
    weights["embeddings.token_embedding.weight"] = torch.zeros(1000, WIDTH)
    with pytest.raises(ClipError, match="49408"):
        text_encoder(ClipConfig(vocabulary=1000, width=WIDTH, layers=LAYERS, heads=4, mlp_width=48), weights)
