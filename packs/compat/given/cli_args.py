"""What packs import as `comfy.cli_args`: options as they know them, with what is true here."""

from enum import Enum
from types import SimpleNamespace

from packs.compat.context import Context


class LatentPreviewMethod(Enum):
    """Ways of painting previews."""

    NoPreviews = "none"
    Auto = "auto"
    Latent2RGB = "latent2rgb"
    TAESD = "taesd"


class Arguments(SimpleNamespace):
    """Options; one that is not known here is off."""

    def __getattr__(self, name: str) -> object:
        """None, which is how an option says that it was not given."""
        if name.startswith("__"):
            raise AttributeError(name)
        return None


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    folders = context.folders
    told = Arguments(
        base_directory=str(context.base),
        cpu=None,
        disable_metadata=False,
        input_directory=str(folders.input),
        listen="127.0.0.1",
        output_directory=str(folders.output),
        port=8188,
        preview_method=LatentPreviewMethod.Auto,
        temp_directory=str(folders.temp),
        user_directory=str(folders.user),
        verbose="INFO",
    )
    return {"LatentPreviewMethod": LatentPreviewMethod, "args": told}
