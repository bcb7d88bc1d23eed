//! Tidy checks and code generation
