#!/bin/sh
# HAProxy as Ray starts it, with what Ray's configuration leaves open closed: its statistics and metrics, which would
# answer anybody, are sockets in the folder that only this user may enter. The words are HAProxy's own;
# DEBT_OPTIMIZER_HAPROXY is the program.
for word in "$@"; do
    case $word in
        *.cfg)
            folder=$(dirname "$word")
            sed -i -E \
                -e "/^frontend prometheus/,/no log/ s|^( *bind) .*|\1 unix@$folder/p mode 600|" \
                -e "/^listen stats/,\$ s|^( *bind) .*|\1 unix@$folder/s mode 600|" "$word"
            ;;
    esac
done
exec "$DEBT_OPTIMIZER_HAPROXY" "$@"
