"""Pages: what a customer sees of an order, and the console's files."""
