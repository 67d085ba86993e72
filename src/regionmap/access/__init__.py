"""Reach in a whole region: its network is put together here, and asked of the plain `queries`."""
