#!/bin/sh
# In place of Ray's agent of metrics, without which its raylet does not start: says that there are no ports to ask at,
# and waits until it is ended. Words: the session's folder, the node's id.
for port in metrics_agent_port metrics_export_port dashboard_agent_listen_port; do
    printf %s -1 >"$1/.$port" && mv "$1/.$port" "$1/${port}_$2"
done
while :; do sleep 3600; done
