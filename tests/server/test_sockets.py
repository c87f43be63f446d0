"""Each socket hears what is meant for it, in order, and whatever one of them does, the others do not notice."""

import asyncio
import json
from collections.abc import AsyncIterator
from struct import unpack

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from runs.records import Message, PreviewFrame
from server.events_socket import HUB
from server.settings import Settings
from server.sockets import Outbox, Ping, Timings
from server.wire import Picture, Text
from tests.server.hand_log import (
    FAST,
    SECONDS,
    Client,
    HandLog,
    frame,
    frames,
    is_live,
    joined,
    listening,
    silent,
    types,
    until,
)


@pytest.fixture
def log() -> HandLog:
    return HandLog()


@pytest.fixture
async def client(log: HandLog) -> AsyncIterator[Client]:
    async with listening(log) as one:
        yield one


# Who hears what


async def test_a_client_without_an_id_is_given_one(client: Client) -> None:
    socket = await client.ws_connect("/ws")
    greeting = await frame(socket)
    assert greeting["type"] == "status"
    assert greeting["data"]["status"] == {"exec_info": {"queue_remaining": 0}}
    assert len(greeting["data"]["sid"]) == 32


async def test_what_a_client_can_do_is_answered_with_what_the_server_can_do(client: Client) -> None:
    socket = await client.ws_connect("/ws", params={"clientId": "me"})
    await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    assert (await frame(socket))["type"] == "status"
    assert await frame(socket) == {
        "type": "feature_flags",
        "data": {"supports_preview_metadata": True, "max_upload_size": 104857600},
    }


async def test_a_run_is_told_to_its_client_and_its_queue_to_all(client: Client, log: HandLog) -> None:
    mine, other = await joined(client), await joined(client, "other")
    log.say("execution_start")
    log.say("progress_state", seq=0)
    log.change_queue(4)
    assert types(await frames(mine, 3)) == ["execution_start", "progress_state", "status"]
    assert (await frame(other))["data"] == {"status": {"exec_info": {"queue_remaining": 4}}}
    assert await silent(other)


async def test_of_a_run_without_a_client_only_progress_is_told_and_that_to_all(client: Client, log: HandLog) -> None:
    sockets = [await joined(client, name) for name in ("a", "b")]
    for kind in ("execution_start", "execution_cached", "executing", "progress", "executed", "execution_success"):
        log.say(kind, None)
    log.say("progress_state", None, seq=0)
    log.tell(PreviewFrame("r", None, "3", "3", None, "image/jpeg", b"\xff\xd8"))
    log.say("execution_interrupted", None)
    for socket in sockets:
        assert types(await frames(socket, 2)) == ["progress", "progress_state"]
        assert await socket.receive_bytes(timeout=SECONDS) == b"\0\0\0\1\0\0\0\1\xff\xd8"
        assert types(await frames(socket, 1)) == ["execution_interrupted"]


async def test_previews_come_with_metadata_to_those_who_know_it(client: Client, log: HandLog) -> None:
    new = await joined(client, "new", {"supports_preview_metadata": True})
    old = await joined(client, "old", {"supports_preview_metadata": "yes"})
    for name in ("new", "old"):
        log.tell(PreviewFrame("r", name, "3", "2", "1", "image/webp", b"RIFF"))
        log.tell(PreviewFrame("r", name, "4", "4", None, "image/png", b"\x89PNG"))
    data = await new.receive_bytes(timeout=SECONDS)
    event, length = unpack(">II", data[:8])
    assert event == 4
    assert json.loads(data[8 : 8 + length])["image_type"] == "image/webp"
    assert data[8 + length :] == b"RIFF"
    assert await old.receive_bytes(timeout=SECONDS) == b"\0\0\0\1\0\0\0\2\x89PNG"


async def test_a_client_that_asks_gets_run_and_sequence_number(client: Client, log: HandLog) -> None:
    socket = await joined(client, "me", {"event_sequence": True})
    log.say("execution_start", seq=7)
    log.say("progress", seq=0)
    first, second = await frames(socket, 2)
    assert (first["seq"], first["run"]) == (7, "r")
    assert (second["seq"], second["run"]) == (0, "r")


