"""The parts of a batch: from the bytes of a CSV to results and rejects."""
