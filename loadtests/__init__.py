"""Load on a running portal, over HTTP only."""
