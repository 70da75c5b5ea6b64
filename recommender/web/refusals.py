"""
BadRequest                  answered by `web.errors.bad_request` with 400 and the sentence of the exception
└── RefusalError            `code` for scripts
    ├── BodyBrokenOffError  (`web.steady_body`) the request ends before its body does
    └── BadAddressError     what the address asks for makes no sense
"""

from django.core.exceptions import BadRequest


class RefusalError(BadRequest):
    code = "bad_request"


class BadAddressError(RefusalError):
    code = "bad_address"
