"""What can go wrong while starting and keeping the programs.

OperationsError
├── AlreadyRunningError    another `up` works on this home
├── RedisMissingError      no REDIS_URL and no redis-server to start
├── PortsTakenError        no free port near the wanted one
├── PreparationFailedError the database cannot be reached or brought up to date
└── SupervisorFailedError  supervisord does not start, or ended by itself
"""


class OperationsError(Exception):
    """The message is a sentence for the person at the terminal."""


class AlreadyRunningError(OperationsError):
    pass


class RedisMissingError(OperationsError):
    pass


class PortsTakenError(OperationsError):
    pass


class PreparationFailedError(OperationsError):
    pass


class SupervisorFailedError(OperationsError):
    pass
