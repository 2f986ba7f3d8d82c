"""Language models by who serves them; each imports its provider's client, when such a model is asked for."""
