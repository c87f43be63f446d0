"""Put the parts of the house together as the options ask: folders, nodes, catalogues, services and the cache."""

import argparse
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from cli.about import version
from cli.pack_options import pack_choice, pack_folders
from cli.refusal import Refused
from graph.cache import Cache, DiskTier
from graph.describe import Catalogues
from graph.formats.kinds import NodeTable
from graph.registry import Registry
from packs.finding import find_packs
from packs.importing import PackImporter
from packs.loading import LoadedPacks, load_packs
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
    packs: LoadedPacks

    def table(self) -> NodeTable:
        """What a file of an editor is read by."""
        return NodeTable.from_registry(self.registry, self.catalogues)


def assemble(arguments: argparse.Namespace) -> House:
    """The house as the options of a command describe it. Loads the nodes, and with them the model library and packs."""
    folders = folders_from(arguments)
    services: Mapping[type, object] = {Folders: folders, Digests: Digests.in_user_folder(folders.user)}
    packs = packs_from(arguments)
    return House(folders, packs.registry, catalogues_of(folders), services, packs)


def packs_from(arguments: argparse.Namespace) -> LoadedPacks:
    """The built-in nodes and those of the packs that are wanted. What packs print goes to standard error."""
    from nodes import registry
    from packs.compat.context import Context
    from packs.compat.giving import given
    from packs.compat.routes import with_routes
    from packs.compat.wires import CompatWires
    from packs.convention.reader import class_reader, schema_reader
    from packs.native import read_native

    nodes = [registry()]
    context = Context(
        folders_from(arguments), lambda: nodes[-1], packs=pack_folders(arguments), version=version()
    )  # the last registry is the one that packs are added to
    importer = PackImporter(given(context))
    importer.open()  # until the process ends, since functions of packs import what they need when they are called
    wires = CompatWires()
    readers = (read_native, class_reader(wires), schema_reader(wires))
    with redirect_stdout(sys.stderr):
        loaded = load_packs(find_packs(pack_folders(arguments)), pack_choice(arguments), nodes[0], readers, importer)
    nodes.append(loaded.registry)
    return with_routes(loaded, context, importer.owner)


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
