"""What is seen of the columns: a few queries of the engine that holds the rows, and a sample in memory."""
