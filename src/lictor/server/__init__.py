"""The HTTP and websocket face of Lictor: guards, dispatch, handlers, sockets."""
