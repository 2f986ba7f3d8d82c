"""The commands of whoever runs the service: on this machine, and on a cluster."""
