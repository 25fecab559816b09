"""Lists that break, go on for ever or forget their tokens; and runs that are interrupted."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
import yaml
from aiohttp import web

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def seven(repository):
    for number in range(1, 8):
        repository.put(number)
    return repository


async def test_a_token_that_comes_again_ends_the_run(desk, seven):
    seven.trouble = lambda number, arguments: (
        seven.xml(seven.envelope(f"<ListRecords>{seven.put(number).record()}<resumptionToken>again</resumptionToken></ListRecords>"))
        if "List" in arguments["verb"] and arguments["verb"] != "ListMetadataFormats" else None
    )  # fmt: skip
    outcome = await desk.harvest()
    assert "given before" in outcome.failure
    assert len(seven.lists()) == 2
    state = await desk.state()
    assert (state["verb"], state["last_from"]) == ("", None)
    assert "given before" in state["last_error"]


async def test_a_list_that_is_much_longer_than_announced_ends_the_run(desk, seven):
    def endless(number, arguments):
        if arguments["verb"] != "ListRecords":
            return None
        item = seven.put(number)
        return seven.xml(
            seven.envelope(f'<ListRecords>{item.record()}<resumptionToken completeListSize="4">t{number}</resumptionToken></ListRecords>')
        )

    seven.trouble = endless
    assert "may be endless" in (await desk.harvest()).failure
    assert len(seven.lists()) == 7
    assert len(await desk.live()) == 7


async def test_empty_pages_are_believed_only_for_a_while(desk, repository):
    repository.trouble = lambda number, arguments: (
        repository.xml(repository.envelope(f"<ListRecords><resumptionToken>t{number}</resumptionToken></ListRecords>"))
        if arguments["verb"] == "ListRecords" else None
    )  # fmt: skip
    assert "had no items" in (await desk.harvest()).failure
    assert len(repository.lists()) == 5


async def test_one_empty_page_in_between_does_no_harm(desk, seven, counts):
    def detour(number, arguments):
        if arguments.get("resumptionToken") == "detour":
            return seven.xml(seven.envelope(seven.list("ListRecords", {"resumptionToken": "ListRecords||9|3"})))
        if arguments.get("resumptionToken") == "ListRecords||9|3":
            return seven.xml(seven.envelope("<ListRecords><resumptionToken>detour</resumptionToken></ListRecords>"))
        return None

    seven.trouble = detour
    assert counts(await desk.harvest()) == {"added": 7}


async def test_a_token_that_is_refused_once_is_sent_again(desk, seven, counts):
    seven.trouble = lambda number, arguments: (
        seven.error("badResumptionToken") if number == 2 and "resumptionToken" in arguments else None
    )  # fmt: skip
    outcome = await desk.harvest()
    assert counts(outcome) == {"added": 7}
    assert seven.lists()[1] == seven.lists()[2]


async def test_an_expired_token_begins_the_list_anew_once(hasty, seven, counts):
    seven.dead.add("ListRecords||9|3")
    seven.trouble = lambda number, arguments: seven.dead.clear() if number > 3 else None
    outcome = await hasty.harvest()
    assert counts(outcome) == {"added": 7, "skipped": 3}
    assert [("resumptionToken" in one) for one in seven.lists()] == [False, True, True, False, True, True]


async def test_a_token_that_never_works_fails_the_run(desk, seven):
    seven.dead.add("ListRecords||9|3")
    outcome = await desk.harvest()
    assert outcome.failure == "The source answers ListRecords with badResumptionToken: too old."
    assert len(await desk.live()) == 3


async def test_a_run_that_fails_goes_on_from_its_place(hasty, seven, counts):
    seven.trouble = lambda number, arguments: web.Response(status=404) if number >= 3 else None
    outcome = await hasty.harvest()
    assert "HTTP 404" in outcome.failure
    state = await hasty.state()
    assert (state["token"], state["cursor"], state["complete_list_size"]) == ("ListRecords||9|6", 6, 7)
    seven.trouble, seven.now = lambda number, arguments: None, "2026-03-01T00:00:00Z"
    outcome = await hasty.harvest(resume=True)
    assert (counts(outcome), outcome.how) == ({"added": 1}, "resumed")
    assert seven.lists()[-1]["resumptionToken"] == "ListRecords||9|6"
    assert (await hasty.state())["last_from"].month == 1  # the first answer's date, not the last one's
    assert (await hasty.harvest(resume=True)).how == "nothing"


@pytest.mark.parametrize("answer", ["badResumptionToken", 500, 404])
async def test_a_saved_token_that_is_dead_begins_the_list_anew(hasty, seven, counts, answer):
    seven.trouble = lambda number, arguments: web.Response(status=404) if number >= 2 else None
    await hasty.harvest()
    dead = "ListRecords||9|3"
    first = len(seven.lists())

    def refuse(number, arguments):
        if arguments.get("resumptionToken") == dead and first < number <= first + 5:
            return seven.error(answer) if isinstance(answer, str) else web.Response(status=answer)
        return None

    seven.trouble = refuse if answer != "badResumptionToken" else lambda n, a: seven.error(answer) if first < n <= first + 2 else None
    if answer == 404:
        seven.trouble = lambda n, a: web.Response(status=404) if n == first + 1 else None
    outcome = await hasty.harvest()
    assert counts(outcome) == {"added": 4, "skipped": 3}
    assert outcome.failure == ""


async def test_a_page_that_breaks_off_is_asked_for_again(desk, seven, counts):
    async def broken(request):
        response = web.StreamResponse(headers={"Content-Type": "text/xml"})
        await response.prepare(request)
        await response.write(seven.envelope(seven.body(dict(request.query))).encode()[:400])
        request.transport.abort()
        return response

    seven.trouble = lambda number, arguments: broken if number == 2 and "resumptionToken" in arguments else None
    outcome = await desk.harvest()
    assert counts(outcome) == {"added": 7}
    assert desk.waits == [1.0]


async def test_xml_that_breaks_off_is_asked_for_again(desk, seven, counts):
    def half(number, arguments):
        whole = seven.envelope(seven.body(arguments))
        return seven.xml(whole[: whole.rindex("<record>") + 40]) if number == 2 and "resumptionToken" in arguments else None

    seven.trouble = half
    assert counts(await desk.harvest()) == {"added": 7}


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html><body>Please log in</body></html>", "", "{}", "<a/>"])
async def test_what_is_no_answer_at_all_fails_the_run(desk, seven, page):
    seven.trouble = lambda number, arguments: seven.xml(page) if arguments["verb"] == "ListRecords" else None
    outcome = await desk.harvest()
    assert "cannot be read" in outcome.failure
    assert (await desk.state())["last_from"] is None


async def test_protocol_errors_with_http_errors_are_understood(desk, seven):
    def not_found(number, arguments):
        if arguments["verb"] != "ListRecords":
            return None
        return web.Response(status=404, text=seven.envelope('<error code="noRecordsMatch"/>'), content_type="text/xml")

    seven.trouble = not_found
    assert (await desk.harvest()).is_complete


async def test_a_refused_list_is_told_in_the_sources_words(desk, seven):
    seven.trouble = lambda number, arguments: seven.error("noSetHierarchy", "no sets here") if "set" in arguments else None
    assert (await desk.harvest(desk.source(sets="a"))).failure == "The source answers ListRecords with noSetHierarchy: no sets here."


async def test_an_interrupted_comparison_goes_on(hasty, repository, counts):
    repository.deleted_record = "no"
    repository.page = 4
    for number in range(10, 30):
        repository.put(number)
    await hasty.harvest()
    await hasty.pool.execute("update harvest set last_compared = null")
    del repository.items["oai:test:12"]
    before = len(repository.lists())
    repository.trouble = lambda number, arguments: web.Response(status=404) if number >= before + 4 else None
    assert (await hasty.harvest()).failure
    assert (await hasty.state())["verb"] == "ListIdentifiers"
    repository.trouble = lambda number, arguments: None
    outcome = await hasty.harvest()
    assert counts(outcome).get("deleted") == 1
    assert repository.lists()[before + 4]["resumptionToken"].startswith("ListIdentifiers")
    assert len(await hasty.live()) == 19


async def test_two_runs_at_once_do_not_meet(desk, seven):
    waiting, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request):
        waiting.set()
        await go_on.wait()
        return seven.xml(seven.envelope(seven.body(dict(request.query))))

    seven.trouble = lambda number, arguments: slow if number == 1 and arguments["verb"] == "ListRecords" else None
    first = asyncio.create_task(desk.harvest())
    await waiting.wait()
    outcome = await desk.harvest()
    assert outcome.failure == "Another process is harvesting test at this moment."
    go_on.set()
    assert (await first).is_complete
    assert len(await desk.live()) == 7


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)], ids=["kill -9", "Ctrl-C"])
async def test_a_run_that_is_killed_loses_nothing_and_the_next_one_goes_on(desk, repository, counts, tmp_path, sent, code):
    for number in range(100, 400):
        repository.put(number)
    repository.page = 25
    reached = asyncio.Event()

    def watch(number, arguments):
        if number == 9:
            reached.set()
            return stuck
        return None

    async def stuck(request):
        await asyncio.Event().wait()

    repository.trouble = watch
    file = tmp_path / "settings.yaml"
    settings = {
        "data_dir": str(desk.settings.data_dir), "database": {"url": desk.settings.database.url}, "secret_key": "k" * 32,
        "load": {"batch_size": 10, "workers": 1}, "sources": [{"name": "test", "base_url": repository.url, "delay": 0}],
    }  # fmt: skip
    file.write_text(yaml.safe_dump(settings))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HYLLA_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "--config", str(file), "harvest", "test", cwd=ROOT, env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await asyncio.wait_for(reached.wait(), 120)
    process.send_signal(sent)
    assert await asyncio.wait_for(process.wait(), 60) == code
    stored = len(await desk.live())
    assert 0 < stored < 300
    repository.trouble = lambda number, arguments: None
    before = len(repository.lists())
    outcome = await desk.harvest()
    assert outcome.how == "resumed"
    assert "resumptionToken" in repository.lists()[before]
    assert len(await desk.live()) == len(await desk.found()) == 300
    assert counts(outcome)["added"] == 300 - stored
