//! REST and WebSocket messages
