"""What leaves the console as a file."""
