from typing import Any

from django.conf import settings
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names that may be cached for ever, inside the imports of ES modules too."""

    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        """The demo goes without Brotli, which would take ten seconds of its start."""
        return Compressor(use_brotli=not settings.DEMO, **options)
