"""The types that travel between nodes without a widget, by the names packs call them."""

from packs.convention.words.sockets import ComfyTypeIO


class Image(ComfyTypeIO):
    """Pictures (B, H, W, C), 0 to 1."""

    io_type = "IMAGE"


class Mask(ComfyTypeIO):
    """Masks (B, H, W), 0 to 1."""

    io_type = "MASK"


class Latent(ComfyTypeIO):
    """Latent images: a dictionary with `samples`."""

    io_type = "LATENT"


class Conditioning(ComfyTypeIO):
    """Prompts as a network reads them: a list of pairs of a tensor and a dictionary."""

    io_type = "CONDITIONING"


class Model(ComfyTypeIO):
    """A diffusion model."""

    io_type = "MODEL"


class Clip(ComfyTypeIO):
    """A text encoder."""

    io_type = "CLIP"


class Vae(ComfyTypeIO):
    """A first stage."""

    io_type = "VAE"


class ControlNet(ComfyTypeIO):
    """A control network."""

    io_type = "CONTROL_NET"


class ClipVision(ComfyTypeIO):
    """An image encoder."""

    io_type = "CLIP_VISION"


class ClipVisionOutput(ComfyTypeIO):
    """What an image encoder makes of a picture."""

    io_type = "CLIP_VISION_OUTPUT"


class StyleModel(ComfyTypeIO):
    """A style model."""

    io_type = "STYLE_MODEL"


class Gligen(ComfyTypeIO):
    """A model for placed words."""

    io_type = "GLIGEN"


class UpscaleModel(ComfyTypeIO):
    """A model that enlarges pictures."""

    io_type = "UPSCALE_MODEL"


class LoraModel(ComfyTypeIO):
    """Weights of a LoRA."""

    io_type = "LORA_MODEL"


class LossMap(ComfyTypeIO):
    """Losses of a training."""

    io_type = "LOSS_MAP"


class Sampler(ComfyTypeIO):
    """A sampler."""

    io_type = "SAMPLER"


class Sigmas(ComfyTypeIO):
    """Noise levels."""

    io_type = "SIGMAS"


class Noise(ComfyTypeIO):
    """A source of noise."""

    io_type = "NOISE"


class Guider(ComfyTypeIO):
    """A guided denoiser."""

    io_type = "GUIDER"


class Audio(ComfyTypeIO):
    """Sound: a dictionary with `waveform` and `sample_rate`."""

    io_type = "AUDIO"


class Video(ComfyTypeIO):
    """A moving picture."""

    io_type = "VIDEO"


class SVG(ComfyTypeIO):
    """Drawings."""

    io_type = "SVG"


class Mesh(ComfyTypeIO):
    """A body in space."""

    io_type = "MESH"


class Voxel(ComfyTypeIO):
    """A body of small cubes."""

    io_type = "VOXEL"


class Hooks(ComfyTypeIO):
    """Changes to a model that a prompt brings along."""

    io_type = "HOOKS"


class HookKeyframes(ComfyTypeIO):
    """When such changes take effect."""

    io_type = "HOOK_KEYFRAMES"


class TimestepsRange(ComfyTypeIO):
    """A part of a sampling, from 0 to 1."""

    io_type = "TIMESTEPS_RANGE"


class LatentOperation(ComfyTypeIO):
    """A function of latent images."""

    io_type = "LATENT_OPERATION"


class FlowControl(ComfyTypeIO):
    """The thread of a loop."""

    io_type = "FLOW_CONTROL"


class Accumulation(ComfyTypeIO):
    """What a loop has collected."""

    io_type = "ACCUMULATION"


class Photomaker(ComfyTypeIO):
    """A model of persons."""

    io_type = "PHOTOMAKER"


class Point(ComfyTypeIO):
    """A point of a picture."""

    io_type = "POINT"


class BBOX(ComfyTypeIO):
    """Rectangles of a picture."""

    io_type = "BBOX"


class SEGS(ComfyTypeIO):
    """Segments of a picture."""

    io_type = "SEGS"


class FaceAnalysis(ComfyTypeIO):
    """A finder of faces."""

    io_type = "FACE_ANALYSIS"
