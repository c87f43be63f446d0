"""Imports as packs see them: their own modules, and under names they expect modules that only they are given.

A pack written for another host imports `nodes` or `server` and means that host's modules, while our own packages bear
these names too. So every module of a pack gets builtins of its own, in which `__import__` asks first for what packs are
given. The import statements of its functions go the same way, since a function keeps the builtins of its module.
"""

import builtins
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Protocol

SPACE: Final = "custom_nodes"
"""The package below which every pack lies, as `custom_nodes.<pack>`."""


class Given(Protocol):
    """What packs are given under names that they expect."""

    def module(self, name: str) -> ModuleType | None:
        """The module of this dotted name, None for one that is none of ours to give.

        Raises ImportError, in one sentence, for a name of a family we give that is missing in it.
        """
        ...

    def missing(self, module: str, name: str) -> str:
        """The sentence for a name that a given module does not have."""
        ...

    def may_shadow(self, name: str) -> bool:
        """Whether a given module bears the name of one of our own, so that only packs may see it under this name."""
        ...


class NothingGiven:
    """No names are given."""

    def module(self, name: str) -> ModuleType | None:
        """None."""
        return None

    def missing(self, module: str, name: str) -> str:
        """Never asked."""
        return f"cannot import name {name!r} from {module!r}"

    def may_shadow(self, name: str) -> bool:
        """None does."""
        return False


class PackImporter(MetaPathFinder):
    """Finds the modules of packs while it is open, from before the first pack to the very end."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._places: dict[Path, str] = {}
        self._fresh: set[str] = set()
        self._builtins: dict[str, object] = vars(builtins) | {"__import__": self._import}
        self._space = ModuleType(SPACE)
        self._space.__path__ = []
        self._before: ModuleType | None = None
        self._handed: dict[str, ModuleType] = {}

    def open(self) -> None:
        """Begin to find."""
        self._before = sys.modules.get(SPACE)
        sys.modules[SPACE] = self._space
        sys.meta_path.insert(0, self)

    def close(self) -> None:
        """Find nothing any more, and forget the modules of all packs."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for name, module in list(sys.modules.items()):
            if name.startswith(f"{SPACE}.") or self.owner(getattr(module, "__file__", None)) is not None:
                del sys.modules[name]
        for name, module in self._handed.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
        self._handed.clear()
        if sys.modules.get(SPACE) is self._space:
            del sys.modules[SPACE]
            if self._before is not None:
                sys.modules[SPACE] = self._before

    def load(self, name: str, path: Path) -> ModuleType:
        """Import the pack of this name from its folder or file. Raises whatever the import raises."""
        self._places |= {path: name, path.resolve(): name}
        full = f"{SPACE}.{name}"
        spec = self._spec_of_pack(full, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        assert spec.loader is not None
        has_run = False
        try:
            spec.loader.exec_module(module)
            has_run = True
        finally:
            if not has_run:
                self.forget(name)
        setattr(self._space, name, module)
        return module

    def forget(self, name: str) -> None:
        """Drop the modules of a pack, so that its next import reads its files anew.

        Not their bytecode either: its age is kept in whole seconds, and an edit may be younger than that.
        """
        self._fresh.add(name)
        full = f"{SPACE}.{name}"
        for each, module in list(sys.modules.items()):
            inside = each == full or each.startswith(f"{full}.")
            if inside or self.owner(getattr(module, "__file__", None)) == name:
                del sys.modules[each]

    def owner(self, file: object) -> str | None:
        """The pack that a file belongs to."""
        if not isinstance(file, str):
            return None
        path = Path(file)
        return next((self._places[each] for each in (path, *path.parents) if each in self._places), None)

    # What sys.meta_path asks

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The modules of packs, wherever they lie; and what packs are given, where no module of ours has the name."""
        if not self._given.may_shadow(fullname):
            module = self._given.module(fullname)
            if module is not None:
                self._handed[fullname] = module
                return ModuleSpec(fullname, _Ready(module), is_package=hasattr(module, "__path__"))
        if path is None and not self._has_own_paths():
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or self.owner(spec.origin) is None or not isinstance(spec.loader, SourceFileLoader):
            return None
        is_fresh = self.owner(spec.origin) in self._fresh
        spec.loader = _PackLoader(spec.loader.name, spec.loader.path, self._builtins, is_fresh)
        return spec

    def _has_own_paths(self) -> bool:
        """Whether a pack has put a folder of its own onto sys.path, so that top-level names may be its modules."""
        return any(self.owner(entry) is not None for entry in sys.path)

    def _spec_of_pack(self, full: str, path: Path) -> ModuleSpec:
        file = path if path.is_file() else path / "__init__.py"
        folders = None if path.is_file() else [str(path)]
        spec = importlib.util.spec_from_file_location(
            full,
            file,
            loader=_PackLoader(full, str(file), self._builtins, self.owner(str(file)) in self._fresh),
            submodule_search_locations=folders,
        )
        assert spec is not None
        return spec

    # What the import statements of packs ask

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level == 0:
            module = self._given.module(name)
            if module is not None:
                if not fromlist:
                    return self._top(name, module)
                self._check(name, module, fromlist)
                return module
        return builtins.__import__(name, globals, locals, fromlist or (), level)

    def _top(self, name: str, module: ModuleType) -> ModuleType:
        """What `import a.b` binds: a, which has b."""
        first, *rest = name.split(".")
        if not rest:
            return module
        top = self._given.module(first)
        assert top is not None, "a family that gives a module gives its package too"
        return top

    def _check(self, name: str, module: ModuleType, wanted: Sequence[str]) -> None:
        """Raise one sentence for a name that is not there; submodules count."""
        for each in wanted:
            if each == "*" or hasattr(module, each):
                continue
            if hasattr(module, "__path__") and self._given.module(f"{name}.{each}") is not None:
                continue
            raise ImportError(self._given.missing(name, each), name=name)


class _PackLoader(SourceFileLoader):
    """Loads a file of a pack with the builtins of packs. is_fresh: from its source, whatever bytecode there is."""

    def __init__(self, fullname: str, path: str, own_builtins: Mapping[str, object], is_fresh: bool) -> None:
        super().__init__(fullname, path)
        self._own_builtins = own_builtins
        self._is_fresh = is_fresh

    def get_data(self, path: str) -> bytes:
        """The bytes of a file. Raises OSError where there is none, or for bytecode that is not to be trusted."""
        if self._is_fresh and path.endswith(".pyc"):
            raise FileNotFoundError(path)
        return super().get_data(path)

    def exec_module(self, module: ModuleType) -> None:
        """Run the file."""
        # A copy for each module: what one pack puts into its builtins reaches no other.
        module.__dict__["__builtins__"] = dict(self._own_builtins)
        super().exec_module(module)


class _Ready(Loader):
    """Hands over a module that exists already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec: Any = getattr(module, "__spec__", None)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself."""
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It has run; the import system has put its own spec into it, which goes out again."""
        module.__spec__ = self._spec


Import = Callable[[str, Path], ModuleType]
"""How a pack is imported, by name and place: `PackImporter.load`."""
