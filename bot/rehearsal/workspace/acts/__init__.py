"""What people do in the workspace, as a test or the page asks for it; one module a kind of act."""
