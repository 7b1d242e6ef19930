"""A roster file on its way in: read and cleaned, compared with the roster, applied when somebody agrees."""
