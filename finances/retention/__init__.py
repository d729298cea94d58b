"""What was set aside for a time only, and goes when its time is over: in small batches, with pauses between them."""
