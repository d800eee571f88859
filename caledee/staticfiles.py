from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names that may be cached for ever, inside the imports of ES modules too."""

    support_js_module_import_aggregation = True
