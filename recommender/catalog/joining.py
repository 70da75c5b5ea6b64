"""Many values of a subquery in one column, so that a list of rows needs no second question."""

from typing import Any

from django.db.models import Subquery, TextField


class JoinedTexts(Subquery):
    """The values of the text column `joined` with commas between them, NULL where there are none: the database stops
    looking as soon as it has enough of them.
    """

    template = "(SELECT group_concat(found.joined) FROM (%(subquery)s) AS found)"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **given: Any) -> Any:
        template = self.template.replace("group_concat(found.joined)", "string_agg(found.joined, ',')")
        return self.as_sql(compiler, connection, template=template, **given)


class JoinedLines(JoinedTexts):
    """The same, each on a line of its own."""

    template = "(SELECT group_concat(found.joined, char(10)) FROM (%(subquery)s) AS found)"

    def as_postgresql(self, compiler: Any, connection: Any, **given: Any) -> Any:
        template = self.template.replace("group_concat(found.joined, char(10))", "string_agg(found.joined, chr(10))")
        return self.as_sql(compiler, connection, template=template, **given)
