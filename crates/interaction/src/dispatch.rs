//! At whom a waiting call rings.
