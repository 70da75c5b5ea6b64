"""Bodies of requests that come over a connection, as the web server reads them."""


class SocketBody:
    """Reads whole blocks from a connection, and keeps what it has when that fails, as gunicorn does."""

    def __init__(self, connection):
        self.connection, self.held = connection, b""

    def read(self, size=-1):
        while len(self.held) < size and (arrived := self.connection.recv(size - len(self.held))):
            self.held += arrived
        block, self.held = self.held[:size], self.held[size:]
        return block

    readline = read
