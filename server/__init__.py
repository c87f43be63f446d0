"""The HTTP server: JSON in, JSON out, websockets as views of the event log. Nothing here knows a tensor."""
