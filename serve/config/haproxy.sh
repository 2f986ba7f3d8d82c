#!/bin/sh
# HAProxy as Ray starts it, from Ray's configuration, in which this closes what stands open:
# - Statistics and metrics, which would answer anybody, are sockets in the folder that only this user may enter.
# - A client that sends its request too slowly is answered 408, one with too many connections is turned away. A stream
#   of events stays open: it is heard of every fifteen seconds.
# - What HAProxy itself answers is application/problem+json, as what the endpoint answers.
# Words are HAProxy's own. DEBT_OPTIMIZER_HAPROXY is the program, DEBT_OPTIMIZER_ANSWERS the folder of its answers,
# DEBT_OPTIMIZER_CONNECTIONS how many connections one address may have, DEBT_OPTIMIZER_REQUEST_S how long a request may
# take to arrive, DEBT_OPTIMIZER_HEAD_BYTES how large its head may be, DEBT_OPTIMIZER_ALL_PATHS whether one application
# has all paths: one that is not known is then just starting anew.
for word in "$@"; do
    case $word in
        *.cfg) config=$word ;;
        -sf) is_reload=yes ;;
    esac
done
if [ -n "$config" ]; then
    folder=$(dirname "$config")
    answers=$DEBT_OPTIMIZER_ANSWERS
    unknown="/^backend default_backend/,/^backend http/ s|^( *http-request) return .*|\1 deny deny_status 503|"
    grep -q "# closed" "$config" || sed -i -E \
        -e "/^frontend prometheus/,/no log/ s|^( *bind) .*|\1 unix@$folder/p mode 600|" \
        -e "/^listen stats/,\$ s|^( *bind) .*|\1 unix@$folder/s mode 600|" \
        -e "s|^( *timeout http-keep-alive) .*|\1 30s|" \
        -e "s|^( *errorfile 50[234]) .*|\1 $answers/503.http|" \
        -e "${DEBT_OPTIMIZER_ALL_PATHS:+$unknown}" \
        -e "/^defaults/a\\
    # closed\\
    timeout http-request ${DEBT_OPTIMIZER_REQUEST_S}s\\
    timeout tunnel 120s\\
    errorfile 408 $answers/408.http" \
        -e "/^frontend http_frontend/a\\
    stick-table type ipv6 size 100k expire 10m store conn_cur\\
    tcp-request connection track-sc0 src\\
    tcp-request connection reject if { sc0_conn_cur gt $DEBT_OPTIMIZER_CONNECTIONS }\\
    http-request return errorfile $answers/431.http if { req.hdrs,length gt $DEBT_OPTIMIZER_HEAD_BYTES }\\
    http-request wait-for-body time ${DEBT_OPTIMIZER_REQUEST_S}s" "$config"
    # One that Ray does not know of, as after its manager has died, hands over its ports and drains.
    before=$(cat "$folder/pid" 2>/dev/null)
    if [ -z "$is_reload" ] && [ -n "$before" ] && grep -qF "$config" "/proc/$before/cmdline" 2>/dev/null; then
        set -- "$@" -sf "$before" -x "$folder/a"
    fi
    echo $$ >"$folder/pid"
fi
exec "$DEBT_OPTIMIZER_HAPROXY" "$@"
