"""Drawing: graphs as pictures, in a process of its own, which knows nothing but what it draws."""