async def test_two_windows_with_one_id_both_hear(client: Client, log: HandLog) -> None:
    windows = [await joined(client), await joined(client)]
    log.say("executing", node="1")
    for window in windows:
        assert (await frame(window))["data"]["node"] == "1"


async def test_the_queue_is_told_twenty_times_a_second_at_most_and_the_last_length_always(
    client: Client, log: HandLog
) -> None:
    socket = await joined(client)
    for remaining in range(500, -1, -1):
        log.change_queue(remaining)
    lengths: list[int] = []
    while 0 not in lengths:
        lengths.append((await frame(socket))["data"]["status"]["exec_info"]["queue_remaining"])
    assert lengths[:3] == [500, 499, 498]
    assert len(lengths) < 60


# Coming back


async def test_a_client_that_comes_back_is_told_what_it_missed_and_nothing_twice(client: Client, log: HandLog) -> None:
    socket = await joined(client)
    for seq in range(1, 4):
        log.say("executed", seq=seq, number=seq)
    log.say("executing", node=None, seq=4)
    assert len(await frames(socket, 4)) == 4
    reading = asyncio.create_task(socket.receive())  # answers the ping that follows the end of a run
    await until(lambda: log.heard["me"] == 4)
    reading.cancel()
    await socket.close()
    for seq in range(5, 1205):
        log.say("executed", seq=seq, number=seq)
        log.say("executed", "other", run="q", seq=seq)
    again = await client.ws_connect("/ws", params={"clientId": "me"})
    told = await frames(again, 1201)
    assert told[0]["type"] == "status"
    assert [each["data"]["number"] for each in told[1:]] == list(range(5, 1205))
    assert await silent(again)


async def test_two_windows_that_come_back_at_once_are_both_told_what_was_missed(client: Client, log: HandLog) -> None:
    log.heard["me"] = 0
    log.say("executed", number=1)
    windows = await asyncio.gather(*(client.ws_connect("/ws", params={"clientId": "me"}) for _ in range(2)))
    for window in windows:
        assert [each["data"].get("number") for each in await frames(window, 2)] == [None, 1]


async def test_a_long_way_back_is_acknowledged_page_by_page(client: Client, log: HandLog) -> None:
    await (await joined(client)).close()
    for seq in range(1, 501):
        log.say("executed", seq=seq)
    again = await client.ws_connect("/ws", params={"clientId": "me"})
    await frames(again, 501)
    reading = asyncio.create_task(again.receive())
    await until(lambda: log.heard["me"] == 500)
    reading.cancel()


async def test_what_was_not_acknowledged_is_told_again(client: Client, log: HandLog) -> None:
    deaf = await joined(client, autoping=False)
    for seq in range(1, 4):
        log.say("executed", seq=seq, number=seq)
    await frames(deaf, 3)
    await deaf.close()
    again = await client.ws_connect("/ws", params={"clientId": "me"})
    told = await frames(again, 4)
    assert [each["data"].get("number") for each in told] == [None, 1, 2, 3]


async def test_what_is_told_while_a_client_catches_up_comes_once_and_in_order(client: Client, log: HandLog) -> None:
    await (await joined(client)).close()
    await until(lambda: not client.app[HUB]._clients)  # pyright: ignore[reportPrivateUsage]

    def tell_more() -> None:
        if len(log.rows) < 50:
            log.say("executed", seq=len(log.rows) + 1, number=len(log.rows) + 1)
            log.say("progress", seq=0)

    log.look = tell_more
    log.at_work["me"] = ["r"]
    log.snapshots["r"] = [Message("r", "me", 0, "executing", {"prompt_id": "r", "node": "5"}, 0.0)]
    again = await client.ws_connect("/ws", params={"clientId": "me"})
    told = await frames(again, 52)
    assert [each["data"].get("number") for each in told[1:51]] == list(range(1, 51))
    assert told[51]["type"] == "executing"
    log.say("executed", seq=51, number=51)
    assert (await frame(again))["data"]["number"] == 51


