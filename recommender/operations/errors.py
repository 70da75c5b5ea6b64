"""What can go wrong while starting and keeping the programs, and in the commands of whoever runs them.

OperationsError
├── AlreadyRunningError    another `up` works on this home
├── RedisMissingError      no REDIS_URL and no redis-server to start
├── PortsTakenError        no free port near the wanted one
├── PreparationFailedError the database cannot be reached or brought up to date
├── SupervisorFailedError  supervisord does not start, or ended by itself
├── ReportNotWrittenError  the file for a report cannot be written
├── CatalogTooSmallError   too few tracks have a vector to measure or to learn from
├── EncoderNotInstalledError files of an encoder are missing or wrong, or do not fit
└── AdaptationFailedError  no encoder can be adapted to this catalog, or its name is taken
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


class ReportNotWrittenError(OperationsError):
    pass


class CatalogTooSmallError(OperationsError):
    pass


class EncoderNotInstalledError(OperationsError):
    pass


class AdaptationFailedError(OperationsError):
    pass
