"""OpenSearch goes away under load: callers are told so in the words of SRU, nothing is lost, and all comes back by itself."""

import os
import signal

import pytest

pytestmark = pytest.mark.slow

SEARCH = "searchRetrieve&query=first"
SORTED = "searchRetrieve&query=first%20sortBy%20dc.title"
SCAN = "scan&scanClause=dc.title%3Dfirst&maximumTerms=1"


def refused_properly(answer):
    """Diagnostic 2 (system temporarily unavailable), HTTP 503, and when to try again."""
    return (answer.status, answer.diagnostic, answer.retry_after.isdecimal()) == (503, "2", True)


@pytest.fixture
def open_library(opensearch_node, installation, records, tmp_path):
    """A server over two hundred records."""
    library = installation(opensearch_node.url, engine__timeout_s=2, load__commit_every=500, load__batch_size=250)
    library.serve()
    library.run("load", records(tmp_path / "first.mrc", range(200), "first"))
    return library


@pytest.fixture
def outage(opensearch_node):
    """The two ways to go away, and how to come back."""

    def stop():
        opensearch_node.stop()

    def start():
        opensearch_node.start()
        opensearch_node.until_ready()

    def freeze():
        os.kill(opensearch_node.process.pid, signal.SIGSTOP)

    def thaw():
        os.kill(opensearch_node.process.pid, signal.SIGCONT)

    return {"stopped": (stop, start), "stuck": (freeze, thaw)}


@pytest.mark.parametrize("how", ["stopped", "stuck"])
def test_under_load_callers_are_told_and_the_service_returns_by_itself(open_library, outage, storm, how):
    go_away, come_back = outage[how]
    with storm(open_library, (SEARCH, SORTED, SCAN)) as asking:
        asking.until_all_are(200)
        go_away()
        asking.until_all_are(503)
        assert open_library.ask("explain").status == 200
        come_back()
        asking.until_all_are(200)
    for answer in asking.answers:
        assert (answer.status, answer.total) == (200, 200) or refused_properly(answer), answer
        assert answer.took_s < 10, answer


def test_a_load_goes_on_when_opensearch_was_killed_and_comes_back(open_library, opensearch_node, records, tmp_path, until):
    more = records(tmp_path / "more.mrc", range(200, 6200), "second")
    loading = open_library.start("load", more)
    until(lambda: open_library.ask("searchRetrieve&query=second").total > 0, "some of the load was visible")
    opensearch_node.kill()
    assert loading.poll() is None
    assert refused_properly(open_library.ask(SEARCH))
    opensearch_node.start()
    opensearch_node.until_ready()
    open_library.ended(loading)
    assert open_library.ask("searchRetrieve&query=second").total == 6000
    assert open_library.ask(SEARCH).total == 200
    assert open_library.run("verify", "--sample", "20").endswith("Everything agrees.\n")
