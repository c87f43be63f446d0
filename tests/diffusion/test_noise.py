"""Noise streams: the same everywhere, and of the right law."""

import pytest
import torch

from diffusion.noise import brownian_noise, generator_noise, initial_noise

CPU = torch.device("cpu")


@pytest.mark.parametrize("seed", [0, 7, 2**63 + 5, 2**64 - 1])
def test_the_first_noise_is_the_stream_of_the_global_seed(seed: int) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        wanted = torch.randn(2, 4, 5, 7)
    assert torch.equal(initial_noise((2, 4, 5, 7), seed), wanted)


def test_drawing_noise_leaves_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    initial_noise((1, 4, 8, 8), 1)
    generator_noise(torch.zeros(1, 4, 8, 8), 1)(torch.tensor(1.0), torch.tensor(0.5))
    brownian_noise(torch.zeros(1, 4, 8, 8), torch.tensor([2.0, 1.0]), 1, CPU)(torch.tensor(2.0), torch.tensor(1.0))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_batch_index_picks_rows_of_the_stream() -> None:
    whole = initial_noise((4, 4, 8, 8), 3)
    assert torch.equal(initial_noise((2, 4, 8, 8), 3, [3, 1]), whole[[3, 1]])
    assert torch.equal(initial_noise((1, 4, 8, 8), 3, [2]), whole[2:3])


def test_a_batch_index_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one number for each of 2 latents"):
        initial_noise((2, 4, 8, 8), 3, [0])


def test_ancestral_draws_are_one_stream_from_the_seed() -> None:
    draw = generator_noise(torch.zeros(1, 4, 8, 8), 11)
    with torch.random.fork_rng():
        torch.manual_seed(11)
        wanted = [torch.randn(1, 4, 8, 8) for _ in range(2)]
    one = torch.tensor(1.0)
    assert torch.equal(draw(one, one), wanted[0])
    assert torch.equal(draw(one, one), wanted[1])


def test_brownian_draws_have_unit_variance_and_independent_steps() -> None:
    sigmas = torch.tensor([9.0, 4.0, 1.0, 0.0])
    draw = brownian_noise(torch.zeros(1, 1, 200, 200), sigmas, 5, CPU)
    first, second = draw(sigmas[0], sigmas[1]), draw(sigmas[1], sigmas[2])
    for one in (first, second):
        assert abs(one.mean()) < 0.02
        assert one.std() == pytest.approx(1, abs=0.02)
    assert abs((first * second).mean()) < 0.02


def test_brownian_steps_add_up_to_the_step_over_all_of_them() -> None:
    sigmas = torch.tensor([9.0, 4.0, 1.0])
    draw = brownian_noise(torch.zeros(1, 4, 8, 8), sigmas, 5, CPU)
    parts = draw(sigmas[0], sigmas[1]) * 5**0.5 + draw(sigmas[1], sigmas[2]) * 3**0.5
    torch.testing.assert_close(draw(sigmas[0], sigmas[2]) * 8**0.5, parts, rtol=1e-4, atol=1e-4)


def test_the_same_motion_is_seen_whatever_is_asked_first() -> None:
    sigmas = torch.tensor([9.0, 4.0, 1.0])
    like = torch.zeros(1, 4, 8, 8)
    forward, backward = brownian_noise(like, sigmas, 5, CPU), brownian_noise(like, sigmas, 5, CPU)
    a = forward(sigmas[0], sigmas[1])
    backward(sigmas[1], sigmas[2])
    torch.testing.assert_close(backward(sigmas[0], sigmas[1]), a, rtol=1e-5, atol=1e-5)


def test_brownian_draws_are_those_of_a_tree_from_the_noisy_end_down() -> None:
    """The sign counts: published workflows walk from the larger level to the smaller."""
    import torchsde

    tree = torchsde.BrownianTree(1.0, torch.zeros(1, 4, 8, 8), 9.0, entropy=5)
    draw = brownian_noise(torch.zeros(1, 4, 8, 8), torch.tensor([9.0, 4.0, 1.0, 0.0]), 5, CPU)
    rise = torch.as_tensor(tree(4.0, 9.0))
    torch.testing.assert_close(draw(torch.tensor(9.0), torch.tensor(4.0)), -rise / 5**0.5)


@pytest.mark.filterwarnings("error")
def test_levels_that_float32_cannot_hold_exactly_stay_inside_the_motion() -> None:
    sigmas = torch.tensor([14.614640235900879, 0.5, 0.029167156666517258])
    draw = brownian_noise(torch.zeros(1, 1, 4, 4), sigmas, 5, CPU)
    assert draw(sigmas[0], sigmas[1]).isfinite().all()
    assert draw(sigmas[1], sigmas[2]).isfinite().all()
