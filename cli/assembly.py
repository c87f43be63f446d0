"""Put the parts of the house together as the options ask: folders, nodes, catalogues, services and the cache."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.refusal import Refused
from graph.cache import Cache, DiskTier
from graph.describe import Catalogues
from graph.registry import Registry
from storage import Digests, Folders, StorageError
from storage.further_models import read_further_models

CACHE_FOLDER = "cache"


@dataclass(frozen=True)
class House:
    """What every command needs: where files lie, which nodes there are, what nodes may ask for."""

    folders: Folders
    registry: Registry
    catalogues: Catalogues
    services: Mapping[type, object]


def assemble(arguments: argparse.Namespace) -> House:
    """The house as the options of a command describe it. Loads the nodes, and with them the model library."""
    from nodes import registry

    folders = folders_from(arguments)
    services: Mapping[type, object] = {Folders: folders, Digests: Digests.in_user_folder(folders.user)}
    return House(folders, registry(), catalogues_of(folders), services)


def folders_from(arguments: argparse.Namespace) -> Folders:
    """The five folders, and further ones for models. Raises Refused for a file that does not describe any."""
    further: Mapping[str, tuple[Path, ...]] = {}
    if arguments.further_models:
        try:
            further = read_further_models(arguments.further_models)
        except StorageError as error:
            message = f"{arguments.further_models}: expected {error.expected}; found {error.found}."
            raise Refused("bad_folders", message, error.remedy) from error
    return Folders(
        models=arguments.models.absolute(),
        input=arguments.input.absolute(),
        output=arguments.output.absolute(),
        temp=arguments.temp.absolute(),
        user=arguments.user.absolute(),
        further_models=further,
    )


def web_folders_of_packs(custom_nodes: Path) -> Mapping[str, Path]:
    """The folders of scripts and pages that packs bring for editors, by the pack's name. No packs are read yet."""
    return {}


def catalogues_of(folders: Folders) -> Catalogues:
    """The names that inputs choose from."""
    from storage.catalogues import catalogues

    return catalogues(folders)


def cache_from(arguments: argparse.Namespace, folders: Folders) -> Cache:
    """The cache with both tiers, or none that is remembered where the options say so."""
    from nodes.codecs import CODECS, size_of

    if arguments.no_cache:
        return Cache(0, None, size_of)
    disk = DiskTier(folders.user / CACHE_FOLDER, arguments.cache_disk, CODECS) if arguments.cache_disk else None
    return Cache(arguments.cache_memory, disk, size_of)
