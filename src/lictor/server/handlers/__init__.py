"""One module a resource: each handler answers one operation and knows nothing of ASGI."""
