import socket

import pytest

from recommender.operations.errors import PortsTakenError
from recommender.operations.ports import LOOPBACK, find_free_port, is_free
from tests.servers import choose_port


@pytest.fixture
def taken_port():
    with socket.create_server((LOOPBACK, 0)) as server:
        yield server.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken_port):
    assert not is_free(taken_port)


def test_a_port_listened_on_by_every_interface_is_not_free():
    with socket.create_server(("", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_a_port_with_connections_still_closing_is_free():
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        caller = socket.create_connection((LOOPBACK, port))
        answering, _ = server.accept()
        answering.close()
        caller.close()
    assert is_free(port)


def test_the_wanted_port_is_given_when_it_is_free():
    port = choose_port()
    assert find_free_port(port) == port


def test_the_next_free_port_is_given_when_the_wanted_one_is_taken(taken_port):
    assert find_free_port(taken_port) > taken_port


def test_ports_to_avoid_are_not_given():
    port = choose_port()
    assert find_free_port(port, avoid=frozenset({port})) > port


def test_no_free_port_is_an_error_that_names_the_range(taken_port):
    with pytest.raises(PortsTakenError, match=str(taken_port)):
        find_free_port(taken_port, tries=1)


def test_ports_end_where_ports_end():
    with pytest.raises(PortsTakenError, match="65535"):
        find_free_port(65_535, avoid=frozenset({65_535}))
