"""What bench.py is made of. Python's standard library only."""
