"""The class convention of custom nodes, read into the engine's own `Node`: classes, schemas, what they return."""
