#!/bin/sh
# HAProxy as Ray starts it, but with its statistics and metrics on this machine only: Ray's configuration opens both
# to every interface. The words are HAProxy's own; DEBT_OPTIMIZER_HAPROXY is the program.
for word in "$@"; do
    case $word in
        *.cfg) sed -i -E 's/^([[:space:]]*bind) \*?:([0-9]+)$/\1 127.0.0.1:\2/' "$word" ;;
    esac
done
exec "$DEBT_OPTIMIZER_HAPROXY" "$@"
