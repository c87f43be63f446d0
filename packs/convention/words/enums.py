"""The names that packs choose from when they describe inputs, hidden values and folders."""

from enum import StrEnum


class Hidden(StrEnum):
    """What the host fills in; a node reads it as `cls.hidden.<name>`."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"
    auth_token_comfy_org = "AUTH_TOKEN_COMFY_ORG"
    api_key_comfy_org = "API_KEY_COMFY_ORG"


class FolderType(StrEnum):
    """A folder of files that the editor can show."""

    input = "input"
    output = "output"
    temp = "temp"


class UploadType(StrEnum):
    """What a choice of files lets the user upload; the option that says so."""

    image = "image_upload"
    audio = "audio_upload"
    video = "video_upload"
    model = "file_upload"


class NumberDisplay(StrEnum):
    """How the widget of a number looks."""

    number = "number"
    slider = "slider"
    gradient_slider = "gradient_slider"


class ControlAfterGenerate(StrEnum):
    """What becomes of a number after each run."""

    fixed = "fixed"
    increment = "increment"
    decrement = "decrement"
    randomize = "randomize"
