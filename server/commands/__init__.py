"""What the commands do; `server.cli` reads their options and tells the exit code."""
