//! Virtual clock, seeded network, scripted parties
