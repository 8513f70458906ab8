"""The example company and the outside world around it, each a program of its own."""
