"""A kind of rule for import-linter (see [tool.importlinter] in pyproject.toml) that it does not have itself."""

from collections.abc import Iterator
from typing import Any

from grimp import ImportGraph
from importlinter.application import output
from importlinter.domain import fields
from importlinter.domain.contract import Contract, ContractCheck


class TopicsContract(Contract):
    """A topic is what bears one name in these rooms. It imports nothing of another topic.

    rooms   packages that hold a module for each topic; a room may stand inside another
    shared  modules in these rooms that belong to no topic: all may import them, they import no topic
    """

    type_name = "topics"
    rooms: Any = fields.SetField(subfield=fields.ModuleField())
    shared: Any = fields.SetField(subfield=fields.ModuleField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Whether each topic keeps to itself; if not, the imports that are wrong."""
        wrong = sorted(self._wrong(graph))
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def _wrong(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        topics = dict(self._topics(graph))
        for module, topic in topics.items():
            for imported in graph.find_modules_directly_imported_by(module):
                if topics.get(imported) not in (None, "", topic):
                    yield module, imported

    def _topics(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        """Each module in a room with the name of its topic, which is empty for a shared one."""
        rooms = {room.name for room in self.rooms}
        shared = {module.name for module in self.shared or ()}
        for module in graph.modules - rooms:
            inside = [room for room in rooms if module.startswith(f"{room}.")]
            if inside:
                topic = module.removeprefix(max(inside, key=len)).split(".")[1]
                yield module, "" if module in shared else topic

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Each wrong import on a line."""
        for module, imported in check.metadata["wrong"]:
            output.print_error(f"{module} imports {imported}, which belongs to another topic")
