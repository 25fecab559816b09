"""Who is asking: secrets and, with the rooms that need them, keys, tokens, sign-in and permissions."""
