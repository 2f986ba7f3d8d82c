"""An agent run: the model and its tools, step after step, with a checkpoint after each."""
