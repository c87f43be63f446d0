"""Further model folders from a YAML file, in the form people of this field already have.

```yaml
my_disk:
    base_path: /data/sd
    checkpoints: models/Stable-diffusion
    loras: |
        models/Lora
        models/LyCORIS
```
"""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml

from storage.errors import StorageError
from storage.folders import CATEGORIES, OTHER_NAMES

NOT_FOLDERS = frozenset({"base_path", "is_default"})


def read_further_models(file: Path) -> Mapping[str, tuple[Path, ...]]:
    """Category -> further roots, in the order of the file. Categories unknown here are passed over.

    Relative folders start at the section's `base_path`, and that at the YAML file's folder. Raises StorageError.
    """
    try:
        sections: object = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StorageError("a readable YAML file of model folders", f"{error}", f"Mend {file.name}.") from error
    roots: dict[str, list[Path]] = {}
    for value in _mapping(sections, file).values():
        section = _mapping(value, file)
        base = file.parent / Path(str(section.get("base_path", ""))).expanduser()
        for category, folders in section.items():
            known = OTHER_NAMES.get(category, category)
            if category in NOT_FOLDERS or known not in CATEGORIES:
                continue
            lines = (line.strip() for line in str(folders or "").splitlines())
            roots.setdefault(known, []).extend(base / Path(line).expanduser() for line in lines if line)
    return {category: tuple(found) for category, found in roots.items()}


def _mapping(value: object, file: Path) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise StorageError(
            "sections of 'category: folder' lines",
            type(value).__name__,
            f"Write {file.name} as a section name with indented lines.",
        )
    return {str(key): entry for key, entry in cast(dict[object, object], value).items()}
