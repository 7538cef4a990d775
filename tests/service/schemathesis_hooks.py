"""Lets schemathesis send lines of JSON: the batch is a text of them."""

import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
