"""
SimilarityError
├── IndexUnavailableError   the vector index cannot be reached now; it is caught up with later
└── InvalidVectorError      a vector that must never be written or asked with
"""


class SimilarityError(Exception):
    pass


class IndexUnavailableError(SimilarityError):
    pass


class InvalidVectorError(SimilarityError):
    pass
