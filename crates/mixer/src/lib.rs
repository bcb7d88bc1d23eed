//! Frames and a route plan in, one mix per listener row out
