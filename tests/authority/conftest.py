from tests.authority.world import world

__all__ = ["world"]