async def test_what_was_read_from_the_log_before_it_was_told_is_not_told_again(client: Client, log: HandLog) -> None:
    await (await joined(client)).close()
    await until(lambda: not client.app[HUB]._clients)  # pyright: ignore[reportPrivateUsage]
    early = Message("r", "me", 1, "executed", {"number": 1}, 0.0, 1)
    log.rows.append(early)
    again = await client.ws_connect("/ws", params={"clientId": "me"})
    assert [each["data"].get("number") for each in await frames(again, 2)] == [None, 1]
    await is_live(client, "me")
    for hear in log.hearers:
        hear(early)
    log.say("executed", seq=2, number=2)
    assert (await frame(again))["data"]["number"] == 2


async def test_a_new_client_whose_run_is_at_work_is_told_where_it_is(client: Client, log: HandLog) -> None:
    log.say("execution_start")
    log.at_work["me"] = ["r"]
    log.snapshots["r"] = [
        Message("r", "me", 0, "progress_state", {"prompt_id": "r", "nodes": {}}, 0.0),
        Message("r", "me", 0, "executing", {"prompt_id": "r", "node": "5"}, 0.0),
    ]
    socket = await client.ws_connect("/ws", params={"clientId": "me"})
    assert types(await frames(socket, 3)) == ["status", "progress_state", "executing"]


async def test_a_client_has_heard_what_the_slower_of_its_windows_has_heard(client: Client, log: HandLog) -> None:
    quick, deaf = await joined(client), await joined(client, autoping=False)
    log.say("executing", node=None)
    await frames(deaf, 1)
    await frames(quick, 1)
    reading = asyncio.create_task(quick.receive())
    hub = client.app[HUB]
    await until(lambda: any(each.heard == 1 for each in hub._audience("me", is_shared=False)))  # pyright: ignore
    await asyncio.sleep(5 * FAST.look)
    assert log.heard["me"] == 0
    reading.cancel()


# Those who misbehave


async def test_a_slow_reader_is_closed_others_are_not_held_up_and_it_can_come_back_for_the_rest(
    log: HandLog,
) -> None:
    async with listening(log, Settings(most_backlog=3_000_000)) as client:
        slow, quick = await joined(client, "slow"), await joined(client, "quick", max_msg_size=0)
        text = "x" * 1_000_000
        for seq in range(1, 41):
            log.say("executed", "slow", seq=seq, number=seq, text=text)
            log.say("executed", "quick", seq=seq, run="q", number=seq)
            assert (await frame(quick))["data"]["number"] == seq
        heard: list[int] = []
        while (word := await slow.receive(timeout=SECONDS)).type is WSMsgType.TEXT:
            heard.append(json.loads(word.data)["data"]["number"])
        assert slow.close_code == 1013
        assert heard == list(range(1, len(heard) + 1))
        assert len(heard) < 40
        await until(lambda: "slow" not in client.app[HUB]._clients)  # pyright: ignore[reportPrivateUsage]
        again = await client.ws_connect("/ws", params={"clientId": "slow"}, max_msg_size=0)
        told = await frames(again, 41)
        assert [each["data"].get("number") for each in told[1:]] == list(range(1, 41))


async def test_a_stale_socket_is_closed_and_one_that_answers_is_not(log: HandLog) -> None:
    async with listening(log, timings=Timings(ping=0.1, stale=1.0, look=0.02)) as client:
        deaf, alive = await joined(client, "deaf", autoping=False), await joined(client, "alive")
        reading = asyncio.create_task(alive.receive())
        while (word := await deaf.receive(timeout=SECONDS)).type is WSMsgType.PING:
            pass
        assert word.type is WSMsgType.CLOSE
        assert word.data == 1013
        assert not reading.done()
        log.change_queue(1)
        assert json.loads((await reading).data)["type"] == "status"


