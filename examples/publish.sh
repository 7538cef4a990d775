#!/bin/sh
# Publishes one request to Kafka with kcat, unsigned: publish.sh HOST:PORT AGENCY
set -eu
id=$(cat /proc/sys/kernel/random/uuid)
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
# The headers are CloudEvents'; none of them has to be there. One line is one record.
kcat -P -b "$1" -t parvis.requests.received.v1 -k "$id" -X acks=all \
    -H content-type=application/json -H ce_specversion=1.0 -H "ce_id=$id" -H "ce_source=$2" \
    -H ce_type=parvis.requests.received.v1 -H "ce_time=$now" <<EOT
{"request_id": "$id", "agency": "$2", "channel": "web", "received_at": "$now", "body": "The lamp in front of 12 Elm Street is out"}
EOT
echo "$id"
