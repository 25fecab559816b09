"""A cluster of three nodes loses one by SIGKILL, in the middle of searching and loading."""

import json
import urllib.request

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(600)]

BEFORE, MORE = 300, 4000


def ask(url, path):
    with urllib.request.urlopen(url + path, timeout=70) as answer:
        return json.load(answer)


def manager(cluster):
    """The node that the others follow: what it did must be taken over."""
    name = ask(cluster.nodes[0].url, "/_cat/cluster_manager?format=json")[0]["node"]
    return next(node for node in cluster.nodes if node.name == name)


def until_green(node, count):
    health = ask(node.url, f"/_cluster/health?wait_for_status=green&wait_for_nodes={count}&timeout=60s")
    assert not health["timed_out"], health


def test_a_killed_node_costs_no_record_and_no_wrong_answer(opensearch_cluster, installation, records, storm, tmp_path):
    library = installation(
        opensearch_cluster.url, engine__shards=3, engine__replicas=1, load__commit_every=500, load__batch_size=250
    )  # fmt: skip
    library.serve()
    library.run("load", records(tmp_path / "first.mrc", range(BEFORE), "first"))
    until_green(opensearch_cluster.nodes[0], 3)
    killed = manager(opensearch_cluster)
    left = next(node for node in opensearch_cluster.nodes if node is not killed)
    growing = "searchRetrieve&query=second"
    asked = ("searchRetrieve&query=first", "searchRetrieve&query=first%20sortBy%20dc.title", "scan&scanClause=dc.title%3Dfirst", growing)
    with storm(library, asked) as asking:
        loading = library.start("load", records(tmp_path / "more.mrc", range(BEFORE, BEFORE + MORE), "second"))
        asking.until("the load began", lambda answers: any(one.asked == growing and one.total > 0 for one in answers))
        killed.kill()
        assert loading.poll() is None
        after = len(asking.answers)
        library.ended(loading)
        asking.until_all_are(200)
    until_green(left, 2)  # the copies that were lost have been made again
    assert max(one.total for one in asking.answers[:after] if one.asked == growing) < MORE
    assert [one.total for one in asking.answers if one.asked == growing][-1] == MORE
    for answer in asking.answers:
        if answer.status != 200:
            assert (answer.status, answer.diagnostic, answer.retry_after.isdecimal()) == (503, "2", True), answer
        elif answer.asked == growing:
            assert 0 <= answer.total <= MORE, answer
        else:
            assert answer.total == BEFORE, answer
    killed.start()
    until_green(left, 3)
    assert library.run("verify", "--sample", "20").endswith("Everything agrees.\n")
    library.run("reindex")
    until_green(left, 3)
    assert library.ask(growing).total == MORE
    assert library.run("verify", "--sample", "20").endswith("Everything agrees.\n")
