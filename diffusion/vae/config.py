"""The numbers that determine a KL autoencoder."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VAEConfig:
    """Hyper-parameters of the latent-diffusion KL autoencoder (Rombach et al. 2022, appendix E).

    channels: width of each level, the full-resolution one first; the picture shrinks by `2 ** (len(channels) - 1)`.
    res_blocks: residual blocks of an encoder level; a decoder level has one more.
    norm_groups: groups of every group norm; shapes cannot tell it, 32 is the family's rule.
    """

    in_channels: int = 3
    out_channels: int = 3
    latent_channels: int = 4
    channels: tuple[int, ...] = (128, 256, 512, 512)
    res_blocks: int = 2
    norm_groups: int = 32

    @property
    def downscale(self) -> int:
        """Pixels along one side of a latent cell."""
        return 2 ** (len(self.channels) - 1)
