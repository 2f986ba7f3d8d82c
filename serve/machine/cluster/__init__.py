"""The service on a cluster that runs already: looked at, and deployed, from one of its machines."""
