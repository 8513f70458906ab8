"""What the house needs besides the program: import contracts, checks, the console's build."""
