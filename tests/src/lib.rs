//! Simulation, end-to-end and browser tests
