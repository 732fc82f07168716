"""The story: months of the demo city, told through the real commands, with everything that happens to money."""

from backend.demo.story.telling import Story, Told

__all__ = ["Story", "Told"]
