//! The location service at its edges.
