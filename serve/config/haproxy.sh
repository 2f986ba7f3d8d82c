#!/bin/sh
# HAProxy as Ray starts it, with what Ray's configuration leaves open closed: its statistics and metrics, which would
# answer anybody, are sockets in the folder that only this user may enter. While it knows no replica yet, it says so
# (503, try again), instead of 404 for every path. The words are HAProxy's own; DEBT_OPTIMIZER_HAPROXY is the program.
problem='{"type":"urn:debt-optimizer:problem:service-unavailable","title":"Service unavailable","status":503,'
problem=$problem'"detail":"the service is starting; try again in a moment","errors":[],"trace_id":"%[uuid()]"}'
for word in "$@"; do
    case $word in
        *.cfg)
            folder=$(dirname "$word")
            sed -i -E \
                -e "/^backend default_backend/,/^backend / s~(http-request return status) 404 .*~\1 503 content-type application/problem+json lf-string '$problem' hdr Retry-After 2~" \
                -e "/^frontend prometheus/,/no log/ s|^( *bind) .*|\1 unix@$folder/p mode 600|" \
                -e "/^listen stats/,\$ s|^( *bind) .*|\1 unix@$folder/s mode 600|" "$word"
            ;;
    esac
done
exec "$DEBT_OPTIMIZER_HAPROXY" "$@"
