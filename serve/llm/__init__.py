"""Llama and Mixtral on the cluster's own processors: what runs in the environment of `requirements-llm.lock`."""
