"""What the console writes into the audit trail, and how its actions are called."""
