"""Language models of one's own: vLLM in an environment of its own, hosted by Ray Serve, and tiny models to try it."""
