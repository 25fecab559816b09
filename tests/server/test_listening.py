import pytest

from server.errors import CannotStart
from server.listening import addresses, bind
from server.settings import Settings


def close(sockets):
    for one in sockets:
        one.close()


def test_a_port_in_use_is_refused_even_when_it_is_shared():
    (taken,) = bind("127.0.0.1", 0)
    port = taken[0].getsockname()[1]
    taken[0].listen()
    with pytest.raises(CannotStart, match=f"Port {port} of 127.0.0.1 is in use by another program"):
        bind("127.0.0.1", port)
    close(taken)
    shared = bind("127.0.0.1", port, 2)
    shared[0][0].listen()
    with pytest.raises(CannotStart, match="in use"):
        bind("127.0.0.1", port, 2)
    for one in shared:
        close(one)


def test_workers_share_one_port():
    sockets = bind("127.0.0.1", 0, 3)
    assert len({one.getsockname() for own in sockets for one in own}) == 1
    for own in sockets:
        close(own)


@pytest.mark.parametrize(("host", "sentence"), [("no.such.host.invalid", "is not known"), ("192.0.2.1", "is no address of this machine")])
def test_an_address_that_cannot_be_used_is_told(host, sentence):
    with pytest.raises(CannotStart, match=sentence):
        bind(host, 0)


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ({}, "http://127.0.0.1:81/"),
        ({"host": "0.0.0.0"}, "http://127.0.0.1:81/"),
        ({"host": "::"}, "http://[::1]:81/"),
        ({"host": "::1"}, "http://[::1]:81/"),
        ({"host": "library"}, "http://library:81/"),
        ({"public_url": "https://l.example/cat"}, "https://l.example/cat/"),
    ],
)
def test_addresses_can_be_clicked(given, first):
    assert addresses(Settings.model_validate(given), 81)[0] == first
