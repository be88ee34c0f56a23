print("sibyl")
