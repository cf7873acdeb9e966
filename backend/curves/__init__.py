"""Series as they are drawn, compared and exported."""
