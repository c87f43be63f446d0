"""Pictures from files, and into them."""

from typing import Annotated, NamedTuple

from graph.handle import Run
from graph.marks import ChoiceFrom, Options, Upload
from graph.results import Shown
from graph.spec import node
from nodes.fingerprints import of_file, of_folder
from nodes.pictures import image_of, mask_of, save_pngs
from nodes.prefixes import sound_prefix
from nodes.sockets import Image, Mask
from storage import Folders, Kind
from storage.pictures import decode

SAVED_LEVEL = 4
PREVIEW_LEVEL = 1
"""How hard zlib works: a preview is looked at once, a saved picture is kept."""

PREVIEW_PREFIX = "preview"


class Picture(NamedTuple):
    """A picture and what is to be changed in it, as outputs."""

    IMAGE: Image
    MASK: Mask


@node("LoadImage", category="image", display_name="Load Image", fingerprint=of_file("image"))
def load_image(image: Annotated[str, ChoiceFrom("input_images"), Upload("image")], *, run: Run) -> Picture:
    """Read a picture; an animation gives a batch.

    image: a name in the input folder, or one like `a.png [output]`.
    MASK: 1 where the picture is transparent; empty, 64 × 64, where it has no alpha.
    """
    return _read(image, run, "input")


@node(
    "LoadImageOutput",
    category="image",
    display_name="Load Image (from Outputs)",
    fingerprint=of_file("image", "output"),
    experimental=True,
)
def load_image_output(
    image: Annotated[str, ChoiceFrom("output_images"), Upload("image"), Options({"image_folder": "output"})],
    *,
    run: Run,
) -> Picture:
    """Read a picture that was saved before.

    image: a name in the output folder.
    """
    return _read(image, run, "output")


@node(
    "SaveImage",
    category="image",
    display_name="Save Image",
    terminal=True,
    fingerprint=of_folder("output"),
    validate=sound_prefix,
)
def save_image(images: Image, filename_prefix: str = "Nodeloom", *, run: Run) -> Shown:
    """Write pictures to the output folder as PNG, with the workflow inside.

    filename_prefix: may hold sub-folders and tokens: %date:yyyy-MM-dd%, %width%, %height%, %KSampler.seed%.
    """
    return save_pngs(images, run, "output", filename_prefix, SAVED_LEVEL)


@node("PreviewImage", category="image", display_name="Preview Image", terminal=True, fingerprint=of_folder("temp"))
def preview_image(images: Image, *, run: Run) -> Shown:
    """Show pictures without keeping them."""
    return save_pngs(images, run, "temp", PREVIEW_PREFIX, PREVIEW_LEVEL)


def _read(name: str, run: Run, kind: Kind) -> Picture:
    with run.service(Folders).open_annotated(name, kind) as file:
        frames = decode(file)
    return Picture(image_of(frames), mask_of(frames))
