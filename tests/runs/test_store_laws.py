"""Any sequence of what can be asked of the queue, beside a model in plain lists."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runs.records import ENDED, STATES, Ending, State
from tests.runs.toy_store import memory_store, message, names, submission


class Life(RuleBasedStateMachine):
    """Any sequence of what can be asked of the queue, beside a model in plain lists."""

    def __init__(self) -> None:
        super().__init__()
        self.store = memory_store()
        self.states: dict[str, State] = {}
        self.order: dict[str, tuple[float, int]] = {}
        self.ended: list[str] = []
        self.position = 0

    def teardown(self) -> None:
        self.store._connection.close()

    def pick(self, index: int, state: State) -> str:
        found = [name for name, each in self.states.items() if each == state]
        return found[index % len(found)]

    @rule(number=st.none() | st.integers(-3, 3) | st.floats(-3, 3), front=st.booleans())
    def submit(self, number: float | None, front: bool) -> None:
        record, new = self.store.submit(submission(number=number, front=front, client_id="c"), at=1.0)
        assert new
        self.states[record.id] = "queued"
        self.order[record.id] = (record.number, len(self.order))

    @precondition(lambda self: "queued" in self.states.values())
    @rule()
    def begin_the_next(self) -> None:
        record = self.store.next_queued()
        assert record is not None
        self.store.start(record.id, "cpu", 2.0)
        self.states[record.id] = "running"

    @precondition(lambda self: "running" in self.states.values())
    @rule(index=st.integers(0, 9), state=st.sampled_from(ENDED))
    def end(self, index: int, state: State) -> None:
        name = self.pick(index, "running")
        self.store.end(name, Ending(state, 3.0))
        self.states[name] = state
        self.ended.append(name)

    @precondition(lambda self: "running" in self.states.values())
    @rule(index=st.integers(0, 9))
    def requeue(self, index: int) -> None:
        name = self.pick(index, "running")
        self.store.requeue(name)
        self.states[name] = "queued"

    @precondition(lambda self: "queued" in self.states.values())
    @rule(index=st.integers(0, 9), before=st.none() | st.integers(0, 9))
    def move(self, index: int, before: int | None) -> None:
        name = self.pick(index, "queued")
        other = None if before is None else self.pick(before, "queued")
        expected = names(self.store.queued())
        if name != other:
            expected.remove(name)
            expected.insert(len(expected) if other is None else expected.index(other), name)
        self.store.move(name, other)
        assert names(self.store.queued()) == expected
        for record in self.store.queued():
            self.order[record.id] = (record.number, self.order[record.id][1])

    @rule(modulus=st.integers(1, 4))
    def drop(self, modulus: int) -> None:
        ids = None if modulus == 1 else [name for at, name in enumerate(self.states) if at % modulus == 0]
        queued = sorted((name for name in self.states if self.states[name] == "queued"), key=self.order.__getitem__)
        expected = [name for name in queued if ids is None or name in ids]
        assert names(self.store.drop(ids, 4.0)) == expected
        self.states.update(dict.fromkeys(expected, "interrupted"))
        self.ended += expected

    @rule(modulus=st.integers(1, 4))
    def forget(self, modulus: int) -> None:
        ids = None if modulus == 1 else [name for at, name in enumerate(self.states) if at % modulus == 0]
        gone = {name for name in self.ended if ids is None or name in ids}
        assert self.store.forget(ids) == len(gone)
        self.forgotten(gone)

    @rule(most=st.integers(0, 6))
    def prune(self, most: int) -> None:
        gone = set(self.ended[: max(0, len(self.ended) - most)])
        assert self.store.prune(most, 10**12, at=1.0) == len(gone)
        self.forgotten(gone)

    def forgotten(self, gone: set[str]) -> None:
        self.ended = [name for name in self.ended if name not in gone]
        self.states = {name: state for name, state in self.states.items() if name not in gone}

    @precondition(lambda self: bool(self.states))
    @rule(index=st.integers(0, 99), count=st.integers(1, 3))
    def log(self, index: int, count: int) -> None:
        name = list(self.states)[index % len(self.states)]
        first = self.store.last_seq(name) + 1
        written = self.store.log([message(name, first + i, "c") for i in range(count)])
        assert [each.position for each in written] == [self.position + 1 + i for i in range(count)]
        self.position += count

    @invariant()
    def every_run_is_in_exactly_one_state(self) -> None:
        counts = self.store.counts()
        assert counts == {state: list(self.states.values()).count(state) for state in STATES}
        found = names(self.store.records())
        assert len(found) == len(set(found)) == len(self.states)
        assert {record.id: record.state for record in self.store.records()} == self.states

    @invariant()
    def the_next_is_the_smallest_number_and_the_oldest_of_equals(self) -> None:
        queued = [name for name, state in self.states.items() if state == "queued"]
        queued.sort(key=self.order.__getitem__)
        assert names(self.store.queued()) == queued
        following = self.store.next_queued()
        assert (following.id if following else None) == (queued[0] if queued else None)

    @invariant()
    def the_history_is_in_the_order_of_ending(self) -> None:
        assert names(self.store.records(ENDED, newest_first=False)) == self.ended

    @invariant()
    def no_event_outlives_its_run_and_sizes_add_up(self) -> None:
        assert self.store.last_position() == self.position
        rows = self.store._connection.execute("SELECT count(*) FROM events WHERE place NOT IN (SELECT place FROM runs)")
        assert rows.fetchone() == (0,)
        assert self.store._connection.execute("PRAGMA foreign_key_check").fetchall() == []


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
