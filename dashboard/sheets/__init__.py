"""What the file of each list holds, a module a list: some hundred rows in, the values of their lines out."""
