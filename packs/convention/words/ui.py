"""What a node shows, as plain data: files, texts and bodies in space. Pictures are written where it is said."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from packs.convention.words.enums import FolderType
from packs.convention.words.pictures import File, Pictures, running

PREVIEW_PREFIX: Final = "preview"


class SavedResult(dict[str, str]):
    """A file that was written."""

    def __init__(self, filename: str, subfolder: str, type: FolderType | str) -> None:
        super().__init__(filename=str(filename), subfolder=str(subfolder), type=FolderType(type).value)

    @property
    def filename(self) -> str:
        """Its name."""
        return self["filename"]

    @property
    def subfolder(self) -> str:
        """Its folder, inside that of its type."""
        return self["subfolder"]

    @property
    def type(self) -> FolderType:
        """Under which folder it lies."""
        return FolderType(self["type"])


def _results(files: Sequence[File]) -> list[SavedResult]:
    return [SavedResult(each["filename"], each["subfolder"], each["type"]) for each in files]


class UIOutput:
    """Something a node shows."""

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        raise NotImplementedError


class _Files(UIOutput):
    """Files under a word of the editor."""

    word = "images"

    def __init__(self, results: Sequence[SavedResult], is_animated: bool = False) -> None:
        self.results = list(results)
        self.is_animated = is_animated

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        told: dict[str, Any] = {self.word: [dict(each) for each in self.results]}
        return told | {"animated": [True]} if self.is_animated else told


class SavedImages(_Files):
    """Pictures that were saved."""


class SavedAudios(_Files):
    """Sounds that were saved."""

    word = "audio"


class PreviewImage(UIOutput):
    """Pictures to look at, written into the folder of temporary files; `cls` is the node's class."""

    def __init__(self, image: object, cls: object = None, animated: bool = False, **kwargs: object) -> None:
        self.values = _results(_pictures().save(image, PREVIEW_PREFIX, "temp", running(), {"compress_level": 1}))
        self.animated = animated

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        return {"images": [dict(each) for each in self.values], "animated": [self.animated]}


class PreviewMask(PreviewImage):
    """Masks (B, H, W) to look at."""

    def __init__(self, mask: Any, cls: object = None, animated: bool = False, **kwargs: object) -> None:
        pictures = mask.reshape((-1, 1, mask.shape[-2], mask.shape[-1])).movedim(1, -1).expand(-1, -1, -1, 3)
        super().__init__(pictures, cls, animated, **kwargs)


class PreviewAudio(UIOutput):
    """A sound to listen to."""

    def __init__(self, audio: object, cls: object = None, **kwargs: object) -> None:
        self.values = _results(_pictures().save_sound(audio, PREVIEW_PREFIX, "temp", running(), {"format": "flac"}))

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        return {"audio": [dict(each) for each in self.values]}


class PreviewVideo(UIOutput):
    """A moving picture that was written."""

    def __init__(self, values: Sequence[SavedResult], **kwargs: object) -> None:
        self.values = list(values)

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        return {"images": [dict(each) for each in self.values], "animated": [True]}


class PreviewText(UIOutput):
    """A text."""

    def __init__(self, value: object, **kwargs: object) -> None:
        self.value = value

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        return {"text": [self.value]}


class PreviewUI3D(UIOutput):
    """A body in space, by its file, and from where it is looked at."""

    def __init__(self, model_file: str, camera_info: Mapping[str, object] | None = None, **kwargs: object) -> None:
        self.model_file = model_file
        self.camera_info = camera_info

    def as_dict(self) -> dict[str, Any]:
        """What the editor is told."""
        return {"result": [self.model_file, self.camera_info]}


class ImageSaveHelper:
    """Writes pictures under names that are numbered. `cls` is the node's class, whose workflow is written along."""

    @staticmethod
    def save_images(
        images: object, filename_prefix: str, folder_type: FolderType, cls: object = None, compress_level: int = 4
    ) -> list[SavedResult]:
        """Write each picture as PNG."""
        options = {"compress_level": compress_level}
        return _results(_pictures().save(images, filename_prefix, FolderType(folder_type).value, running(), options))

    @staticmethod
    def get_save_images_ui(
        images: object, filename_prefix: str, cls: object = None, compress_level: int = 4
    ) -> SavedImages:
        """Write each picture as PNG, and show them."""
        folder = FolderType.output
        return SavedImages(ImageSaveHelper.save_images(images, filename_prefix, folder, cls, compress_level))

    @staticmethod
    def save_animated_png(
        images: object, filename_prefix: str, folder_type: FolderType, cls: object = None, fps: float = 6.0,
        compress_level: int = 4,
    ) -> SavedResult:  # fmt: skip
        """Write all pictures as one moving PNG."""
        return _moving(images, filename_prefix, folder_type, format="png", fps=fps, compress_level=compress_level)

    @staticmethod
    def get_save_animated_png_ui(
        images: object, filename_prefix: str, cls: object = None, fps: float = 6.0, compress_level: int = 4
    ) -> SavedImages:
        """Write all pictures as one moving PNG, and show it."""
        helper = ImageSaveHelper
        saved = helper.save_animated_png(images, filename_prefix, FolderType.output, cls, fps, compress_level)
        return SavedImages([saved], is_animated=True)

    @staticmethod
    def save_animated_webp(
        images: object, filename_prefix: str, folder_type: FolderType, cls: object = None, fps: float = 6.0,
        lossless: bool = True, quality: int = 80, method: int = 4,
    ) -> SavedResult:  # fmt: skip
        """Write all pictures as one moving WebP."""
        return _moving(
            images, filename_prefix, folder_type, format="webp", fps=fps, lossless=lossless, quality=quality,
            method=method,
        )  # fmt: skip

    @staticmethod
    def get_save_animated_webp_ui(
        images: object, filename_prefix: str, cls: object = None, fps: float = 6.0, lossless: bool = True,
        quality: int = 80, method: int = 4,
    ) -> SavedImages:  # fmt: skip
        """Write all pictures as one moving WebP, and show it."""
        saved = ImageSaveHelper.save_animated_webp(
            images, filename_prefix, FolderType.output, cls, fps, lossless, quality, method
        )
        return SavedImages([saved], is_animated=True)


class AudioSaveHelper:
    """Writes sounds under names that are numbered."""

    @staticmethod
    def save_audio(
        audio: object, filename_prefix: str, folder_type: FolderType, cls: object = None, format: str = "flac",
        quality: str = "128k",
    ) -> list[SavedResult]:  # fmt: skip
        """Write a sound."""
        options = {"format": format, "quality": quality}
        folder = FolderType(folder_type).value
        return _results(_pictures().save_sound(audio, filename_prefix, folder, running(), options))

    @staticmethod
    def get_save_audio_ui(
        audio: object, filename_prefix: str, cls: object = None, format: str = "flac", quality: str = "128k"
    ) -> SavedAudios:
        """Write a sound, and show it."""
        saved = AudioSaveHelper.save_audio(audio, filename_prefix, FolderType.output, cls, format, quality)
        return SavedAudios(saved)


def _moving(images: object, prefix: str, folder: FolderType, **options: object) -> SavedResult:
    [saved] = _results(_pictures().save(images, prefix, FolderType(folder).value, running(), options))
    return saved


def _pictures() -> Pictures:
    return running().service(Pictures)
