"""Questions to geometries: GeoDataFrames in, GeoDataFrames out, metres on the ellipsoid. See docs/queries.md."""

from regionmap.queries.proximity import near, nearest

__all__ = ["near", "nearest"]
