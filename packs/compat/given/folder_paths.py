"""What packs import as `folder_paths`."""

from packs.compat.context import Context
from packs.compat.folder_names import CacheHelper, FolderNames, functions_of


def names(context: Context) -> dict[str, object]:
    """The contents of the module."""
    known = context.part(FolderNames)
    return {
        **functions_of(known),
        "CacheHelper": CacheHelper,
        "base_path": str(known.base),
        "cache_helper": CacheHelper(),
        "extension_mimetypes_cache": {"webp": "image", "fbx": "model"},
        "filename_list_cache": {},
        "folder_names_and_paths": known.table,
        "input_directory": known.get_input_directory(),
        "models_dir": str(context.folders.models),
        "output_directory": known.get_output_directory(),
        "supported_pt_extensions": known.endings,
        "temp_directory": known.get_temp_directory(),
        "user_directory": known.get_user_directory(),
    }
