"""The HTTP side: both dialects and the pages, over ready services."""
