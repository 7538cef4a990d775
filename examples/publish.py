"""Publishes one signed request to Kafka: publish.py HOST:PORT AGENCY MESSAGE, with the agency's key in PARVIS_AGENCY_KEY."""

import base64
import hashlib
import hmac
import json
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

from kafka import KafkaProducer

TOPIC = "parvis.requests.received.v1"

bootstrap, agency, message = sys.argv[1:]
request_id = str(uuid4())  # choose it once and keep it: sent again with the same id, it is the same request
request = {
    "request_id": request_id,
    "agency": agency,
    "channel": "web",
    "received_at": datetime.now(UTC).isoformat(),
    "body": message,
    "citizen": {"name": "Jane Doe", "email": "jane.doe@example.org"},
}
value = json.dumps(request).encode()

signing_key = hmac.new(os.environ["PARVIS_AGENCY_KEY"].encode(), TOPIC.encode(), hashlib.sha256).digest()
signature = b"v1," + base64.b64encode(hmac.new(signing_key, value, hashlib.sha256).digest())

producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
headers = [("content-type", b"application/json"), ("parvis-agency-signature", signature)]
producer.send(TOPIC, key=request_id.encode(), value=value, headers=headers).get(timeout=30)
producer.close()
print(request_id)
