"""The endpoint over HTTP: who may ask, bodies, errors, events, and the routes."""
