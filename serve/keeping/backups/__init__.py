"""All that lasts in one file, and back: the records, the files of batches, and the dashboard's key."""
