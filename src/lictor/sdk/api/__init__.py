"""What the clients' methods ask of the server, one module a resource; `method.py` makes methods of it."""