async def test_more_sockets_than_allowed_are_refused_until_one_goes(log: HandLog) -> None:
    async with listening(log, Settings(most_sockets=2)) as client:
        first, _ = await joined(client, "a"), await joined(client, "b")
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/ws")
        assert refused.value.status == 503
        await first.close()
        await until(lambda: not client.app[HUB].is_full())
        await joined(client, "c")


async def test_what_clients_send_is_ignored_unless_it_is_known(client: Client, log: HandLog) -> None:
    socket = await joined(client)
    for text in ("", "no JSON", "[" * 9_000, "5", '{"type": "feature_flags"}', '{"type": "prompt", "data": {}}',
                 '{"type": "feature_flags", "data": [1]}', "x" * 500_000):  # fmt: skip
        await socket.send_str(text)
    await socket.send_bytes(b"\0" * 1000)
    await socket.ping(b"hello")
    log.say("executing", node="1")
    assert (await frame(socket))["type"] == "executing"


async def test_a_frame_of_more_than_a_megabyte_ends_the_socket(client: Client) -> None:
    socket = await joined(client)
    await socket.send_bytes(b"\0" * (2**20 + 1))
    assert (await socket.receive(timeout=SECONDS)).type is WSMsgType.CLOSE
    assert socket.close_code == 1009


@pytest.mark.parametrize("client_id", ["x" * 201, "a\r\nb", "a\0"])
async def test_long_ids_and_control_characters_are_refused(client: Client, client_id: str) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/ws", params={"clientId": client_id})
    assert refused.value.status == 400


async def test_a_plain_request_is_told_what_this_address_is(client: Client) -> None:
    answer = await client.get("/ws")
    assert answer.status == 400
    assert "websocket" in (await answer.json())["error"]["message"]


async def test_when_the_server_ends_sockets_are_closed_with_the_reason(log: HandLog) -> None:
    async with listening(log) as client:
        socket = await joined(client)
        reading = asyncio.create_task(socket.receive())
        await client.server.close()
        assert (await reading).type is WSMsgType.CLOSE
        assert socket.close_code == 1001
        assert log.hearers == []


async def test_hundreds_of_sockets_hear_the_same(log: HandLog) -> None:
    async with listening(log) as client:
        sockets = [await client.ws_connect("/ws", params={"clientId": str(number)}) for number in range(300)]
        await asyncio.gather(*(frame(socket) for socket in sockets))
        for number in range(300):
            await is_live(client, str(number))
        log.change_queue(5)
        told = await asyncio.gather(*(frame(socket) for socket in sockets))
        assert {each["data"]["status"]["exec_info"]["queue_remaining"] for each in told} == {5}


# Outboxes


async def test_the_newest_preview_of_a_node_takes_the_place_of_one_that_waits() -> None:
    outbox = Outbox()
    outbox.put(Picture(PreviewFrame("r", "me", "3", "3", None, "image/jpeg", b"old")))
    outbox.put(Text("progress", {"value": 1}))
    outbox.put(Picture(PreviewFrame("r", "me", "4", "4", None, "image/jpeg", b"other")))
    outbox.put(Picture(PreviewFrame("r", "me", "3", "3", None, "image/jpeg", b"newer")))
    assert outbox.size == len(b"newer") + len(b"other") + len(Text("progress", {"value": 1}).plain())
    taken = [outbox.next() for _ in range(4)]
    assert [each.frame.image for each in taken if isinstance(each, Picture)] == [b"newer", b"other"]
    assert isinstance(taken[1], Text)
    assert taken[3] is None
    assert outbox.size == 0


async def test_pings_keep_their_place_and_do_not_heap_up() -> None:
    outbox = Outbox()
    outbox.put(Text("a", {}))
    outbox.put(Ping())
    outbox.put(Ping())
    outbox.put(Text("b", {}))
    taken = [outbox.next() for _ in range(4)]
    assert [type(each) for each in taken] == [Text, Ping, Text, type(None)]
