"""Plain ASGI guards that stand in front of every route and socket."""
