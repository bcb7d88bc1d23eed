//! Opus and G.711 with caller-owned buffers
