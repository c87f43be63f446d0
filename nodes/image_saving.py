"""Pictures into files of the format one chooses."""

from datetime import datetime
from typing import Annotated, Final, cast

from graph.handle import Run
from graph.marks import Choice, Range
from graph.results import Shown
from graph.spec import node
from nodes.fingerprints import of_folder
from nodes.pictures import listed, png_texts, to_bytes
from nodes.prefixes import sound_prefix
from nodes.sockets import Image
from storage import Folders
from storage.pictures import PictureFormat, encode_picture
from storage.saving import TokenValues, save_target

FORMATS: Final = ("png", "webp", "jpeg")


@node(
    "SaveImageFormat",
    category="image",
    display_name="Save Image (PNG, WebP, JPEG)",
    terminal=True,
    fingerprint=of_folder("output"),
    validate=sound_prefix,
)
def save_image_format(
    images: Image,
    filename_prefix: str = "Nodeloom",
    format: Annotated[str, Choice(FORMATS)] = "png",
    quality: Annotated[int, Range(1, 100)] = 90,
    *,
    run: Run,
) -> Shown:
    """Write pictures to the output folder in a format of choice, with the workflow inside.

    filename_prefix: may hold sub-folders and tokens: %date:yyyy-MM-dd%, %width%, %height%, %KSampler.seed%.
    format: png keeps every pixel; webp and jpeg are smaller; jpeg has no transparency.
    quality: of webp and jpeg; more is finer and larger.
    """
    height, width, channels = images.shape[1:]
    values = TokenValues(datetime.now(), width, height, run.workflow)
    target = save_target(run.service(Folders), "output", filename_prefix, values)
    texts, chosen = png_texts(run), cast(PictureFormat, format)
    ending = {"jpeg": ".jpg"}.get(format, "." + format)
    saved = [
        target.write(encode_picture(width, height, channels, to_bytes(one), chosen, quality, texts), ending)
        for one in images
    ]
    return Shown(ui={"images": [listed(one) for one in saved]}, files=tuple(one.path for one in saved))
